"""An estimated alpha, settled by the colours around it: pixels near 0 or 1 hold theirs, unsure ones follow.

The matting Laplacian of Levin, Lischinski and Weiss ("A closed-form solution to natural image matting", TPAMI 2008)
with a term that holds every pixel to its estimate by how sure that is, as matting by samples ends (Wang and Cohen,
"Optimized color sampling for robust matting", CVPR 2007).
"""

import numpy as np

from matting.arrays import FOREGROUND, UNKNOWN, Alpha, Image, Trimap, to_float
from matting.solving.pymatting_calls import call

HOLD, LEAST, POWER = 0.05, 0.03, 4
"""Weight of the estimate beside the Laplacian, and what a pixel of alpha ½ has of it, by benchmarks/settling.py."""
TOLERANCE, MOST = 1e-4, 1000
"""Residual, relative, at which the solve ends, and the steps after which it ends anyway."""


def settled(
    image: Image, trimap: Trimap, alpha: Alpha, *, hold: float = HOLD, least: float = LEAST, power: float = POWER
) -> Alpha:
    """`alpha` (H, W) in [0, 1], made to agree with `image` (H, W, 3) where `trimap` (H, W) is unknown.

    Known pixels come back as the trimap has them. An estimate α weighs `hold` · (`least` + |2α - 1| ** `power`).
    """
    # Not at the top of the file, since they take long to import.
    from scipy.sparse import diags
    from scipy.sparse.linalg import cg

    result: Alpha = (trimap == FOREGROUND).astype(np.float32)
    is_unknown = trimap == UNKNOWN
    if not is_unknown.any():
        return result
    laplacian = call("cf_laplacian", to_float(image).astype(np.float64), is_known=~is_unknown)[is_unknown.ravel()]
    estimate = alpha[is_unknown].astype(np.float64)
    weight = hold * (least + np.abs(2 * estimate - 1) ** power)
    matrix = laplacian[:, is_unknown.ravel()] + diags(weight)
    wanted = weight * estimate - laplacian @ result.ravel()
    found, _ = cg(matrix, wanted, x0=estimate, rtol=TOLERANCE, maxiter=MOST, M=diags(1 / matrix.diagonal()))
    result[is_unknown] = np.clip(found, 0, 1)
    return result
