"""KNN matting solved for the unknown pixels only: several times as fast as pymatting's, and as accurate.

Chen, Li and Tang, "KNN matting", TPAMI 2013. pymatting looks for the neighbours of every pixel, known ones too, and
solves for all of them. Here neighbours are searched for unknown pixels only, and known ones keep their alpha exactly.
A known and an unknown pixel are then neighbours from one side only, which is taken to be mutual.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Image, Trimap
from matting.models.classical.solvers import Solver
from matting.solving.bounded_memory import Needs
from matting.solving.box import Box

if TYPE_CHECKING:
    from scipy.sparse import csr_array

NEIGHBOURS = ((20, 2.0), (10, 0.1))
"""How many neighbours are looked for, and the weight of place against colour, as in pymatting: near ones, then far
ones."""
PLACE_SCALE = 800
"""Pixels that count as a distance of 1, whatever the size of the picture; colour runs from 0 to 1."""
TOLERANCE = 1e-3
"""Relative residual from which alpha no longer changes visibly."""


class UnknownKNN(Solver):
    """See the module."""

    name, title = "knn-unknown", "KNN matting, unknown pixels only"
    whole, needs = 2e6, Needs(60, 1950, known_cost=0.1, margin=128, largest=3e5)

    def solve_box(self, image: Image, trimap: Trimap, box: Box) -> NDArray[np.float64]:
        """See Solver.solve_box."""
        return knn_alpha(image[box.slices], trimap[box.slices])


def knn_alpha(image: Image, trimap: Trimap) -> NDArray[np.float64]:
    """The alpha (H, W), about in [0, 1], of `image` (H, W, 3); exact where `trimap` (H, W) is known."""
    # not at the top of the file: they are slow to import
    from scipy.sparse import diags
    from scipy.sparse.linalg import cg

    alpha = np.where(trimap.ravel() == FOREGROUND, 1.0, 0.0)
    unknown = np.flatnonzero(trimap == UNKNOWN)
    if not len(unknown):
        return alpha.reshape(trimap.shape)
    chosen = _neighbours(image, unknown)
    among = chosen[:, unknown]
    among = among + among.T
    kinds = [2 * (chosen @ (trimap.ravel() == kind).astype(np.float64)) for kind in (FOREGROUND, BACKGROUND)]
    degree = among.sum(axis=1) + kinds[0] + kinds[1]
    start = np.full(len(unknown), 0.5)
    alpha[unknown], _ = cg(diags(degree) - among, kinds[0], x0=start, rtol=TOLERANCE, maxiter=500, M=diags(1 / degree))
    return alpha.reshape(trimap.shape)


def _neighbours(image: Image, unknown: NDArray[np.intp]) -> "csr_array":
    """(unknown, H · W), how often each pixel was chosen as a neighbour of each of the flat indices `unknown`."""
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

    places = np.indices(image.shape[:2]).reshape(2, -1).T / PLACE_SCALE
    chosen = []
    for count, weight in NEIGHBOURS:
        features = np.hstack([image.reshape(-1, 3) / 255, weight * places])
        tree = cKDTree(features, balanced_tree=False, compact_nodes=False)
        chosen.append(tree.query(features[unknown], k=range(1, min(count, len(features)) + 1), workers=-1)[1])
    columns = np.hstack(chosen)
    rows = np.repeat(np.arange(len(unknown)), columns.shape[1])
    return csr_array((np.ones(columns.size), (rows, columns.ravel())), shape=(len(unknown), len(places)))
