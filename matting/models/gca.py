"""GCA-Matting: any subject, from a trimap (Li & Lu, AAAI 2020, arXiv 2001.04069)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Image, Trimap, to_float
from matting.models.base import RegionModel
from matting.runtime import Tensor, torch_network
from matting.solving.region_by_region import solve_regions
from matting.solving.regions import unknown_regions
from matting.weights import find_weights

if TYPE_CHECKING:
    from torch import nn

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
BORDER_PIXELS = 32
"""Mirrored pixels around the picture, as published."""
MULTIPLE = 32
CONTEXT = 128
"""Pixels around the unknown that the network sees; docs/log/gca.md has what less costs."""
REGION_PIXELS = 4_000_000
"""Pixels of one region: bounds memory, and time, which grows with their square."""


class GCAModel(RegionModel):
    """Any subject a trimap is drawn for: hair, fur, leaves, nets. Its weights are for research only."""

    name = "gca"
    title = "GCA-Matting"
    is_trainable = True
    weights = ("gca",)

    def __init__(self, path: Path | None = None, *, exact: bool = False, precision: str = "float32") -> None:
        """From the weights file at `path`, or the one placed by hand in weights/.

        `exact` shows the network the whole picture at once, instead of the unknown regions and what surrounds them.

        Raises:
            WeightsError: no `path` is given and the file is not in its place; says how to get it.
            ValueError: the file is not one of this network's weights.
        """
        self._network = torch_network(self.load(path or find_weights(self.weights[0])), precision=precision)
        super().__init__(exact=exact)

    @staticmethod
    def load(path: Path) -> "nn.Module":
        """The network with the weights at `path`, ready for use."""
        # Not at the top of the file, since torch takes seconds to import.
        from matting.networks.gca import GCA
        from matting.networks.weights_file import load_network

        return load_network(GCA, path)

    def by_regions(self, image: Image, trimap: Trimap) -> Alpha:
        """See RegionModel.by_regions; a region may have no known foreground or no known background: none is needed."""
        boxes = unknown_regions(trimap, margin=CONTEXT, largest=REGION_PIXELS)
        return solve_regions(trimap, lambda box: self.run(image[box.slices], trimap[box.slices]), boxes, margin=CONTEXT)

    def run(self, image: Image, trimap: Trimap) -> Alpha:
        """The network's own alpha of the whole `image`, known pixels not imposed."""
        (output,) = self._network(**encode(image, trimap))
        return decode(output, trimap.shape)


class GCADistModel(GCAModel):
    """The same network with the weights of the paper's table, trained on less: to compare with its numbers."""

    name = "gca-dist"
    title = "GCA-Matting as in the paper"
    weights = ("gca-dist",)
    is_trainable = False


def encode(image: Image, trimap: Trimap) -> dict[str, Tensor]:
    """The network's two inputs, (1, 3, h, w) each, of the picture with mirrored borders.

    The border is 32 pixels, and at the bottom and right what then reaches a multiple of 32.
    """
    margins = [(BORDER_PIXELS, BORDER_PIXELS + -side % MULTIPLE) for side in trimap.shape]
    return {
        "image": encode_image(np.pad(image, [*margins, (0, 0)], mode="reflect")),
        "trimap": encode_trimap(np.pad(trimap, margins, mode="reflect")),
    }


def encode_image(image: Image) -> Tensor:
    """(1, 3, H, W) with ImageNet's mean and deviation taken out."""
    return normalised(to_float(image))[None]


def encode_trimap(trimap: Trimap) -> Tensor:
    """(1, 3, H, W) one-hot: background, unknown, foreground."""
    return np.stack([trimap == label for label in (BACKGROUND, UNKNOWN, FOREGROUND)]).astype(np.float32)[None]


def normalised(colours: NDArray[np.floating[Any]]) -> Tensor:
    """(H, W, 3) RGB in [0, 1] → (3, H, W) with ImageNet's mean and deviation taken out."""
    return np.ascontiguousarray(((colours - MEAN) / DEVIATION).transpose(2, 0, 1), np.float32)


def decode(output: Tensor, size: tuple[int, ...]) -> Alpha:
    """The network's (1, 1, h, w) output → alpha of `size` (H, W), without the border."""
    height, width = size
    return output[0, 0, BORDER_PIXELS : BORDER_PIXELS + height, BORDER_PIXELS : BORDER_PIXELS + width]
