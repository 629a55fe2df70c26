"""A click on a thing → the thing: a photo is encoded once, then each set of points is answered in a moment.

MobileSAM: Zhang et al. 2023, arXiv 2306.14289; see matting/networks/mobile_sam.py.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matting.arrays import Image, check_image
from matting.resize import resize
from matting.runtime import Network, Tensor, torch_network
from matting.weights import find_weights

WEIGHTS = "mobile-sam"
SIDE = 1024
"""The long side at which a photo is encoded."""
MEAN, DEVIATION = np.array([[123.675, 116.28, 103.53], [58.395, 57.12, 57.375]], np.float32)
"""ImageNet's, in grey levels of red, green and blue."""


class Point(NamedTuple):
    """A pixel of the photo that belongs to the thing, or does not."""

    x: int
    y: int
    is_foreground: bool = True


class Selector:
    """One photo, encoded: 4 MB, some seconds of computing."""

    def __init__(self, image: Image) -> None:
        """Encode `image` (H, W, 3) uint8 RGB; the weights are fetched where needed.

        Raises:
            ValueError: `image` is not one.
            WeightsError: the weights cannot be had.
        """
        encoder, self._decoder = networks()
        self.size = check_image(image).shape[:2]
        scale = SIDE / max(self.size)
        self._shown = (max(1, round(self.size[0] * scale)), max(1, round(self.size[1] * scale)))
        (self._features,) = encoder(image=encode(resize(image, self._shown)))

    def candidates(self, points: Sequence[Point]) -> tuple[Tensor, Tensor]:
        """Logits (4, 256, 256) of the padded photo, positive where selected, and scores (4,), about their IoU.

        The first is meant for several points; the others are the whole, a part, and a part of that.
        """
        scale = np.array(self._shown[::-1]) / self.size[::-1]
        places = (np.array([point[:2] for point in points]) + 0.5) * scale
        labels = np.array([point.is_foreground for point in points])
        logits, scores = self._decoder(
            features=self._features,
            points=places[None].astype(np.float32),
            labels=labels[None].astype(np.float32),
        )
        return logits[0], scores[0]

    def enlarge(self, logits: Tensor) -> NDArray[np.bool_]:
        """(H, W) bool: where `logits` (256, 256) of the padded photo are positive on the photo itself."""
        height, width = self._shown
        soft = resize(logits, (SIDE, SIDE))[:height, :width]
        return resize(np.ascontiguousarray(soft), (self.size[0], self.size[1])) > 0


@cache
def networks() -> tuple[Network, Network]:
    """The image encoder and the decoder, loaded once."""
    # Not above, since torch takes seconds to import.
    from matting.networks.mobile_sam import MobileSAM
    from matting.networks.weights_file import load_network

    network = load_network(MobileSAM, find_weights(WEIGHTS))
    return torch_network(network.image_encoder), torch_network(network)


def encode(image: Image) -> Tensor:
    """(1, 3, 1024, 1024): a photo whose long side is 1024, padded with zeros at the bottom or the right."""
    square = np.zeros((SIDE, SIDE, 3), np.float32)
    square[: image.shape[0], : image.shape[1]] = (image - MEAN) / DEVIATION
    return np.ascontiguousarray(square.transpose(2, 0, 1))[None]
