"""ViTMatte: any subject, from a trimap, by a plain vision transformer (Yao et al. 2023, arXiv 2305.15272)."""

import numpy as np

from matting.arrays import Alpha, Image, Trimap
from matting.models.encoding import encode_image, encode_levels
from matting.models.published.base import AroundUnknownModel
from matting.runtime import Tensor, picture_network
from matting.weights import find_weights

MULTIPLE = 32


class ViTMatteSmallModel(AroundUnknownModel):
    """Any subject a trimap is drawn for. Its weights learned from Adobe's Composition-1k, so they are for research."""

    name = "vitmatte-small"
    title = "ViTMatte small"
    weights = ("vitmatte-small",)
    region_pixels = 800_000
    """Four of the twelve layers compare every 16 × 16 pixels with all others, so memory grows with the square."""

    def __init__(self, *, exact: bool = False) -> None:
        """From the weights file in its place, fetched if need be.

        Raises:
            WeightsError: the file cannot be obtained.
            ValueError: it does not hold a network that takes a picture and its trimap.
        """
        super().__init__(exact=exact)
        self._network = picture_network(find_weights(self.weights[0]), (1, 4, None, None))

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

    Zeros at the bottom and right fill it up to a multiple of 32.
    """
    planes = np.concatenate([encode_image(image), encode_levels(trimap)], axis=1)
    missing = [(0, -side % MULTIPLE) for side in trimap.shape]
    return np.pad(planes, [(0, 0), (0, 0), *missing])
