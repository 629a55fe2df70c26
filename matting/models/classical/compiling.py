"""Compiling what the solvers and studio need, once, before anybody waits for it."""

import threading

import numpy as np

from matting.foreground import estimate_foreground
from matting.models.classical.solvers import SOLVERS
from matting.solving.laplacian_refinement import settled

READY = threading.Event()
"""Set once `warm_up` is done: from then on no call waits for a compiler."""


def warm_up() -> None:
    """Compile everything that the solvers, studio and the foreground estimate call, on a picture of 24 × 24 pixels."""
    image = np.random.default_rng(0).integers(0, 256, (24, 24, 3), np.uint8)
    trimap = np.repeat(np.array([0, 128, 255], np.uint8), 8)[None].repeat(24, axis=0)
    estimate_foreground(image, (trimap / np.float32(255)).astype(np.float32))
    for solver in SOLVERS:
        solver()(image, trimap)
    settled(image, trimap, np.full(trimap.shape, 0.5, np.float32))
    READY.set()
