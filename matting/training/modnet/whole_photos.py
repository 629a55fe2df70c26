"""Whole photographs over other backgrounds, for networks that get no trimap and must find the subject."""

import numpy as np

from matting.arrays import Alpha, Colours, Image, to_float
from matting.resize import resize
from matting.training.crops.compose import ComposedCrops

SHOWN = 0.7
"""The least share of a photo's height, and of its width, that is used."""
SQUEEZED = 4 / 3
"""The largest aspect ratio of the part used; it is then squeezed into a square."""


class WholePhotos(ComposedCrops):
    """Like ComposedCrops, but with all or most of each photo: a subject cut off by the frame stays at the frame."""

    merged = 0.0

    def _cut(
        self,
        photo: Image,
        foreground: Image,
        alpha: Alpha,
        rng: np.random.Generator,
        border: int,  # noqa: ARG002
    ) -> tuple[Colours, Colours, Alpha]:
        both, alpha = framed(np.dstack([photo, foreground]), alpha, rng)
        size = (self.size, self.size)
        photo_seen, colours = (resize(to_float(np.ascontiguousarray(each)), size) for each in np.split(both, 2, axis=2))
        return photo_seen, colours, resize(alpha, size)


class ComposedPhotos(WholePhotos):
    """WholePhotos whose backgrounds are all known: photos as they were taken are left out."""

    as_taken = 0.0


def framed(photo: Image, alpha: Alpha, rng: np.random.Generator) -> tuple[Image, Alpha]:
    """Most of `photo` and of its `alpha`, nearly square; half of them mirrored."""
    height, width = (side * rng.uniform(SHOWN, 1) for side in alpha.shape)
    rows, columns = (max(1, round(min(side, SQUEEZED * other))) for side, other in ((height, width), (width, height)))
    top, left = rng.integers(alpha.shape[0] - rows + 1), rng.integers(alpha.shape[1] - columns + 1)
    part = np.s_[top : top + rows, left : left + columns]
    turned = np.s_[:, ::-1] if rng.random() < 0.5 else np.s_[:, :]
    return np.ascontiguousarray(photo[part][turned]), np.ascontiguousarray(alpha[part][turned])
