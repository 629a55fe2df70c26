"""U²-Net and its small sibling: a photo's salient object (Qin et al., Pattern Recognition 2020, arXiv 2005.09007)."""

import numpy as np

from matting.arrays import Alpha, Image, Trimap, to_float
from matting.models.base import Model
from matting.resize import resize
from matting.runtime import Tensor, onnx_network
from matting.solving.guided_upsampling import guided_upsample
from matting.weights import find_weights

SIDE = 320
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


class U2NetModel(Model):
    """Any salient object: animals, things, people without detailed hair."""

    name = "u2net"
    title = "U²-Net: animals and things, larger"
    weights = ("u2net",)

    def __init__(self) -> None:
        self._network = onnx_network(find_weights(self.weights[0]))

    def estimate(self, image: Image, trimap: Trimap | None) -> Alpha:  # noqa: ARG002
        """See Model.estimate."""
        return decode(self._network(input_1=encode(image))[0], image)


class U2NetPModel(U2NetModel):
    """As U²-Net with 1/38 of its weights; the salient-object model that comes with the app."""

    name = "u2netp"
    title = "U²-NetP: animals and things"
    weights = ("u2netp",)


def encode(image: Image) -> Tensor:
    """(H, W, 3) uint8 → (1, 3, 320, 320) float32, normalised with ImageNet's mean and deviation."""
    small = (to_float(resize(image, (SIDE, SIDE))) - MEAN) / DEVIATION
    return np.ascontiguousarray(small.transpose(2, 0, 1)[None], np.float32)


def decode(output: Tensor, image: Image) -> Alpha:
    """The network's (1, 1, 320, 320) saliency → alpha (H, W) at the size of `image`, edges kept.

    The values are taken as they are: stretching them to their own minimum and maximum, as is common, would turn a photo
    without a subject into a full matte.
    """
    return guided_upsample(np.clip(output[0, 0], 0, 1), image)
