"""MGMatting: any subject, guided by a rough mask (Yu et al., CVPR 2021, arXiv 2012.06722)."""

from copy import copy
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from matting.arrays import FOREGROUND, UNKNOWN, Alpha, Image, Trimap, check_size
from matting.models.encoding import encode_image
from matting.models.published.base import TorchModel, bordered, without_border
from matting.runtime import Tensor
from matting.solving.region_by_region import solve_regions

if TYPE_CHECKING:
    from torch import nn


Mask: TypeAlias = NDArray[np.bool_]


class MGMattingModel(TorchModel):
    """Any subject; the network sees a rough mask: the one that was given, or where a trimap knows the foreground."""

    name = "mgmatting"
    title = "MGMatting"
    weights = ("mgmatting",)
    region_pixels = 2_000_000
    """Pixels of one region, at about 540 bytes each."""
    mask: Mask | None = None
    """Where the subject roughly is, in the model that `guided_by` gave."""

    @staticmethod
    def build() -> "nn.Module":
        """See TorchModel.build."""
        from matting.networks.published.mgmatting import MGMatting

        return MGMatting()

    def guided_by(self, mask: Alpha) -> "MGMattingModel":
        """This model for the photo whose subject a rough mask or alpha (H, W) float32 in [0, 1] shows.

        It needs no trimap then, and works out the whole photo.
        """
        bound = copy(self)
        bound.mask, bound.needs_trimap = mask >= 0.5, False
        return bound

    def estimate(self, image: Image, trimap: Trimap | None) -> NDArray[np.floating[Any]]:
        """See Model.estimate; without a trimap, nothing is known."""
        return self.solve(image, np.full(image.shape[:2], UNKNOWN, np.uint8) if trimap is None else trimap)

    def by_regions(self, image: Image, trimap: Trimap) -> Alpha:
        """See RegionModel.by_regions."""
        mask, boxes = self._rough(trimap), self.boxes(trimap)
        return solve_regions(
            trimap, lambda box: self._alpha(image[box.slices], mask[box.slices]), boxes, margin=self.context_pixels
        )

    def run(self, image: Image, trimap: Trimap) -> Alpha:
        """The network's own alpha of the whole `image`, known pixels not imposed."""
        return self._alpha(image, self._rough(trimap))

    def _rough(self, trimap: Trimap) -> Mask:
        """The mask for the whole photo; ValueError if one of another size was given."""
        if self.mask is None:
            known: Mask = trimap == FOREGROUND
            return known
        check_size(self.mask, trimap.shape, "mask")
        return self.mask

    def _alpha(self, image: Image, mask: Mask) -> Alpha:
        (output,) = self._network(**encode(bordered(image), bordered(mask)))
        return without_border(output[0, 0], mask.shape)


def encode(image: Image, mask: Mask) -> dict[str, Tensor]:
    """The network's two inputs, (1, 3, H, W) and (1, 1, H, W), for a picture whose sides are multiples of 32."""
    return {"image": encode_image(image), "guidance": mask[None, None].astype(np.float32)}
