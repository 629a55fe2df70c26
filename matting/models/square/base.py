"""What all models that see a photo as a square have in common: how it is encoded, and their answer decoded."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from matting.arrays import Alpha, Image, Trimap, to_float
from matting.models.base import Model
from matting.resize import resize
from matting.runtime import PictureNetwork, Tensor, picture_network
from matting.solving.guided_upsampling import guided_upsample
from matting.weights import find_weights

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_DEVIATION = (0.229, 0.224, 0.225)


class SquareModel(Model):
    """Squeezes the photo into a square, whatever its shape; a subclass gives the numbers of its network."""

    side: int
    """Side of the square, in pixels."""
    mean: tuple[float, float, float] = IMAGENET_MEAN
    """Subtracted from red, green and blue in [0, 1]."""
    deviation: tuple[float, float, float] = IMAGENET_DEVIATION
    """What the difference is divided by."""
    gives_logits = False
    """Whether the network leaves the last sigmoid to us."""

    def __init__(self) -> None:
        """From the weights file in its place, fetched if need be.

        Raises:
            WeightsError: the file cannot be obtained.
            ValueError: it does not hold a network that takes such a square.
        """
        self._network = square_network(find_weights(self.weights[0]), self.side)

    def estimate(self, image: Image, trimap: Trimap | None) -> Alpha:  # noqa: ARG002
        """See Model.estimate."""
        return self.decode(self._network(self.encode(image)), image)

    def encode(self, image: Image) -> Tensor:
        """(H, W, 3) uint8 → (1, 3, side, side) float32, normalised."""
        small = to_float(resize(image, (self.side, self.side)))
        normalised = (small - np.array(self.mean, np.float32)) / np.array(self.deviation, np.float32)
        return np.ascontiguousarray(normalised.transpose(2, 0, 1)[None], np.float32)

    def decode(self, output: Tensor, image: Image) -> Alpha:
        """The network's (1, 1, side, side) output → alpha (H, W) at the size of `image`, edges kept.

        The values are taken as they are: stretching them to their own minimum and maximum, as is common, would turn a
        photo without a subject into a full matte.
        """
        return guided_upsample(self.alpha_of(output), image)

    def alpha_of(self, output: Tensor) -> Alpha:
        """The network's (1, 1, side, side) output as an alpha (side, side)."""
        values = np.nan_to_num(output[0, 0])
        alpha: Alpha = 1 / (1 + np.exp(-np.clip(values, -30, 30))) if self.gives_logits else np.clip(values, 0, 1)
        return alpha


@lru_cache(maxsize=2)
def square_network(path: Path, side: int) -> PictureNetwork:
    """The network of the file at `path`: held once, whether it was chosen by name or by `auto`."""
    return picture_network(path, (1, 3, side, side))
