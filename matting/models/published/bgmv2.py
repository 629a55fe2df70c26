"""BackgroundMattingV2: any subject, given a picture of the background alone, too (Lin et al., CVPR 2021)."""

import math
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from matting.arrays import Alpha, Image, Trimap, check_image, to_float
from matting.models.published.base import TorchNetwork
from matting.resize import pad_to_multiple, resize, within
from matting.runtime import Tensor
from matting.solving.guided_upsampling import guided_upsample

if TYPE_CHECKING:
    from torch import nn

MULTIPLE = 4
MAX_PIXELS = 9_000_000
"""Pixels of the largest photo that the network sees as it is, at some 180 bytes each: 4K, as published."""


class BGMv2Model(TorchNetwork):
    """What a photo shows and a picture of the empty background, by the same camera at the same place, does not."""

    name = "bgmv2"
    title = "Background Matting V2"
    weights = ("bgmv2",)
    needs_plate = True
    plate: Image | None = None
    """The picture of the empty background, in the model that `with_plate` gave."""

    @staticmethod
    def build() -> "nn.Module":
        """See TorchNetwork.build."""
        from matting.networks.published.bgmv2 import BGMv2

        return BGMv2()

    def with_plate(self, plate: Image) -> "BGMv2Model":
        """This model for photos in front of the background that `plate` (h, w, 3) uint8 shows, resized if need be.

        Raises:
            ValueError: the plate is malformed; says what was wanted and given.
        """
        check_image(plate)
        bound = copy(self)
        bound.plate = plate
        return bound

    def estimate(self, image: Image, trimap: Trimap | None) -> NDArray[np.floating[Any]]:  # noqa: ARG002
        """See Model.estimate."""
        if self.plate is None:
            raise ValueError(f"model {self.name} needs a picture of the empty background (with_plate), but got none")
        if math.prod(image.shape[:2]) <= MAX_PIXELS:
            return self._alpha(image, self.plate)
        small = resize(image, within(image.shape[:2], int(max(image.shape) * (MAX_PIXELS / image[..., 0].size) ** 0.5)))
        return guided_upsample(self._alpha(small, self.plate), image)

    def _alpha(self, image: Image, plate: Image) -> Alpha:
        """The network's own alpha of `image`; the plate may have a different size."""
        height, width = image.shape[:2]
        padded = (pad_to_multiple(one, MULTIPLE) for one in (image, resize(plate, (height, width))))
        (output,) = self._network(**encode(*padded))
        alpha: Alpha = output[0, 0, :height, :width]
        return alpha


class BGMv2ResNet101Model(BGMv2Model):
    """The same with the largest of the three backbones."""

    name = "bgmv2-resnet101"
    title = "Background Matting V2, ResNet-101"
    weights = ("bgmv2-resnet101",)
    is_trainable = False

    @staticmethod
    def build() -> "nn.Module":
        """See TorchNetwork.build."""
        from matting.networks.published.bgmv2 import BGMv2, ResNet

        return BGMv2(ResNet(third_blocks=23))


class BGMv2MobileNetModel(BGMv2Model):
    """The same with the smallest of the three backbones."""

    name = "bgmv2-mobilenetv2"
    title = "Background Matting V2, MobileNetV2"
    weights = ("bgmv2-mobilenetv2",)
    is_trainable = False

    @staticmethod
    def build() -> "nn.Module":
        """See TorchNetwork.build."""
        from matting.networks.published.bgmv2 import BGMv2, MobileNet

        return BGMv2(MobileNet())


def encode(image: Image, plate: Image) -> dict[str, Tensor]:
    """The network's two inputs, (1, 3, H, W) each, for pictures whose sides are multiples of 4."""
    pictures = {"image": image, "plate": plate}
    return {name: np.ascontiguousarray(to_float(one).transpose(2, 0, 1))[None] for name, one in pictures.items()}
