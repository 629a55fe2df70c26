"""IndexNet Matting: any subject, from a trimap (Lu et al., ICCV 2019, arXiv 1908.00672)."""

from typing import TYPE_CHECKING

from matting.models.published.base import LevelsModel

if TYPE_CHECKING:
    from torch import nn


class IndexNetModel(LevelsModel):
    """Any subject a trimap is drawn for. Its weights and the published code are for academic use only."""

    name = "indexnet"
    title = "IndexNet Matting"
    weights = ("indexnet",)
    region_pixels = 1_000_000
    """Pixels of one region, at about 1100 bytes each."""

    @staticmethod
    def build() -> "nn.Module":
        """See TorchModel.build."""
        from matting.networks.published.indexnet import IndexNet

        return IndexNet()
