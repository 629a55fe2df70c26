"""What models around a published network for trimaps have in common."""

from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from matting.arrays import Alpha, Image, Trimap, to_float
from matting.models.base import Model, RegionModel
from matting.models.encoding import encode_image
from matting.resize import pad_to_multiple
from matting.runtime import Tensor, torch_network
from matting.solving.box import Box
from matting.solving.region_by_region import solve_regions
from matting.solving.regions import unknown_regions
from matting.weights import find_weights

if TYPE_CHECKING:
    from torch import nn

BORDER_PIXELS = 32
"""Mirrored pixels around the picture, as GCA-Matting and MGMatting were published."""
MULTIPLE = 32


class AroundUnknownModel(RegionModel):
    """Solves regions around the unknown; one may have no known foreground or no known background."""

    context_pixels: ClassVar[int] = 128
    """Pixels around the unknown that the network sees; docs/log/gca.md has what less costs."""
    region_pixels: ClassVar[int] = 4_000_000
    """Pixels of one region: bounds memory."""

    def by_regions(self, image: Image, trimap: Trimap) -> Alpha:
        """See RegionModel.by_regions."""
        boxes, margin = self.boxes(trimap), self.context_pixels
        return solve_regions(trimap, lambda box: self.run(image[box.slices], trimap[box.slices]), boxes, margin=margin)

    def boxes(self, trimap: Trimap) -> list[Box]:
        """The regions."""
        return unknown_regions(trimap, margin=self.context_pixels, largest=self.region_pixels)


class TorchNetwork(Model):
    """A torch network with the weights of a file: the published one, or one that training wrote."""

    is_trainable = True

    def __init__(self, path: Path | None = None, *, precision: str = "float32") -> None:
        """From the weights file at `path`, or the published one in its place.

        Raises:
            WeightsError: no `path` is given and the file is not in its place; says how to get it.
            ValueError: the file is not one of this network's weights.
        """
        self._network = torch_network(self.load(path or find_weights(self.weights[0])), precision=precision)

    @classmethod
    def load(cls, path: Path) -> "nn.Module":
        """The network with the weights at `path`, ready for use."""
        from matting.networks.weights_file import load_network  # not above, since torch takes seconds to import

        return load_network(cls.build, path)

    @staticmethod
    @abstractmethod
    def build() -> "nn.Module":
        """The network, in training mode."""


class TorchModel(TorchNetwork, AroundUnknownModel):
    """Such a network that works out what a trimap leaves unknown."""

    def __init__(self, path: Path | None = None, *, exact: bool = False, precision: str = "float32") -> None:
        """See TorchNetwork; `exact` shows it the whole picture at once, not the unknown and what surrounds it."""
        super().__init__(path, precision=precision)
        self.is_exact = exact


class LevelsModel(TorchModel):
    """A network that takes the picture, and its trimap as one plane of three levels."""

    def run(self, image: Image, trimap: Trimap) -> Alpha:
        """The network's own alpha of the whole `image`, known pixels not imposed."""
        height, width = trimap.shape
        padded = pad_to_multiple(image, MULTIPLE), pad_to_multiple(trimap, MULTIPLE)
        (output,) = self._network(**encode_with_levels(*padded))
        alpha: Alpha = output[0, 0, :height, :width]
        return alpha


def encode_with_levels(image: Image, trimap: Trimap) -> dict[str, Tensor]:
    """The network's two inputs, (1, 3, H, W) and (1, 1, H, W), for a picture whose sides are multiples of 32."""
    return {"image": encode_image(image), "trimap": to_float(trimap)[None, None]}


def bordered(plane: NDArray[Any]) -> NDArray[Any]:
    """(H, W[, C]) with a mirrored border: 32 pixels, and more at the bottom and right, up to a multiple of 32."""
    margins = [(BORDER_PIXELS, BORDER_PIXELS + -side % MULTIPLE) for side in plane.shape[:2]]
    return np.pad(plane, margins + [(0, 0)] * (plane.ndim - 2), mode="reflect")


def without_border(plane: NDArray[Any], size: tuple[int, ...]) -> NDArray[Any]:
    """The (H, W) of `size` that `bordered` put a border around, from (…, h, w)."""
    height, width = size
    return plane[..., BORDER_PIXELS : BORDER_PIXELS + height, BORDER_PIXELS : BORDER_PIXELS + width]
