"""Guided upsampling: a small alpha at the size of its photo, its edges where the photo's are."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import Alpha, Image, to_float
from matting.resize import resize, resize_at

Planes: TypeAlias = NDArray[np.floating[Any]]
"""float32 in fact; numpy's stubs lose it in arithmetic with numbers."""
SURE = 0.99
"""Alpha from which, and 1 - SURE to which, enlarging is enough: no texture inside, no haze outside."""


def guided_upsample(alpha: Alpha, image: Image, *, radius: int = 4, epsilon: float = 1e-4) -> Alpha:
    """`alpha` (h, w) float32 [0, 1] at the size of `image` (H, W, 3) uint8: (H, W) float32 in [0, 1].

    At the small size alpha is fitted, in windows of `radius` pixels, as an affine function of the photo's colours; the
    smooth coefficients are enlarged and applied to the full photo, so that strands finer than a small pixel come back.
    `epsilon` is the colour variance below which the photo says nothing and alpha is only smoothed.

    Source: He, Sun & Tang, "Guided Image Filtering", TPAMI 2013, eq. 14 to 19 (colour guide); He & Sun, "Fast Guided
    Filter", arXiv 1505.00996.
    """
    fitted = _fit(alpha, to_float(resize(image, alpha.shape)), radius, epsilon)
    enlarged = resize(alpha, image.shape[:2])
    soft = np.flatnonzero((enlarged > 1 - SURE) & (enlarged < SURE))
    smooth = enlarged.ravel()[soft]
    affine = resize_at(fitted, image.shape[:2], soft)
    colours = to_float(image.reshape(-1, 3).take(soft, axis=0))
    guided = (affine[:, :3] * colours).sum(axis=1) + affine[:, 3]
    weight = np.clip((SURE - np.maximum(smooth, 1 - smooth)) / 0.04, 0, 1)
    enlarged.ravel()[soft] = (weight * guided + (1 - weight) * smooth).clip(0, 1)
    return enlarged


def _fit(alpha: Alpha, guide: Planes, radius: int, epsilon: float) -> Planes:
    """Per pixel slope and offset of alpha ≈ slope · colour + offset, averaged over the windows: (h, w, 3 + 1)."""

    def mean(*planes: Planes) -> list[Planes]:
        side = (2 * radius + 1, 2 * radius + 1)
        return [cv2.boxFilter(plane, -1, side, borderType=cv2.BORDER_REFLECT) for plane in planes]  # type: ignore[misc]

    red, green, blue = (np.ascontiguousarray(guide[..., channel]) for channel in range(3))
    r, g, b, a = mean(red, green, blue, alpha)
    rr, rg, rb, gg, gb, bb = mean(red * red, red * green, red * blue, green * green, green * blue, blue * blue)
    ra, ga, ba = mean(red * alpha, green * alpha, blue * alpha)
    diagonal = (rr - r * r + epsilon, gg - g * g + epsilon, bb - b * b + epsilon)
    beside = (rg - r * g, rb - r * b, gb - g * b)
    slope: Sequence[Planes] = _solve(diagonal, beside, (ra - r * a, ga - g * a, ba - b * a))
    offset: Planes = a - slope[0] * r - slope[1] * g - slope[2] * b
    return cv2.merge(mean(*slope, offset))  # type: ignore[return-value]


def _solve(diagonal: Sequence[Planes], beside: Sequence[Planes], right: Sequence[Planes]) -> list[Planes]:
    """x of matrix · x = `right` at each pixel, of a symmetric matrix: rr, gg, bb and, `beside` them, rg, rb, gb.

    Elimination without pivoting, which a covariance with epsilon on its diagonal does not need.
    """
    (rr, gg, bb), (rg, rb, gb), (first, second, third) = diagonal, beside, right
    along, across = rg / rr, rb / rr
    gg, gb, bb = gg - along * rg, gb - along * rb, bb - across * rb
    second, third = second - along * first, third - across * first
    blue = (third - gb / gg * second) / (bb - gb / gg * gb)
    green = (second - gb * blue) / gg
    return [(first - rg * green - rb * blue) / rr, green, blue]
