"""Semantic Human Matting: people, without a trimap (Chen et al., ACM Multimedia 2018, arXiv 1809.01354)."""

from typing import TYPE_CHECKING

import numpy as np

from matting.arrays import Alpha, Image, Trimap
from matting.models.published.base import TorchNetwork
from matting.resize import resize
from matting.runtime import Tensor
from matting.solving.guided_upsampling import guided_upsample

if TYPE_CHECKING:
    from torch import nn

SIDE = 320
"""Side, in pixels, of the square that the network sees, as in its training."""
MEAN = np.array([114, 121, 134], np.float32)
"""Mean of blue, green and red."""


class SHMModel(TorchNetwork):
    """People. Nobody published weights for it: it is here to be trained."""

    name = "shm"
    title = "Semantic Human Matting: people"
    weights = ("shm",)

    @staticmethod
    def build() -> "nn.Module":
        """See TorchNetwork.build."""
        from matting.networks.published.shm import SHM

        return SHM()

    def estimate(self, image: Image, trimap: Trimap | None) -> Alpha:  # noqa: ARG002
        """See Model.estimate."""
        (output,) = self._network(image=encode(squeezed(image)))
        return decode(output, image)


def squeezed(image: Image) -> Image:
    """(SIDE, SIDE, 3)."""
    return resize(image, (SIDE, SIDE))


def encode(image: Image) -> Tensor:
    """(1, 3, H, W): blue, green and red, as the network takes them."""
    return np.ascontiguousarray(((image[..., ::-1] - MEAN) / 255).transpose(2, 0, 1)[None], np.float32)


def decode(output: Tensor, image: Image) -> Alpha:
    """The network's (1, 1, h, w) output → alpha (H, W) at the size of `image`, edges kept."""
    return guided_upsample(np.clip(output[0, 0], 0, 1), image)
