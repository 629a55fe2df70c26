"""Whether an alpha is that of its photo: its edges lie where the photo has edges."""

import cv2
import numpy as np

from matting.arrays import Alpha, Image
from matting.resize import resize, within
from matting.training.crops import Floats

SIDE = 256
"""The long side, in pixels, at which edges are compared."""
NEAR, FAR = 2, 6
"""The alpha fits if it does within so many of these pixels; from so many on it would lie elsewhere."""
AROUND = 31
"""The side of the square that says what a strong edge is there."""


def fits(photo: Image, alpha: Alpha) -> bool:
    """Whether `alpha` (H, W) lies on edges of `photo` (H, W, 3) rather than it would if it were moved elsewhere.

    It is compared with every place up to a quarter of the picture away. True where the alpha has no edges.
    """
    size = within((alpha.shape[0], alpha.shape[1]), SIDE)
    edges, outline = _photo_edges(resize(photo, size)), np.minimum(_steepness(resize(alpha, size)), 1)
    if not outline.any():
        return True
    twice = (2 * size[0], 2 * size[1])  # so that what leaves the picture does not come back at its other side
    agreement = np.fft.irfft2(np.fft.rfft2(edges, twice) * np.conj(np.fft.rfft2(outline, twice)), twice)
    rows, columns = size[0] // 4, size[1] // 4
    moved = np.roll(agreement, (rows, columns), (0, 1))[: 2 * rows + 1, : 2 * columns + 1]
    y, x = np.mgrid[-rows : rows + 1, -columns : columns + 1]
    distance = np.maximum(np.abs(y), np.abs(x))
    elsewhere = moved[distance > FAR]
    return not elsewhere.size or bool(moved[distance <= NEAR].max() >= elsewhere.max())


def _photo_edges(photo: Image) -> Floats:
    """(H, W) how strong the edge at each pixel is for its surroundings, with a mean of zero."""
    steepness = _steepness(photo.astype(np.float32)).max(2)
    edges = np.minimum(steepness / (cv2.blur(steepness, (AROUND, AROUND)) + 4), 3)
    return np.asarray(edges - edges.mean(), np.float32)


def _steepness(values: Floats) -> Floats:
    return np.hypot(cv2.Sobel(values, cv2.CV_32F, 1, 0), cv2.Sobel(values, cv2.CV_32F, 0, 1))
