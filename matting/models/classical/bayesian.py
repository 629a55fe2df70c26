"""Bayesian matting: the likeliest foreground, background and alpha of each pixel (Chuang et al., CVPR 2001).

From the edge of the unknown inwards, each pixel looks at colours near it: known ones, and those found before. Those of
each side are split along their principal axis (Orchard and Bouman, 1991); each cluster is a Gaussian. For every pair of
clusters, colours and alpha are found in turn, and the likeliest pair wins. A layer of pixels is found at a time.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Image, Trimap, to_float
from matting.models.classical.solvers import Solver
from matting.solving.bounded_memory import Needs
from matting.solving.box import Box

Array = NDArray[np.float64]
NEIGHBOURS = 60
"""Colours that each side is described by."""
PLACE_SIGMA = 8.0
"""Sigma of the Gaussian that weighs neighbours by distance, in pixels."""
NOISE_VARIANCE = 0.01**2
"""Variance of the camera's noise, with colours from 0 to 1; published as sigma 8 of 255 for a noisier one."""
SPLIT_VARIANCE = 0.05**2
"""Variance along the principal axis from which a cluster is split."""
ROUNDS = 8
CHUNK = 4000
"""Pixels of a layer found at once: bounds memory."""


class BayesianMatting(Solver):
    """As published in 2001: from colours alone, pixel by pixel; so slow where much is unknown, and grainy in
    textures."""

    name, title = "bayesian", "Bayesian matting"
    needs = Needs(200, 400, known_cost=0.05, largest=2e5)

    def solve_box(self, image: Image, trimap: Trimap, box: Box) -> Array:
        """See Solver.solve_box."""
        return bayesian_alpha(image[box.slices], trimap[box.slices])


class Gaussians(NamedTuple):
    """For each of M pixels, K Gaussians of colours."""

    mean: Array
    """(M, K, 3)."""
    inverse: Array
    """(M, K, 3, 3): the inverse of the covariance."""
    weight: Array
    """(M, K): 0 for a cluster without colours."""


def bayesian_alpha(image: Image, trimap: Trimap) -> Array:
    """(H, W) alpha of `image` (H, W, 3) uint8, whose `trimap` (H, W) knows some of both kinds."""
    from scipy.ndimage import distance_transform_cdt

    colours = to_float(image).astype(np.float64)
    alpha = (trimap == FOREGROUND).astype(np.float64)
    sides = [_Side(colours, trimap == FOREGROUND, trimap), _Side(colours, trimap == BACKGROUND, trimap)]
    depth = distance_transform_cdt(trimap == UNKNOWN, metric="chessboard")
    for layer in range(1, int(depth.max()) + 1):
        places = np.argwhere(depth == layer)
        for chunk in np.array_split(places, max(1, -(-len(places) // CHUNK))):
            at = tuple(chunk.T)
            found = _likeliest(colours[at], *(side.around(chunk) for side in sides))
            alpha[at] = found[2]
            for side, own, share in zip(sides, found, (found[2], 1 - found[2]), strict=False):
                side.add(chunk, own, share)
    return np.clip(alpha, 0, 1)  # type: ignore[no-any-return]


class _Side:
    """The colours of one side: those known, near the unknown, and those found so far, weighed by alpha."""

    def __init__(self, colours: Array, is_known: NDArray[np.bool_], trimap: Trimap) -> None:
        from scipy.ndimage import distance_transform_edt

        near = is_known & (distance_transform_edt(trimap != UNKNOWN) <= 4 * PLACE_SIGMA)
        near = near if near.any() else is_known
        self.places = np.argwhere(near).astype(np.float64)
        self.colours, self.shares = colours[near], np.ones(len(self.places))

    def add(self, places: NDArray[np.int64], colours: Array, shares: Array) -> None:
        """Add colours that were found; `shares` (M,) is how much of each pixel belongs to this side."""
        self.places = np.concatenate([self.places, places])
        self.colours = np.concatenate([self.colours, np.clip(colours, 0, 1)])
        self.shares = np.concatenate([self.shares, shares])

    def around(self, places: NDArray[np.int64]) -> Gaussians:
        """The Gaussians near each of M places."""
        from scipy.spatial import cKDTree

        count = min(NEIGHBOURS, len(self.places))
        distance, index = cKDTree(self.places).query(places, k=count)
        distance, index = distance.reshape(len(places), count), index.reshape(len(places), count)
        nearness = np.exp(-((distance - distance[:, :1]) ** 2) / (2 * PLACE_SIGMA**2))
        return clusters(self.colours[index], nearness * np.maximum(self.shares[index], 1e-6) ** 2)


def clusters(colours: Array, weights: Array) -> Gaussians:
    """One or two Gaussians for each of M sets of N `colours` (M, N, 3) with `weights` (M, N)."""
    whole = _gaussian(colours, weights)
    variance, axes = np.linalg.eigh(whole[1])
    along = np.einsum("mnc,mc->mn", colours - whole[0][:, None], axes[..., -1])
    is_split = (variance[:, -1] > SPLIT_VARIANCE)[:, None]
    parts = [_gaussian(colours, weights * part) for part in ((along > 0) | ~is_split, (along <= 0) & is_split)]
    mean, covariance, weight = (np.stack(each, axis=1) for each in zip(*parts, strict=True))
    inverse = np.linalg.inv(covariance + NOISE_VARIANCE * np.eye(3))
    return Gaussians(mean, inverse.astype(np.float64), weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-12))


def _gaussian(colours: Array, weights: Array) -> tuple[Array, Array, Array]:
    """(mean (M, 3), covariance (M, 3, 3), weight (M,)) of M weighted sets of colours."""
    total = np.maximum(weights.sum(axis=1), 1e-12)
    mean = np.einsum("mn,mnc->mc", weights, colours) / total[:, None]
    off = colours - mean[:, None]
    return mean, np.einsum("mn,mnc,mnd->mcd", weights, off, off) / total[:, None, None], weights.sum(axis=1)


def _likeliest(colours: Array, front: Gaussians, behind: Gaussians) -> tuple[Array, Array, Array]:
    """(foreground (M, 3), background (M, 3), alpha (M,)) of the likeliest pair of clusters for `colours` (M, 3)."""
    best: tuple[Array, Array, Array] | None = None
    most = np.full(len(colours), -np.inf)
    for one in range(front.mean.shape[1]):
        for other in range(behind.mean.shape[1]):
            pair = (front.mean[:, one], front.inverse[:, one], behind.mean[:, other], behind.inverse[:, other])
            foreground, background, alpha, likelihood = solve_pair(colours, *pair)
            likelihood[(front.weight[:, one] == 0) | (behind.weight[:, other] == 0)] = -np.inf
            found, better = (foreground, background, alpha), likelihood > most
            best = found if best is None else tuple(  # type: ignore[assignment]
                np.where(better.reshape(-1, *[1] * (new.ndim - 1)), new, old)
                for new, old in zip(found, best, strict=True)
            )  # fmt: skip
            most = np.maximum(most, likelihood)
    assert best
    return best


def solve_pair(
    colours: Array, front: Array, front_inverse: Array, behind: Array, behind_inverse: Array
) -> tuple[Array, Array, Array, Array]:
    """(foreground, background, alpha, log-likelihood) for a Gaussian on each side of M pixels, all found in turn.

    Means are (M, 3), inverse covariances (M, 3, 3).
    """
    foreground, background = front, behind
    for _ in range(ROUNDS):
        alpha = project(colours, foreground, background)
        a, b = alpha[:, None, None], 1 - alpha[:, None, None]
        unit = np.eye(3) / NOISE_VARIANCE
        rows = (np.concatenate([front_inverse + unit * a**2, unit * a * b], axis=2),
                np.concatenate([unit * a * b, behind_inverse + unit * b**2], axis=2))  # fmt: skip
        right = np.concatenate(
            [np.einsum("mcd,md->mc", front_inverse, front) + colours * a[:, 0] / NOISE_VARIANCE,
             np.einsum("mcd,md->mc", behind_inverse, behind) + colours * b[:, 0] / NOISE_VARIANCE], axis=1,
        )  # fmt: skip
        solved = np.linalg.solve(np.concatenate(rows, axis=1), right[..., None])[..., 0]
        foreground, background = solved[:, :3], solved[:, 3:]
    alpha = project(colours, foreground, background)
    left = colours - alpha[:, None] * foreground - (1 - alpha[:, None]) * background
    likelihood = -(left**2).sum(axis=1) / NOISE_VARIANCE
    for mean, inverse, found in ((front, front_inverse, foreground), (behind, behind_inverse, background)):
        likelihood -= np.einsum("mc,mcd,md->m", found - mean, inverse, found - mean)
    return foreground, background, alpha, likelihood


def project(colours: Array, foreground: Array, background: Array) -> Array:
    """(M,) alpha in [0, 1]: where `colours` (M, 3) lies between both sides' (M, 3)."""
    step = foreground - background
    share = ((colours - background) * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), 1e-9)
    return np.clip(share, 0, 1)  # type: ignore[no-any-return]
