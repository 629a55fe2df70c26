"""GCA-Matting: any subject, from a trimap (Li & Lu, AAAI 2020, arXiv 2001.04069)."""

from typing import TYPE_CHECKING

from matting.arrays import Alpha, Image, Trimap
from matting.models.encoding import encode_image, encode_trimap
from matting.models.published.base import TorchModel, bordered, without_border
from matting.runtime import Tensor

if TYPE_CHECKING:
    from torch import nn


class GCAModel(TorchModel):
    """Any subject a trimap is drawn for: hair, fur, leaves, nets. Its weights are for research only."""

    name = "gca"
    title = "GCA-Matting"
    weights = ("gca",)

    @staticmethod
    def build() -> "nn.Module":
        """See TorchModel.build."""
        from matting.networks.published.gca import GCA

        return GCA()

    def run(self, image: Image, trimap: Trimap) -> Alpha:
        """The network's own alpha of the whole `image`, known pixels not imposed."""
        (output,) = self._network(**encode(image, trimap))
        return without_border(output[0, 0], trimap.shape)


class GCADistModel(GCAModel):
    """The same network with the weights of the paper's table, trained on less: to compare with its numbers."""

    name = "gca-dist"
    title = "GCA-Matting as in the paper"
    weights = ("gca-dist",)
    is_trainable = False


def encode(image: Image, trimap: Trimap) -> dict[str, Tensor]:
    """The network's two inputs, (1, 3, h, w) each, of the picture with its border."""
    return {"image": encode_image(bordered(image)), "trimap": encode_trimap(bordered(trimap))}
