"""Subjects cut out of photographs that installed packages bring, before other photographs.

A composition is not a photo, but its colours come from cameras, and its alpha is exact. The alphas beside this file are
answers of our own models; those of the coins began with a threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from matting.arrays import Alpha, Colours, Image, to_uint8
from matting.files import read_alpha, read_image
from matting.foreground import estimate_foreground
from matting.training.crops.compose import ComposedCrops, cut_out

ALPHAS = Path(__file__).parent / "alphas"
LEARNED = ("astronaut", "chelsea", "rocket")
MEASURED = ("camera", "coins", "grace_hopper", "motorcycle")
"""Subjects to rehearse, and others of which nothing is ever learned."""


@dataclass(frozen=True)
class CutOut:
    """A subject's own colours and its alpha, read like one of a dataset's pairs."""

    foreground: Image
    alpha: Alpha
    photo = None

    def read(self) -> tuple[Image, Alpha]:
        """Both."""
        return self.foreground, self.alpha

    def read_photo(self) -> None:
        """The photo itself is not among the samples."""


class CutOutCrops(ComposedCrops):
    """A CropSource: the subjects of the photographs called `names` before `photographs`."""

    def __init__(self, names: Sequence[str], photographs: Sequence[Image], *, size: int, seed: int) -> None:
        super().__init__([cut_out_of(name) for name in names], (), size=size, seed=seed)
        self.photographs = tuple(photographs)

    def _background(self, rng: np.random.Generator) -> Colours:
        return cut_out(self.photographs[rng.integers(len(self.photographs))], (self.size, self.size), rng)


@cache
def cut_out_of(name: str) -> CutOut:
    """The subject of the photograph of that name."""
    photo, alpha = photograph(name), read_alpha(ALPHAS / f"{name}.png")
    return CutOut(to_uint8(estimate_foreground(photo, alpha)), alpha)


def photograph(name: str) -> Image:
    """Matplotlib's portrait, or the photograph of that name in scikit-image: public domain or CC0."""
    if name == "grace_hopper":
        from matplotlib import cbook

        return read_image(Path(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))))
    import skimage

    pictures: Any = skimage.data
    picture: Image = pictures.stereo_motorcycle()[0] if name == "motorcycle" else getattr(pictures, name)()
    return np.repeat(picture[..., None], 3, 2) if picture.ndim == 2 else picture
