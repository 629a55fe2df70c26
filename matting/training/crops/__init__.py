"""The pictures used in training, and where they come from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Colours, Image, Trimap

Floats = NDArray[np.float32]
TRIES = 20
"""The most crops drawn in search of one that is useful."""


@dataclass(frozen=True)
class Picture:
    """An image, its trimap, its true alpha, and the guess of a classical solver if the network wants one."""

    image: Image
    trimap: Trimap
    alpha: Alpha
    guess: Floats | None = field(default=None, kw_only=True)
    """(C, H, W) float32 in [0, 1]: alphas, then the RGB of foreground and background."""

    @property
    def unknown(self) -> float:
        """The share of unknown pixels."""
        return float(np.mean(self.trimap == UNKNOWN))


@dataclass(frozen=True)
class Crop(Picture):
    """A square picture to train on, with the colours it was composed of."""

    foreground: Colours
    background: Colours


class CropSource(Protocol):
    """Crops by number. The same number gives the same crop in every process, so a resumed run sees the same ones."""

    def __call__(self, index: int) -> Crop: ...  # noqa: D102


def is_telling(crop: Crop) -> bool:
    """Whether `crop` is worth learning from: it has known foreground and background, and not too much unknown."""
    known = np.mean(crop.trimap == FOREGROUND), np.mean(crop.trimap == BACKGROUND)
    return bool(known[0] > 0.02 and known[1] > 0.05 and 0.02 < crop.unknown < 0.7)


def telling(draw: Callable[[int], Crop], index: int) -> Crop:
    """The first useful one of the TRIES crops that `draw` gives for crop `index`, or the last of them."""
    for number in range(index * TRIES, (index + 1) * TRIES):
        crop = draw(number)
        if is_telling(crop):
            break
    return crop
