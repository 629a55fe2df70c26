"""The classical solvers of pymatting: alpha from the trimap and the photo alone, no weights.

pymatting solves the whole picture. Here each solves boxes around the unknown pixels, so that time depends on those and
memory is bounded; docs/log/solvers.md shows what that saves, and by how much alpha differs.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matting.arrays import Image, Trimap, to_float
from matting.models.base import RegionModel
from matting.solving.bounded_memory import WHOLE, Needs, solve_bounded
from matting.solving.box import Box
from matting.solving.pymatting_calls import call

MIN_SIDE = 48
"""Smaller boxes are mirrored to this side: large-kernel matting cannot run under 41."""


class Solver(RegionModel):
    """The common part of the solvers; each subclass gives its numbers."""

    needs_both = True
    function: str
    """pymatting's name for it."""
    whole: float = 0
    """Pictures of up to this many pixels are solved whole: for solvers that use colours from all over the picture."""

    def by_regions(self, image: Image, trimap: Trimap) -> NDArray[np.floating[Any]]:
        """See RegionModel.by_regions."""
        is_small = trimap.size <= self.whole and self.needs.memory(trimap) <= WHOLE
        return self.run(image, trimap) if is_small else solve_bounded(image, trimap, self.solve_box, self.needs)

    def run(self, image: Image, trimap: Trimap) -> NDArray[np.floating[Any]]:
        """See RegionModel.run."""
        return self.solve_box(image, trimap, Box(0, 0, *trimap.shape))

    def solve_box(self, image: Image, trimap: Trimap, box: Box) -> NDArray[np.floating[Any]]:
        """The alpha of one box, from its pixels alone."""
        short = [(0, max(0, MIN_SIDE - side)) for side in box.size]
        crop = np.pad(image[box.slices], (*short, (0, 0)), mode="symmetric")
        known = np.pad(trimap[box.slices], short, mode="symmetric")
        settings = self.settings(box, trimap.shape)
        alpha = call(self.function, to_float(crop).astype(np.float64), known / 255, **settings)
        return alpha[: box.size[0], : box.size[1]]  # type: ignore[no-any-return]

    def settings(self, box: Box, size: tuple[int, ...]) -> dict[str, Any]:  # noqa: ARG002
        """Keywords for pymatting whose defaults depend on the picture's `size`."""
        return {}


class SharedMatting(Solver):
    """Gastal and Oliveira, "Shared sampling for real-time alpha matting", Eurographics 2010."""

    name, title, function = "shared", "Shared matting", "estimate_alpha_sm"
    whole, needs = 600_000, Needs(160, 160, known_cost=1, largest=1e6)


class ClosedForm(Solver):
    """Levin, Lischinski and Weiss, "A closed-form solution to natural image matting", TPAMI 2008."""

    name, title, function = "closed-form", "Closed-form matting", "estimate_alpha_cf"
    needs = Needs(180, 2900, known_cost=0.01, largest=3e5)


class KNN(Solver):
    """Chen, Li and Tang, "KNN matting", TPAMI 2013."""

    name, title, function = "knn", "KNN matting", "estimate_alpha_knn"
    whole, needs = 500_000, Needs(3400, 3400, known_cost=1, margin=128)

    def settings(self, box: Box, size: tuple[int, ...]) -> dict[str, Any]:
        """pymatting measures distance in widths of what it is given, here a box: weigh it as in the whole picture."""
        scale = math.sqrt(box.area / math.prod(size))
        return {"laplacian_kwargs": {"distance_weights": [2.0 * scale, 0.1 * scale]}}


class LearningBased(Solver):
    """Zheng and Kambhamettu, "Learning based digital matting", ICCV 2009."""

    name, title, function = "learning-based", "Learning-based matting", "estimate_alpha_lbdm"
    needs = Needs(2600, 2600, known_cost=1)


class LargeKernel(Solver):
    """He, Sun and Tang, "Fast matting using large kernel matting Laplacian matrices", CVPR 2010."""

    name, title, function = "lkm", "Large-kernel matting", "estimate_alpha_lkm"
    needs = Needs(460, 460, known_cost=1)


class RandomWalk(Solver):
    """Grady et al., "Random walks for interactive alpha-matting", VIIP 2005."""

    name, title, function = "random-walk", "Random-walk matting", "estimate_alpha_rw"
    needs = Needs(570, 570, known_cost=0.1)


SOLVERS: tuple[type[Solver], ...] = (SharedMatting, ClosedForm, KNN, LearningBased, LargeKernel, RandomWalk)
