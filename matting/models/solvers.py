"""The classical solvers of pymatting: alpha from the trimap and the photo alone, no weights.

pymatting solves the whole picture. Here each solves boxes around the unknown pixels, so that time and memory follow
those; docs/solvers.md has what that saves, and by how much alpha differs.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matting.arrays import Image, Trimap, to_float
from matting.compiled import call
from matting.models.base import Model, only_kind
from matting.regions import Box, solve_regions, unknown_regions

SMALLEST = 48
"""Smaller boxes are mirrored to this side: large-kernel matting cannot run under 41."""


class Solver(Model):
    """What the solvers share; each one below is its numbers."""

    needs_trimap = solves_regions = True
    function: str
    """pymatting's name for it."""
    margin: int = 64
    """Pixels of context around the unknown; chosen by benchmarks/solvers.py."""
    known_cost: float
    """Time a known pixel takes, an unknown one taking 1."""
    whole: float = 0
    """Pictures of up to this many pixels are solved whole: for solvers that use colours from all over the picture."""
    largest: float
    """Bound on the cost of one box, for about 1 GB of memory."""

    def __init__(self, *, exact: bool = False) -> None:
        """`exact` solves pictures of any size whole."""
        if exact:
            self.whole = math.inf

    def estimate(self, image: Image, trimap: Trimap | None) -> NDArray[np.floating[Any]]:
        """Solve each region of the unknown by itself.

        With nothing unknown, or only one kind known, every pixel is of a known kind.

        Raises:
            ValueError: the trimap knows nothing at all, so there is nothing to solve from.
        """
        assert trimap is not None  # needs_trimap
        if (kind := only_kind(trimap, self.name)) is not None:
            return np.full(trimap.shape, kind)
        return solve_regions(trimap, lambda box: self.solve(image, trimap, box), self.boxes(trimap), margin=self.margin)

    def boxes(self, trimap: Trimap) -> list[Box]:
        """What to solve of `trimap`, piece by piece."""
        if trimap.size <= self.whole:
            return [Box(0, 0, *trimap.shape)]
        return unknown_regions(
            trimap, margin=self.margin, known_cost=self.known_cost, largest=self.largest, with_both=True
        )

    def solve(self, image: Image, trimap: Trimap, box: Box) -> NDArray[np.floating[Any]]:
        """The alpha of one box, from nothing but its pixels."""
        short = [(0, max(0, SMALLEST - side)) for side in box.size]
        crop = np.pad(image[box.slices], (*short, (0, 0)), mode="symmetric")
        known = np.pad(trimap[box.slices], short, mode="symmetric")
        settings = self.settings(box, trimap.shape)
        alpha = call(self.function, to_float(crop).astype(np.float64), known / 255, **settings)
        return alpha[: box.size[0], : box.size[1]]  # type: ignore[no-any-return]

    def settings(self, box: Box, size: tuple[int, ...]) -> dict[str, Any]:  # noqa: ARG002
        """Keywords for pymatting, where its defaults depend on the picture's `size`."""
        return {}


class SharedMatting(Solver):
    """Gastal and Oliveira, "Shared sampling for real-time alpha matting", Eurographics 2010."""

    name, title, function = "shared", "Shared matting", "estimate_alpha_sm"
    whole, known_cost, largest = 600_000, 1, 2e6


class ClosedForm(Solver):
    """Levin, Lischinski and Weiss, "A closed-form solution to natural image matting", TPAMI 2008."""

    name, title, function = "closed-form", "Closed-form matting", "estimate_alpha_cf"
    known_cost, largest = 0.01, 3e5


class KNN(Solver):
    """Chen, Li and Tang, "KNN matting", TPAMI 2013."""

    name, title, function = "knn", "KNN matting", "estimate_alpha_knn"
    whole, margin, known_cost, largest = 600_000, 128, 1, 6e5

    def settings(self, box: Box, size: tuple[int, ...]) -> dict[str, Any]:
        """pymatting measures distance in widths of what it is given, here a box: weigh it as in the whole picture."""
        scale = math.sqrt(box.area / math.prod(size))
        return {"laplacian_kwargs": {"distance_weights": [2.0 * scale, 0.1 * scale]}}


class LearningBased(Solver):
    """Zheng and Kambhamettu, "Learning based digital matting", ICCV 2009."""

    name, title, function = "learning-based", "Learning-based matting", "estimate_alpha_lbdm"
    known_cost, largest = 1, 6e5


class LargeKernel(Solver):
    """He, Sun and Tang, "Fast matting using large kernel matting Laplacian matrices", CVPR 2010."""

    name, title, function = "lkm", "Large-kernel matting", "estimate_alpha_lkm"
    known_cost, largest = 1, 1e6


class RandomWalk(Solver):
    """Grady et al., "Random walks for interactive alpha-matting", VIIP 2005."""

    name, title, function = "random-walk", "Random-walk matting", "estimate_alpha_rw"
    known_cost, largest = 0.1, 3e5


SOLVERS: tuple[type[Solver], ...] = (SharedMatting, ClosedForm, KNN, LearningBased, LargeKernel, RandomWalk)
