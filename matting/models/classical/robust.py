"""Robust matting: the pairs of samples that explain a pixel best, then a smooth alpha (Wang and Cohen, CVPR 2007).

Samples are known pixels along the edge of the unknown, near ones for each pixel. A pair of them is trusted if it
explains the pixel's colour and is close to it in colour. The best pairs give a first alpha and how far to trust it.
Both weigh in a graph whose neighbours are joined by the matting Laplacian of closed-form matting.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Image, Trimap, to_float
from matting.models.classical.solvers import Solver
from matting.solving.bounded_memory import Needs
from matting.solving.box import Box
from matting.solving.pymatting_calls import call

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Array = NDArray[np.float64]
SAMPLES = 20
"""Samples of each side for a pixel."""
SPREAD = 4
"""One in this many of the nearest edge pixels is taken, so that samples lie along the edge."""
BEST = 3
"""Pairs whose mean is taken."""
SIGMA = 0.1
"""By how much a pair may fail to explain a pixel; published as 0.1."""
DATA_WEIGHT = 0.1
"""Published as gamma."""
EPSILON = 1e-5
"""The regularisation of the matting Laplacian."""
CHUNK = 1000
"""Pixels whose pairs are weighed at once: bounds memory."""
TOLERANCE = 1e-4


class RobustMatting(Solver):
    """As published in 2007: samples that can be trusted, then smoothing; good where both sides have few colours."""

    name, title = "robust", "Robust matting"
    needs = Needs(700, 1500, known_cost=0.1, largest=3e5)

    def solve_box(self, image: Image, trimap: Trimap, box: Box) -> Array:
        """See Solver.solve_box."""
        return robust_alpha(image[box.slices], trimap[box.slices])


def robust_alpha(image: Image, trimap: Trimap) -> Array:
    """(H, W) alpha of `image` (H, W, 3) uint8, whose `trimap` (H, W) knows some of both kinds."""
    colours = to_float(image).astype(np.float64)
    first, trust = np.zeros(trimap.shape), np.zeros(trimap.shape)
    places = np.argwhere(trimap == UNKNOWN)
    sides = [edge_places(trimap, kind) for kind in (FOREGROUND, BACKGROUND)]
    for chunk in np.array_split(places, max(1, -(-len(places) // CHUNK))):
        samples = [colours[tuple(nearest(side, chunk).T)].swapaxes(0, 1) for side in sides]
        at = tuple(chunk.T)
        first[at], trust[at] = best_pairs(colours[at], *samples)
    return smooth(colours, trimap, first, trust)


def edge_places(trimap: Trimap, kind: int) -> NDArray[np.int64]:
    """(N, 2) row and column of the known pixels of a kind that touch others; all of that kind if none does."""
    from scipy.ndimage import binary_erosion

    is_kind = trimap == kind
    edge = is_kind & ~binary_erosion(is_kind, border_value=1)
    return np.argwhere(edge if edge.any() else is_kind)


def nearest(side: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """(M, SAMPLES, 2): for each of M places, places of `side` near it and along the edge."""
    from scipy.spatial import cKDTree

    wanted = np.minimum(np.arange(1, SAMPLES * SPREAD + 1, SPREAD), len(side))
    _, index = cKDTree(side).query(places, k=wanted)
    return side[index]  # type: ignore[no-any-return]


def best_pairs(colours: Array, front: Array, behind: Array) -> tuple[Array, Array]:
    """(alpha (M,), trust (M,) in [0, 1]) of `colours` (M, 3), from samples (M, N, 3) of each side."""
    one, other = front[:, :, None], behind[:, None]
    step, pixel = one - other, colours[:, None, None]
    length = np.maximum((step**2).sum(axis=-1), 1e-6)
    alpha = (((pixel - other) * step).sum(axis=-1) / length).clip(0, 1)
    left = pixel - alpha[..., None] * one - (1 - alpha[..., None]) * other
    farness = _farness(colours, front)[:, :, None] * _farness(colours, behind)[:, None]
    trust = np.exp(-(left**2).sum(axis=-1) / length * farness / SIGMA**2)
    alpha, trust = alpha.reshape(len(colours), -1), trust.reshape(len(colours), -1)
    best = np.argpartition(-trust, BEST - 1, axis=1)[:, :BEST]
    return np.take_along_axis(alpha, best, 1).mean(axis=1), np.take_along_axis(trust, best, 1).mean(axis=1)


def _farness(colours: Array, samples: Array) -> Array:
    """(M, N), 1 or more: how far from the pixel's colour a sample's is, compared with the closest one.

    The paper has exp(-farness) in its place, which trusts pairs far from the pixel's colour most; against what its text
    says, and with three times the error on four generated photos.
    """
    distance = ((samples - colours[:, None]) ** 2).sum(axis=-1)
    return np.maximum(1, distance / np.maximum(distance.min(axis=1, keepdims=True), 1e-4))  # type: ignore[no-any-return]


def smooth(colours: Array, trimap: Trimap, first: Array, trust: Array) -> Array:
    """(H, W) alpha, between the first alpha where it is trusted and what neighbours say; exact where it is known."""
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import cg

    alpha = (trimap == FOREGROUND).astype(np.float64).ravel()
    unknown = np.flatnonzero(trimap == UNKNOWN)
    if not unknown.size:
        return alpha.reshape(trimap.shape)  # type: ignore[no-any-return]
    first, trust = first.ravel()[unknown], trust.ravel()[unknown]
    weights = [DATA_WEIGHT * (trust * share + (1 - trust) * is_side)
               for share, is_side in ((first, first > 0.5), (1 - first, first <= 0.5))]  # fmt: skip
    laplacian: csr_array = call("cf_laplacian", colours, epsilon=EPSILON).tocsr()[unknown]
    among = (laplacian[:, unknown] + diags_array(weights[0] + weights[1])).tocsr()
    right = weights[0] - laplacian @ alpha
    alpha[unknown], _ = cg(among, right, x0=first, rtol=TOLERANCE, maxiter=2000, M=diags_array(1 / among.diagonal()))
    return np.clip(alpha, 0, 1).reshape(trimap.shape)  # type: ignore[no-any-return]
