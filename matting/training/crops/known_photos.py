"""Photographs of installed packages, and parts of them with a network's own earlier answers, so that it keeps them.

Generated pictures alone do not show what is forgotten about photographs.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from matting.arrays import Alpha, Image, Trimap, to_float, to_uint8
from matting.files import read_image, read_trimap
from matting.foreground import quick_foreground
from matting.resize import resize
from matting.training.augment import photographed
from matting.training.crops import Crop, telling
from matting.training.crops.compose import placed, warped
from matting.training.synthetic import installed_photographs
from matting.training.trimaps import random_trimap

TRIMAPS = Path(__file__).parent / "trimaps"
"""Trimaps of the photographs with a subject, made by our own automatic model; they have the size that is used."""
Answered = tuple[Image, Alpha]
"""A photograph and the answer to it."""


def portraits() -> list[Image]:
    """The portrait that comes with Matplotlib (public domain); scikit-image's is among its photographs."""
    from matplotlib import cbook

    return [read_image(Path(str(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))))]


def answered(answer: Callable[[Image, Trimap], Alpha]) -> list[Answered]:
    """Each photograph with a subject, with the `answer` to it and its trimap."""
    trimaps = [read_trimap(path) for path in sorted(TRIMAPS.glob("*.png"))]
    photos = [*portraits(), *installed_photographs()][: len(trimaps)]  # those after them show textures
    small = [resize(photo, trimap.shape) for photo, trimap in zip(photos, trimaps, strict=True)]
    return [(photo, answer(photo, trimap)) for photo, trimap in zip(small, trimaps, strict=True)]


class AnsweredCrops:
    """A CropSource: parts of photographs, with the network's earlier answers as their alphas."""

    def __init__(self, photos: Sequence[Answered], *, size: int, seed: int) -> None:
        self.photos, self.size, self.seed = tuple(photos), size, seed

    def __call__(self, index: int) -> Crop:
        """See CropSource."""
        return telling(self._draw, self.seed * 1_000_003 + index)

    def _draw(self, number: int) -> Crop:
        rng = np.random.default_rng([number, 5])
        photo, answer = self.photos[rng.integers(len(self.photos))]
        cut = placed(answer, rng, size=self.size)
        colours, alpha = (
            np.clip(warped(plane, cut, self.size, cv2.BORDER_REPLICATE), 0, 1) for plane in (to_float(photo), answer)
        )
        part = to_uint8(colours)
        front, back = (to_float(quick_foreground(part, share)) for share in (alpha, 1 - alpha))
        return Crop(photographed(colours, rng), random_trimap(alpha, rng), alpha, front, back)
