"""MGMatting: any subject, guided by what a trimap knows (Yu et al., CVPR 2021, arXiv 2012.06722)."""

from typing import TYPE_CHECKING

import numpy as np

from matting.arrays import FOREGROUND, Alpha, Image, Trimap
from matting.models.encoding import encode_image
from matting.models.published.base import TorchModel, bordered, without_border
from matting.runtime import Tensor

if TYPE_CHECKING:
    from torch import nn


class MGMattingModel(TorchModel):
    """Any subject; of the trimap, the network sees only a rough mask: where the foreground is known."""

    name = "mgmatting"
    title = "MGMatting"
    weights = ("mgmatting",)
    region_pixels = 2_000_000
    """Pixels of one region, at about 540 bytes each."""

    @staticmethod
    def build() -> "nn.Module":
        """See TorchModel.build."""
        from matting.networks.published.mgmatting import MGMatting

        return MGMatting()

    def run(self, image: Image, trimap: Trimap) -> Alpha:
        """The network's own alpha of the whole `image`, known pixels not imposed."""
        (output,) = self._network(**encode(bordered(image), bordered(trimap)))
        return without_border(output[0, 0], trimap.shape)


def encode(image: Image, trimap: Trimap) -> dict[str, Tensor]:
    """The network's two inputs, (1, 3, H, W) and (1, 1, H, W), for a picture whose sides are multiples of 32."""
    return {"image": encode_image(image), "guidance": (trimap == FOREGROUND)[None, None].astype(np.float32)}
