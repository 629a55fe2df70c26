"""Guided upsampling: a small alpha enlarged to its photo, with the photo's edges."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import Alpha, Image, to_float
from matting.resize import resize, resize_at

Planes: TypeAlias = NDArray[np.floating[Any]]
"""Always float32; numpy's stubs lose the type in arithmetic with plain numbers."""
SURE_ALPHA = 0.99
"""Above this alpha and below 1 - SURE_ALPHA plain enlarging is enough: no texture inside, no haze outside."""
NARROW = 1
"""The radius for the engine's alpha of a small copy, which is right nearly to the pixel. Others need a wider one."""
STRIP = 4_000_000
"""Pixels searched at a time, which bounds memory."""


def guided_upsample(
    alpha: Alpha, image: Image, shrunk: Image | None = None, *, radius: int = 4, epsilon: float = 1e-4
) -> Alpha:
    """`alpha` (h, w) float32 [0, 1] at the size of `image` (H, W, 3) uint8: (H, W) float32 in [0, 1].

    At the small size, alpha is fitted as an affine function of the photo's colours, in windows of `radius` pixels. The
    smooth coefficients are enlarged and applied to the full photo, so that strands finer than a small pixel come back.
    Below a colour variance of `epsilon` the photo gives no hint, and alpha is only smoothed. `shrunk` (h, w, 3) is the
    photo at the small size, if the caller has it.

    Source: He, Sun & Tang, "Guided Image Filtering", TPAMI 2013, eq. 14 to 19 (colour guide); He & Sun, "Fast Guided
    Filter", arXiv 1505.00996.
    """
    enlarged = resize(alpha, image.shape[:2])
    marked = np.zeros(alpha.shape, np.uint8)
    for soft in _soft(enlarged):
        marked |= _at_size(soft, image.shape[:2], alpha.shape)
    guide = to_float(resize(image, alpha.shape) if shrunk is None else shrunk)
    fitted = _fit(alpha, guide, radius, epsilon, marked)
    for soft in _soft(enlarged):
        smooth = enlarged.ravel()[soft]
        affine = resize_at(fitted, image.shape[:2], soft)
        colours = to_float(image.reshape(-1, 3).take(soft, axis=0))
        guided = (affine[:, :3] * colours).sum(axis=1) + affine[:, 3]
        weight = np.clip((SURE_ALPHA - np.maximum(smooth, 1 - smooth)) / 0.04, 0, 1)
        enlarged.ravel()[soft] = (weight * guided + (1 - weight) * smooth).clip(0, 1)
    return enlarged


def _soft(alpha: Alpha) -> Iterator[NDArray[np.intp]]:
    """The flat indices of soft pixels, found in STRIP pixels at a time."""
    values = alpha.ravel()
    for start in range(0, values.size, STRIP):
        strip = values[start : start + STRIP]
        yield start + np.flatnonzero((strip > 1 - SURE_ALPHA) & (strip < SURE_ALPHA))


def _at_size(places: NDArray[np.intp], full: tuple[int, int], small: tuple[int, int]) -> NDArray[np.uint8]:
    """A mask of `small` size: 1 where the centres of the `full` picture's pixels at `places` (N,) lie, else 0."""
    rows, columns = np.divmod(places, full[1])
    marked = np.zeros(small, np.uint8)
    marked[(2 * rows + 1) * small[0] // (2 * full[0]), (2 * columns + 1) * small[1] // (2 * full[1])] = 1
    return marked


def _fit(alpha: Alpha, guide: Planes, radius: int, epsilon: float, marked: NDArray[np.uint8]) -> Planes:
    """Slope and offset of alpha ≈ slope · colour + offset at each pixel, averaged over its windows: (h, w, 3 + 1).

    Valid only where `marked` (h, w) is 1 and one pixel around: only windows that reach there are solved.
    """
    side = (2 * radius + 1, 2 * radius + 1)
    asked = np.flatnonzero(cv2.dilate(marked, np.ones((side[0] + 2, side[1] + 2), np.uint8)))

    def mean(*planes: Planes) -> list[Planes]:
        filtered = (cv2.boxFilter(plane, -1, side, borderType=cv2.BORDER_REFLECT) for plane in planes)
        return [plane.ravel()[asked] for plane in filtered]  # type: ignore[misc]

    red, green, blue = (np.ascontiguousarray(guide[..., channel]) for channel in range(3))
    r, g, b, a = mean(red, green, blue, alpha)
    rr, rg, rb, gg, gb, bb = mean(red * red, red * green, red * blue, green * green, green * blue, blue * blue)
    ra, ga, ba = mean(red * alpha, green * alpha, blue * alpha)
    diagonal = (rr - r * r + epsilon, gg - g * g + epsilon, bb - b * b + epsilon)
    beside = (rg - r * g, rb - r * b, gb - g * b)
    slope = _solve(diagonal, beside, (ra - r * a, ga - g * a, ba - b * a))
    offset: Planes = a - slope[0] * r - slope[1] * g - slope[2] * b
    solved = np.zeros((*alpha.shape, 4), np.float32)
    solved.reshape(-1, 4)[asked] = np.column_stack([*slope, offset])
    return cv2.boxFilter(solved, -1, side, borderType=cv2.BORDER_REFLECT)  # type: ignore[return-value]


def _solve(diagonal: Sequence[Planes], beside: Sequence[Planes], right: Sequence[Planes]) -> list[Planes]:
    """Solve matrix · x = `right` at each pixel. The matrix is symmetric: `diagonal` rr, gg, bb, `beside` it rg, rb, gb.

    Elimination without pivoting: a covariance with epsilon on its diagonal needs none.
    """
    (rr, gg, bb), (rg, rb, gb), (first, second, third) = diagonal, beside, right
    along, across = rg / rr, rb / rr
    gg, gb, bb = gg - along * rg, gb - along * rb, bb - across * rb
    second, third = second - along * first, third - across * first
    blue = (third - gb / gg * second) / (bb - gb / gg * gb)
    green = (second - gb * blue) / gg
    return [(first - rg * green - rb * blue) / rr, green, blue]
