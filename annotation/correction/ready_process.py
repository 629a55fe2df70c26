"""Having a process ready before somebody waits for it: starting one and loading a model there takes seconds."""

from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from time import monotonic

import numpy as np

from annotation.correction.whole_picture import solve_apart
from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Image, Trimap
from matting.models.classical.compiling import READY
from matting.solving.separate_process import KEPT_SECONDS, LostError


def have_ready(task: Callable[..., object], *arguments: object) -> None:
    """Do a small task in another process, which is then kept for a while; returns at once."""

    def do() -> None:
        with suppress(LostError):
            task(*arguments)

    if READY.is_set():  # until then the machine is still compiling what that process would load
        Thread(target=do, name="getting ready", daemon=True).start()


def tiny_photo() -> tuple[Image, Trimap]:
    """A photo and its trimap that every model with a trimap solves in no time."""
    trimap = np.full((64, 64), UNKNOWN, np.uint8)
    trimap[:16], trimap[48:] = BACKGROUND, FOREGROUND
    return np.zeros((64, 64, 3), np.uint8), trimap


class FinishingReady:
    """Keeps a process that has loaded the finishing model for as long as somebody paints."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.renewed = -KEPT_SECONDS

    def renew(self) -> None:
        """Somebody paints; returns at once."""
        if monotonic() - self.renewed > KEPT_SECONDS / 2:
            self.renewed = monotonic()
            have_ready(solve_apart, self.model, *tiny_photo())
