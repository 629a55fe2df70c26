"""The heavy work on a whole picture that a person waits for, each part of it in a process of its own.

Each function tells matting.solving.progress how far it is, and ends within a second where who listens raises.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

import numpy as np

from matting.arrays import UNKNOWN, Alpha, Colours, Image, Stored, Trimap
from matting.files import encode_image
from matting.foreground import estimate_foreground
from matting.models import load_listed
from matting.models.base import answer
from matting.models.credit import Answer
from matting.solving.progress import tell
from matting.solving.separate_process import PULSE, apart

LONG = 300_000
"""Unknown pixels from which a solve counts as long."""
LARGE = 4_000_000
"""Pixels from which a picture's colours or its file take long."""


def solve_apart(solver: str, image: Image, trimap: Trimap) -> Answer:
    """The alpha of the whole picture by the listed model `solver`, and what it came from; raises what that raises."""
    return apart(solve, solver, image, trimap, is_long=bool(np.count_nonzero(trimap == UNKNOWN) > LONG))


def foreground_apart(image: Image, alpha: Alpha) -> Colours:
    """See matting.foreground.estimate_foreground."""
    return apart(estimate_foreground, image, alpha, is_long=alpha.size > LARGE)


def png_apart(pixels: Stored) -> bytes:
    """`pixels` as a PNG file."""
    return apart(encode_image, pixels, ".png", is_long=pixels.size > LARGE)


@contextmanager
def held(lock: RLock) -> Iterator[None]:
    """Inside `lock`; who listens to matting.solving.progress may end the wait for it."""
    while not lock.acquire(timeout=PULSE):
        tell(0)
    try:
        yield
    finally:
        lock.release()


def solve(solver: str, image: Image, trimap: Trimap) -> Answer:
    """As `solve_apart`, in this process."""
    return answer(load_listed(solver), image, trimap, name=solver)
