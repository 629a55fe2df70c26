"""Global Poisson matting: alpha from its gradient (Sun, Jia, Tang and Shum, "Poisson matting", SIGGRAPH 2004).

Where foreground F and background B are smooth, the gradient of alpha is that of the picture divided by F - B. So alpha
solves a Poisson equation whose border values the trimap knows. F and B are those of the nearest known pixels; pixels
that turn out to be nearly opaque or nearly transparent count as known in the next round. One grey channel is used.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Image, Trimap, to_float
from matting.models.classical.solvers import Solver
from matting.solving.bounded_memory import Needs
from matting.solving.box import Box

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Plane = NDArray[np.float64]
GREY = (0.299, 0.587, 0.114)
ROUNDS = 3
SIGMA = 3.0
"""Sigma of the Gaussian that smooths F - B, in pixels."""
LEAST_DIFFERENCE = 0.25
"""What F - B counts as at least: without contrast the picture says nothing. The best of 0.02 to 0.25 on 24 crops."""
CERTAIN = 0.95
"""The alpha from which a pixel counts as foreground in the next round; 1 - CERTAIN: as background."""
ALIKE = 0.02
"""By how much the grey of such a pixel may differ from F or B."""


class PoissonMatting(Solver):
    """Quick and plain; good where foreground and background are smooth and differ in brightness."""

    name, title = "poisson", "Poisson matting"
    needs = Needs(150, 1500, known_cost=0.1, largest=4e5)

    def solve_box(self, image: Image, trimap: Trimap, box: Box) -> Plane:
        """See Solver.solve_box."""
        return poisson_alpha(image[box.slices], trimap[box.slices])


def poisson_alpha(image: Image, trimap: Trimap) -> Plane:
    """(H, W) alpha of `image` (H, W, 3) uint8, whose `trimap` (H, W) knows some of both kinds."""
    grey = to_float(image).astype(np.float64) @ np.array(GREY)
    known, alpha = trimap, np.zeros(trimap.shape)
    for _ in range(ROUNDS):
        foreground, background = nearest(grey, known == FOREGROUND), nearest(grey, known == BACKGROUND)
        alpha = solve_poisson(grey, contrast(foreground - background), trimap)
        is_opaque = (alpha > CERTAIN) & (np.abs(grey - foreground) < ALIKE)
        is_clear = (alpha < 1 - CERTAIN) & (np.abs(grey - background) < ALIKE)
        known = np.where(trimap != UNKNOWN, trimap, np.select([is_opaque, is_clear], [FOREGROUND, BACKGROUND], UNKNOWN))
    return np.clip(alpha, 0, 1)


def nearest(grey: Plane, is_known: NDArray[np.bool_]) -> Plane:
    """(H, W): at each pixel the `grey` of the nearest known one."""
    from scipy.ndimage import distance_transform_edt

    rows, columns = distance_transform_edt(~is_known, return_distances=False, return_indices=True)
    return grey[rows, columns]  # type: ignore[no-any-return]


def contrast(difference: Plane) -> Plane:
    """F - B (H, W), smoothed, and nowhere so small that dividing by it would say much."""
    from scipy.ndimage import gaussian_filter

    smooth = gaussian_filter(difference, SIGMA, mode="nearest")
    return np.where(smooth < 0, -1, 1) * np.maximum(np.abs(smooth), LEAST_DIFFERENCE)  # type: ignore[no-any-return]


def solve_poisson(grey: Plane, difference: Plane, trimap: Trimap) -> Plane:
    """(H, W) alpha whose steps between neighbours are, by least squares, those of `grey` divided by `difference`.

    Where `trimap` is known, it is 0 or 1.
    """
    from scipy.sparse.linalg import spsolve

    alpha = (trimap == FOREGROUND).astype(np.float64).ravel()
    unknown = np.flatnonzero(trimap == UNKNOWN)
    if unknown.size:
        steps, wanted = gradients(grey, difference)
        laplacian = (steps.T @ steps).tocsr()
        right = steps.T @ wanted - laplacian @ alpha  # alpha is 0 where it is unknown
        alpha[unknown] = spsolve(laplacian[unknown][:, unknown].tocsc(), right[unknown])
    return alpha.reshape(trimap.shape)  # type: ignore[no-any-return]


def gradients(grey: Plane, difference: Plane) -> "tuple[csr_array, Plane]":
    """(the matrix that takes alpha to its steps between neighbours, those steps as the picture says them)."""
    from scipy.sparse import csr_array

    numbers = np.arange(grey.size).reshape(grey.shape)
    pairs = [(numbers[:, :-1].ravel(), numbers[:, 1:].ravel()), (numbers[:-1].ravel(), numbers[1:].ravel())]
    first, second = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    count = np.arange(first.size)
    values = np.concatenate([-np.ones(first.size), np.ones(first.size)])
    places = (np.concatenate([count, count]), np.concatenate([first, second]))
    steps = csr_array((values, places), shape=(first.size, grey.size))
    flat, share = grey.ravel(), 1 / difference.ravel()
    return steps, (flat[second] - flat[first]) * (share[first] + share[second]) / 2
