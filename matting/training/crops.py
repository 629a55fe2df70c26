"""The pictures training works on, and where they come from."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matting.arrays import UNKNOWN, Alpha, Colours, Image, Trimap

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Picture:
    """An image, its trimap, its true alpha, and what a classical solver guessed where a network asks for that."""

    image: Image
    trimap: Trimap
    alpha: Alpha
    guess: Floats | None = field(default=None, kw_only=True)
    """(C, H, W) float32 in [0, 1]: alphas, and last the foreground's and the background's RGB."""

    @property
    def unknown(self) -> float:
        """The share of unknown pixels."""
        return float(np.mean(self.trimap == UNKNOWN))


@dataclass(frozen=True)
class Crop(Picture):
    """A square picture to train on, with the colours it was composed of."""

    foreground: Colours
    background: Colours


class Source(Protocol):
    """Crops by number. The same number gives the same crop in every process, which is all a resumed run needs."""

    def __call__(self, index: int) -> Crop: ...  # noqa: D102
