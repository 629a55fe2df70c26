"""Deep Image Matting: any subject, from a trimap (Xu et al., CVPR 2017, arXiv 1703.03872)."""

from pathlib import Path
from typing import TYPE_CHECKING

from matting.models.published.base import LevelsModel

if TYPE_CHECKING:
    from torch import nn


class DIMModel(LevelsModel):
    """Any subject a trimap is drawn for. The published weights are for research only, and of the first stage alone."""

    name = "dim"
    title = "Deep Image Matting"
    weights = ("dim",)
    region_pixels = 1_000_000
    """Pixels of one region, at about 1500 bytes each: VGG-16 begins with 64 channels at full size."""

    @classmethod
    def load(cls, path: Path) -> "nn.Module":
        """See TorchModel.load; with the second stage, if the file has it."""
        from matting.networks.published.dim import DIM, SECOND_STAGE
        from matting.networks.weights_file import load_network, read_tensors

        refines = any(name.startswith(SECOND_STAGE) for name in read_tensors(path))
        return load_network(lambda: DIM(refines=refines), path)

    @staticmethod
    def build() -> "nn.Module":
        """See TorchModel.build; with both stages."""
        from matting.networks.published.dim import DIM

        return DIM()
