"""Loading what the first picture needs while the person is still choosing it, and showing the progress."""

import logging
import subprocess
import sys
import threading

import gradio as gr
import numpy as np

from annotation.correction.ready_process import tiny_photo
from annotation.studio import follow_strokes
from matting import MODELS, load_model
from matting.environment.own_process import own_environment
from matting.models import mobile_sam
from matting.models.classical.compiling import warm_up
from matting.weights import WeightsError, find_weights

COMPILING = "Compiling the solvers: a minute at the first start. You can begin; only soft edges have rough colours."
COMPILE = """
from matting.environment.own_process import yield_to_others
yield_to_others(10)
from matting.models.classical.compiling import warm_up
warm_up()
"""
"""Runs in a process of its own: it fills numba's cache while this one stays free to serve pages."""

log = logging.getLogger(__name__)


class Warmup:
    """One background thread for the whole app: fetches the default weights, loads the models, compiles the solvers."""

    def __init__(self) -> None:
        self.message = "Getting ready…"
        self.is_done = False

    def start(self) -> None:
        """Begin; returns at once."""
        threading.Thread(target=self._run, name="warm-up", daemon=True).start()

    def show(self) -> tuple[object, object]:
        """Updates for the status line and for the timer that asks for it."""
        return gr.Markdown(self.message, visible=bool(self.message)), gr.Timer(active=not self.is_done)

    def _run(self) -> None:
        try:
            self._load()
            self.message = ""
        except WeightsError as error:
            self.message = f"⚠️ {error}"
            log.warning("%s", error)
        self.is_done = True

    def _load(self) -> None:
        for weights in MODELS["auto"].weights:
            find_weights(weights, self._tell)
        self.message = "Loading the models…"
        load_model("auto")(np.zeros((64, 64, 3), np.uint8))
        mobile_sam.networks()
        self.message = COMPILING
        subprocess.run([sys.executable, "-c", COMPILE], check=False, env=own_environment())
        warm_up()
        follow_strokes(*tiny_photo())

    def _tell(self, text: str, share: float) -> None:
        self.message = f"{text}: {share:.0%}"
