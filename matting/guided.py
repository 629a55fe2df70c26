"""Guided upsampling: a small alpha at the size of its photo, its edges where the photo's are."""

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import Alpha, Image, to_float
from matting.resize import resize

Planes = NDArray[np.float32]


def guided_upsample(alpha: Alpha, image: Image, *, radius: int = 4, epsilon: float = 1e-4) -> Alpha:
    """`alpha` (h, w) float32 [0, 1] at the size of `image` (H, W, 3) uint8: (H, W) float32 in [0, 1].

    At the small size alpha is fitted, in windows of `radius` pixels, as an affine function of the photo's colours; the
    smooth coefficients are enlarged and applied to the full photo, so that strands finer than a small pixel come back.
    `epsilon` is the colour variance below which the photo says nothing and alpha is only smoothed.

    Source: He, Sun & Tang, "Guided Image Filtering", TPAMI 2013, eq. 14 to 19 (colour guide); He & Sun, "Fast Guided
    Filter", arXiv 1505.00996.
    """
    size = image.shape[:2]
    slope, offset = _fit(alpha, to_float(resize(image, alpha.shape)), radius, epsilon)
    guided = resize(offset, size)
    for channel in range(3):
        guided += resize(slope[..., channel], size) * to_float(image[..., channel])
    return _where_soft(guided, resize(alpha, size)).clip(0, 1)


def _fit(alpha: Alpha, guide: Planes, radius: int, epsilon: float) -> tuple[Planes, Planes]:
    """Per pixel slope (h, w, 3) and offset (h, w) of alpha ≈ slope · colour + offset, averaged over the windows."""

    def mean(planes: Planes) -> Planes:
        side = (2 * radius + 1, 2 * radius + 1)
        return cv2.boxFilter(planes, -1, side, borderType=cv2.BORDER_REFLECT)  # type: ignore[return-value]

    height, width = alpha.shape
    mean_guide, mean_alpha = mean(guide), mean(alpha)
    products = (guide[..., :, None] * guide[..., None, :]).reshape(height, width, 9)
    covariance = mean(products).reshape(height, width, 3, 3) - mean_guide[..., :, None] * mean_guide[..., None, :]
    shared = mean(guide * alpha[..., None]) - mean_guide * mean_alpha[..., None]
    covariance += np.float32(epsilon) * np.eye(3, dtype=np.float32)
    slope: Planes = np.linalg.solve(covariance, shared[..., None])[..., 0].astype(np.float32)
    offset: Planes = mean_alpha - (slope * mean_guide).sum(axis=-1)
    return mean(slope), mean(offset)


def _where_soft(guided: Planes, smooth: Planes) -> Planes:
    """`guided` at the edges, `smooth` where the small alpha is all but certain: no texture inside, no haze outside."""
    certainty = np.abs(2 * smooth - 1)
    weight: Planes = np.clip((0.98 - certainty) / 0.08, 0, 1)
    return weight * guided + (1 - weight) * smooth
