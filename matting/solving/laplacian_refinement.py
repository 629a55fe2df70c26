"""Refining an estimated alpha with the colours around: pixels near 0 or 1 keep their alpha, unsure ones follow them.

This is the matting Laplacian of Levin, Lischinski and Weiss ("A closed-form solution to natural image matting", TPAMI
2008) with one more term: the surer an estimate is, the more strongly its pixel is held to it. Sampling-based matting
ends in the same way (Wang and Cohen, "Optimized color sampling for robust matting", CVPR 2007).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import FOREGROUND, UNKNOWN, Alpha, Image, Trimap

HOLD, LEAST, POWER = 0.05, 0.03, 4
"""Weight of a sure estimate against the Laplacian, the share of it left at alpha ½, and the power by which it rises
between; chosen with benchmarks/engine/settling.py.
"""
SURE_MARGIN, REACH_PIXELS = 0.01, 2
"""A pixel keeps its estimate if all estimates up to REACH_PIXELS away are within SURE_MARGIN of 0 or 1."""
TOLERANCE, MAX_STEPS = 1e-3, 1000
"""The relative residual at which the solver stops, and the number of steps after which it stops anyway."""


def settled(
    image: Image, trimap: Trimap, alpha: Alpha, *, hold: float = HOLD, least: float = LEAST, power: float = POWER
) -> Alpha:
    """`alpha` (H, W) in [0, 1], made to agree with `image` (H, W, 3) where `trimap` (H, W) is unknown.

    Known pixels get the trimap's 0 or 1. An estimate α has the weight `hold` · (`least` + |2α - 1| ** `power`).
    """
    # Not at the top of the file: they are slow to import.
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import cg

    from matting.solving.matting_laplacian import equations

    result: Alpha = (trimap == FOREGROUND).astype(np.float32)
    np.copyto(result, alpha, where=trimap == UNKNOWN)
    is_free = (trimap == UNKNOWN) & near_soft(result)
    if not is_free.any():
        return result
    estimate = result[is_free]
    weights = np.float32(hold) * (np.float32(least) + np.abs(2 * estimate - 1) ** power)
    matrix, wanted = equations(image, result, is_free, weights)
    found, _ = cg(matrix, wanted, x0=estimate, rtol=TOLERANCE, maxiter=MAX_STEPS, M=diags_array(1 / matrix.diagonal()))
    result[is_free] = np.clip(found, 0, 1)
    return result


def near_soft(alpha: Alpha) -> NDArray[np.bool_]:
    """(H, W) whether a pixel of `alpha` or one up to REACH_PIXELS away is more than SURE_MARGIN from 0 and from 1."""
    soft = ((alpha > SURE_MARGIN) & (alpha < 1 - SURE_MARGIN)).astype(np.uint8)
    near = cv2.dilate(soft, np.ones((2 * REACH_PIXELS + 1, 2 * REACH_PIXELS + 1), np.uint8))
    return near > 0
