"""The error of an alpha against the truth: SAD, MSE, MAD, Grad and Conn, as in the papers.

Definitions and units follow the reference evaluation code (MATLAB, published with Deep Image Matting): SAD, Grad and
Conn are sums divided by 1000, MSE and MAD are means. They count the unknown pixels of the trimap, or every pixel if no
trimap is given. If no pixel counts, every metric is 0. Lower is better.

Grad and Conn: Rhemann et al., "A perceptually motivated online benchmark for image matting", CVPR 2009, section 4.
"""

from collections.abc import Iterable
from typing import TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import UNKNOWN, Alpha, Trimap, check_alpha, check_trimap

METRICS = ("sad", "mse", "mad", "grad", "conn")
"""The keys of `evaluate`, in the order tables show them."""

SIGMA, HALF_SIZE = 1.4, 4
"""Sigma of Grad's Gaussian derivatives, and half their size: beyond 9 × 9 the Gaussian is under 0.01."""
PROTRUSION = 0.15
"""Conn forgives an alpha that stands out less than this from the connected level below it."""

Doubles: TypeAlias = NDArray[np.float64]


def evaluate(alpha: Alpha, truth: Alpha, trimap: Trimap | None = None) -> dict[str, float]:
    """Every metric of `alpha` against `truth`, both (H, W) float32 in [0, 1], by the names in METRICS.

    Raises:
        ValueError: an input is malformed, or sizes differ; says what was wanted and given.
    """
    measures = {"sad": sad, "mse": mse, "mad": mad, "grad": grad, "conn": conn}
    return {name: measures[name](alpha, truth, trimap) for name in METRICS}


def sad(alpha: Alpha, truth: Alpha, trimap: Trimap | None = None) -> float:
    """Sum of absolute differences, divided by 1000."""
    return float(_differences(alpha, truth, trimap).sum()) / 1000


def mse(alpha: Alpha, truth: Alpha, trimap: Trimap | None = None) -> float:
    """Mean of squared differences."""
    return _mean(_differences(alpha, truth, trimap) ** 2)


def mad(alpha: Alpha, truth: Alpha, trimap: Trimap | None = None) -> float:
    """Mean of absolute differences."""
    return _mean(_differences(alpha, truth, trimap))


def grad(alpha: Alpha, truth: Alpha, trimap: Trimap | None = None) -> float:
    """Sum of squared differences of gradient magnitudes, divided by 1000; each alpha first stretched to [0, 1]."""
    region = _region(alpha, truth, trimap)
    return float(((_steepness(alpha) - _steepness(truth))[region] ** 2).sum()) / 1000


def conn(alpha: Alpha, truth: Alpha, trimap: Trimap | None = None) -> float:
    """Sum of differences in connectedness, divided by 1000.

    A pixel's level is the last of 0, 0.1 … 1 up to which it belongs to the largest 4-connected component that both
    alphas have in common there; how far its alpha stands out above that level is how disconnected it is.
    """
    region = _region(alpha, truth, trimap)
    level = _connected_level(alpha, truth)
    return float(np.abs(_disconnected(alpha, level) - _disconnected(truth, level))[region].sum()) / 1000


def _region(alpha: Alpha, truth: Alpha, trimap: Trimap | None) -> NDArray[np.bool_]:
    """(H, W) of the pixels that count, after checking the three arrays."""
    check_alpha(truth)
    check_alpha(alpha, truth.shape)
    if trimap is None:
        return np.ones(truth.shape, bool)
    return cast(NDArray[np.bool_], check_trimap(trimap, truth.shape) == UNKNOWN)


def _differences(alpha: Alpha, truth: Alpha, trimap: Trimap | None) -> Doubles:
    """(N,) absolute differences of the pixels that count."""
    region = _region(alpha, truth, trimap)
    return np.abs(alpha[region].astype(np.float64) - truth[region])


def _mean(values: Doubles) -> float:
    """The mean, 0 of none."""
    return float(values.mean()) if values.size else 0.0


def _steepness(alpha: Alpha) -> Doubles:
    """(H, W) magnitude of the Gaussian derivatives of `alpha` stretched to [0, 1]; 0 for a constant alpha."""
    low, high = float(alpha.min()), float(alpha.max())
    if low == high:
        return np.zeros(alpha.shape)
    stretched = (alpha.astype(np.float64) - low) / (high - low)
    x = np.arange(-HALF_SIZE, HALF_SIZE + 1)
    smooth = np.exp(-(x**2) / (2 * SIGMA**2))
    slope = -x * smooth
    smooth, slope = smooth / np.linalg.norm(smooth), slope / np.linalg.norm(slope)
    horizontal, vertical = (
        cv2.sepFilter2D(stretched, cv2.CV_64F, row, column, borderType=cv2.BORDER_REPLICATE)
        for row, column in ((slope, smooth), (smooth, slope))
    )
    return np.hypot(horizontal, vertical)


def _connected_level(alpha: Alpha, truth: Alpha) -> Doubles:
    """(H, W) the last of the levels 0, 0.1 … 1 up to which a pixel lies in the largest common component."""
    level = np.zeros(alpha.shape)
    inside = np.ones(alpha.shape, bool)
    common = np.minimum(alpha, truth)
    for step in range(1, 11):
        inside &= _largest_component(common >= np.float32(step / 10))
        level[inside] = step / 10
    return level


def _largest_component(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of the largest 4-connected component of `mask`; the leftmost of equal ones, as in the reference."""
    columns = np.ascontiguousarray(mask.T).astype(np.uint8)
    count, labels, statistics, _ = cv2.connectedComponentsWithStats(columns, connectivity=4)
    if count == 1:
        return np.zeros_like(mask)
    sizes = statistics[1:, cv2.CC_STAT_AREA]  # without the background, label 0
    return cast(NDArray[np.bool_], (labels == 1 + sizes.argmax()).T)


def _disconnected(alpha: Alpha, level: Doubles) -> Doubles:
    """(H, W) how far `alpha` stands out above `level`, 0 where by less than PROTRUSION."""
    above = alpha - level
    return np.where(above >= PROTRUSION, above, 0.0)


def dtssd(alphas: Iterable[Alpha], truths: Iterable[Alpha]) -> float:
    """How unsteady a video's alphas are: 100 times the root mean square error of their change, averaged over frames.

    The first frame has no change and counts as 0, as in the evaluation published with Robust Video Matting (Lin et al.,
    WACV 2022); the measure is of Erofeev et al., "Perceptually motivated benchmark for video matting", BMVC 2015.

    Raises:
        ValueError: an alpha is malformed, sizes differ, or one video is longer.
    """
    errors: list[float] = []
    before: Doubles | None = None
    for alpha, truth in zip(alphas, truths, strict=True):
        check_alpha(alpha, check_alpha(truth).shape)
        now = alpha.astype(np.float64) - truth
        errors.append(0.0 if before is None else float(np.sqrt(np.mean((now - before) ** 2))))
        before = now
    return 100 * _mean(np.array(errors))
