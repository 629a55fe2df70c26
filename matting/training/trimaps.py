"""Trimaps like those people draw, made from a true alpha: narrow to wide, brushed, with islands painted over."""

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Trimap
from matting.trimap import distance_to

NARROW, WIDE = (3.0, 12.0), (10.0, 25.0)
"""Pixels by which the unknown reaches beyond the fractional alpha, in pictures of 640 to 800 pixels."""


def random_trimap(alpha: Alpha, rng: np.random.Generator, reach: tuple[float, float] | None = None) -> Trimap:
    """A trimap (H, W) in which every pixel of `alpha` that is neither 0 nor 1 at 8 bits is unknown.

    The unknown reaches further by `reach` pixels; by default, narrow or wide with equal chance.
    """
    low, high = reach or (NARROW if rng.random() < 0.5 else WIDE)
    soft = ((alpha > 1 / 255) & (alpha < 254 / 255)) | edges(alpha)
    unknown = _dilate(soft, np.exp(rng.uniform(np.log(low), np.log(high))))
    if rng.random() < 0.6:
        unknown |= _dabs(soft, rng, (low, 1.3 * high))
    if rng.random() < 0.7:
        unknown = _without_islands(unknown, int(np.exp(rng.uniform(3, 7.5))))
    trimap = np.where(alpha >= 0.5, FOREGROUND, BACKGROUND).astype(np.uint8)
    trimap[unknown] = UNKNOWN
    return trimap


def edges(alpha: Alpha) -> NDArray[np.bool_]:
    """The pixels on both sides of a jump from 0 to 1 with no soft pixel between."""
    solid = (alpha >= 0.5).astype(np.uint8)
    return cv2.morphologyEx(solid, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0


def _dilate(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """Every pixel within `radius` of `mask`; its cost does not grow with the radius."""
    near: NDArray[np.bool_] = distance_to(mask) <= np.float32(radius)
    return near


def _dabs(mask: NDArray[np.bool_], rng: np.random.Generator, radii: tuple[float, float]) -> NDArray[np.bool_]:
    """Round dabs of a brush at random places of `mask`, like those of someone who paints the unknown by hand."""
    places = np.argwhere(mask)
    canvas = np.zeros(mask.shape, np.uint8)
    for _ in range(rng.integers(1, 25) if len(places) else 0):
        y, x = places[rng.integers(len(places))]
        cv2.circle(canvas, (int(x), int(y)), int(rng.uniform(*radii)), 1, -1)
    return canvas > 0


def _without_islands(unknown: NDArray[np.bool_], area: int) -> NDArray[np.bool_]:
    """`unknown` with every known island below `area` pixels painted over."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((~unknown).astype(np.uint8), connectivity=4)
    small = stats[:, cv2.CC_STAT_AREA] < area
    grown: NDArray[np.bool_] = unknown | small[labels]
    return grown
