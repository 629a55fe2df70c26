"""ViTMatte: any subject, from a trimap, by a plain vision transformer (Yao et al. 2023, arXiv 2305.15272)."""

import numpy as np

from matting.arrays import BACKGROUND, FOREGROUND, Alpha, Image, Trimap, to_float
from matting.models.base import RegionModel
from matting.models.gca import normalised
from matting.runtime import Tensor, picture_network
from matting.solving.region_by_region import solve_regions
from matting.solving.regions import unknown_regions
from matting.weights import find_weights

MULTIPLE = 32
CONTEXT = 128
"""Pixels around the unknown that the network sees."""
REGION_PIXELS = 800_000
"""Pixels of one region: four of the twelve layers compare every 16 × 16 pixels with all others, so memory grows with
the square of this."""


class ViTMatteSmallModel(RegionModel):
    """Any subject a trimap is drawn for. Its weights learned from Adobe's Composition-1k, so they are for research."""

    name = "vitmatte-small"
    title = "ViTMatte small"
    weights = ("vitmatte-small",)

    def __init__(self, *, exact: bool = False) -> None:
        """From the weights file in its place, fetched if need be.

        Raises:
            WeightsError: the file cannot be had.
            ValueError: it holds no network that takes a picture and its trimap.
        """
        super().__init__(exact=exact)
        self._network = picture_network(find_weights(self.weights[0]), (1, 4, None, None))

    def by_regions(self, image: Image, trimap: Trimap) -> Alpha:
        """See RegionModel.by_regions; a region may have no known foreground or no known background: none is needed."""
        boxes = unknown_regions(trimap, margin=CONTEXT, largest=REGION_PIXELS)
        return solve_regions(trimap, lambda box: self.run(image[box.slices], trimap[box.slices]), boxes, margin=CONTEXT)

    def run(self, image: Image, trimap: Trimap) -> Alpha:
        """The network's own alpha of the whole `image`, known pixels not imposed."""
        height, width = trimap.shape
        alpha: Alpha = self._network(encode(image, trimap))[0, 0, :height, :width]
        return alpha


class ViTMatteBaseModel(ViTMatteSmallModel):
    """The same with four times the weights."""

    name = "vitmatte-base"
    title = "ViTMatte base"
    weights = ("vitmatte-base",)


def encode(image: Image, trimap: Trimap) -> Tensor:
    """(1, 4, h, w): red, green and blue normalised as in training; 0, 0.5 and 1 for the trimap.

    At the bottom and right zeros reach a multiple of 32.
    """
    known = np.where(trimap == FOREGROUND, 1.0, np.where(trimap == BACKGROUND, 0.0, 0.5))
    planes = np.concatenate([normalised(to_float(image)), known[None]]).astype(np.float32)
    missing = [(0, -side % MULTIPLE) for side in trimap.shape]
    return np.pad(planes, [(0, 0), *missing])[None]
