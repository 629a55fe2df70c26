"""Parts of large generated scenes in which everything that has a colour comes from photographs.

What is hard in photographs, hair, wire, leaves, glass, is drawn as large as a camera shows it, and the trimaps are as
wide as people draw them. A whole scene on a small crop shows neither.
"""

from collections.abc import Sequence

import numpy as np

from matting.arrays import UNKNOWN, Image
from matting.training.augment import photographed
from matting.training.crops import Crop, telling
from matting.training.synthetic import synthesise
from matting.training.trimaps import NARROW, WIDE, random_trimap

KINDS = (
    "fur", "hair", "foliage", "net", "mesh", "threads", "twigs", "curls", "fair hair", "wire", "thicket", "glassware",
    "sheer",
)  # fmt: skip
"""The kinds of subject without a simple outline."""
LARGER = 2
"""The side of a scene, in sides of a crop."""
VERY_WIDE = (25.0, 80.0)
"""Pixels by which the unknown reaches beyond the fractional alpha in one trimap of five; others are NARROW or WIDE."""


class SceneParts:
    """A CropSource: squares of `size` pixels, each from its own scene, with something unknown in them."""

    def __init__(self, photographs: Sequence[Image], *, size: int, seed: int) -> None:
        self.photographs, self.size, self.seed = tuple(photographs), size, seed

    def __call__(self, index: int) -> Crop:
        """See CropSource."""
        return telling(self._draw, self.seed * 1_000_003 + index)

    def _draw(self, number: int) -> Crop:
        rng = np.random.default_rng([number, 5])
        side = LARGER * self.size
        kind = KINDS[rng.integers(len(KINDS))]
        scene = synthesise([number, 6], (side, side), photographs=self.photographs, kind=kind, photographic=True)
        trimap = random_trimap(scene.alpha, rng, (NARROW, WIDE, VERY_WIDE)[rng.choice(3, p=(0.4, 0.4, 0.2))])
        places = np.flatnonzero(trimap == UNKNOWN)
        place = divmod(int(rng.choice(places)) if places.size else side * side // 2, side)
        top, left = (int(np.clip(at - rng.integers(self.size), 0, side - self.size)) for at in place)
        here = np.s_[top : top + self.size, left : left + self.size]
        image = photographed(scene.composite()[here], rng)
        return Crop(image, trimap[here], scene.alpha[here], scene.foreground[here], scene.background[here])
