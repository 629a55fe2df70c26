"""MEMatte: any subject, from a trimap, by a vision transformer that spares memory (Lin et al., AAAI 2025)."""

from pathlib import Path
from typing import TYPE_CHECKING

from matting.arrays import Alpha, Image, Trimap
from matting.models.published.base import TorchModel
from matting.models.published.vitmatte import encode

if TYPE_CHECKING:
    from torch import Tensor, nn

LEFT_OUT = ("teacher_backbone.", "criterion.")
"""What a file from training holds beside the network."""


class MEMatteSmallModel(TorchModel):
    """Any subject that a trimap is drawn for; only the tokens that a router picks attend to each other."""

    name = "mematte-small"
    title = "MEMatte small"
    weights = ("mematte-small",)
    is_trainable = False
    region_pixels = 1_600_000
    """At some 1,200 bytes each."""

    @classmethod
    def load(cls, path: Path) -> "nn.Module":
        """See TorchNetwork.load."""
        from matting.networks.weights_file import load_network

        return load_network(cls.build, path, read=_read)

    @staticmethod
    def build() -> "nn.Module":
        """See TorchNetwork.build."""
        from matting.networks.published.mematte import MEMatte

        return MEMatte()

    def run(self, image: Image, trimap: Trimap) -> Alpha:
        """The network's own alpha of the whole `image`, known pixels not imposed."""
        height, width = trimap.shape
        (output,) = self._network(planes=encode(image, trimap))
        alpha: Alpha = output[0, 0, :height, :width]
        return alpha


class MEMatteBaseModel(MEMatteSmallModel):
    """The same with four times the weights."""

    name = "mematte-base"
    title = "MEMatte base"
    weights = ("mematte-base",)

    @staticmethod
    def build() -> "nn.Module":
        """See TorchNetwork.build."""
        from matting.networks.published.mematte import MEMatte

        return MEMatte(width=768)


def _read(path: Path) -> "dict[str, Tensor]":
    """The tensors of a file, without those that only training needs."""
    from matting.networks.weights_file import read_tensors

    return {name: value for name, value in read_tensors(path).items() if not name.startswith(LEFT_OUT)}
