"""Whether an alpha belongs to its photo: its edges must lie where the photo has edges."""

import cv2
import numpy as np

from matting.arrays import Alpha, Image
from matting.resize import resize, within
from matting.training.crops import Floats

SIDE = 256
"""The long side, in pixels, of the pictures whose edges are compared."""
NEAR, FAR = 2, 6
"""Pixels by which an alpha may be off, and pixels beyond which it counts as moved."""
AROUND = 31
"""The side, in pixels, of the square against which the strength of an edge is measured."""


def fits(photo: Image, alpha: Alpha) -> bool:
    """Whether `alpha` (H, W) follows edges of `photo` (H, W, 3) at least as well as it would anywhere else.

    "Anywhere else" is every shift by up to a quarter of the picture. True if the alpha has no edges.
    """
    size = within((alpha.shape[0], alpha.shape[1]), SIDE)
    edges, outline = _photo_edges(resize(photo, size)), np.minimum(_steepness(resize(alpha, size)), 1)
    if not outline.any():
        return True
    twice = (2 * size[0], 2 * size[1])  # so that what leaves the picture does not come back on the other side
    agreement = np.fft.irfft2(np.fft.rfft2(edges, twice) * np.conj(np.fft.rfft2(outline, twice)), twice)
    rows, columns = size[0] // 4, size[1] // 4
    moved = np.roll(agreement, (rows, columns), (0, 1))[: 2 * rows + 1, : 2 * columns + 1]
    y, x = np.mgrid[-rows : rows + 1, -columns : columns + 1]
    distance = np.maximum(np.abs(y), np.abs(x))
    elsewhere = moved[distance > FAR]
    return not elsewhere.size or bool(moved[distance <= NEAR].max() >= elsewhere.max())


def _photo_edges(photo: Image) -> Floats:
    """(H, W) the strength of the edge at each pixel relative to its surroundings, with a mean of zero."""
    steepness = _steepness(photo.astype(np.float32)).max(2)
    edges = np.minimum(steepness / (cv2.blur(steepness, (AROUND, AROUND)) + 4), 3)
    return np.asarray(edges - edges.mean(), np.float32)


def _steepness(values: Floats) -> Floats:
    return np.hypot(cv2.Sobel(values, cv2.CV_32F, 1, 0), cv2.Sobel(values, cv2.CV_32F, 0, 1))
