"""Our own model: any subject, from a picture and its trimap, by a network that needs no solver's guess."""

from pathlib import Path
from typing import TYPE_CHECKING

from matting.arrays import Alpha, Image, Trimap
from matting.models.base import RegionModel, impose
from matting.models.encoding import encode_image, encode_trimap
from matting.resize import pad_to_multiple
from matting.runtime import THREADS, Tensor, torch_network
from matting.solving.bounded_memory import Needs
from matting.solving.laplacian_refinement import settled
from matting.weights import find_weights

if TYPE_CHECKING:
    from torch import nn

MULTIPLE = 32
NETWORK_WEIGHT = 1.0
"""Weight of the network's answer against the matting Laplacian: the best of 0.05, 0.2 and 1 on 40 generated
pictures."""


class StudioModel(RegionModel):
    """Any subject a trimap is drawn for, with weights that may be used commercially."""

    name = "studio"
    title = "Studio: our own engine"
    needs_both = is_trainable = True
    weights = ("studio",)
    needs = Needs(600, 1000, known_cost=1, margin=64, largest=250_000, at_once=min(4, THREADS))
    """What the network and the matting Laplacian take.

    More margin or larger regions did not help on generated pictures.
    """

    def __init__(self, path: Path | None = None, *, exact: bool = False) -> None:
        """From the weights file at `path`, such as training wrote, or from ours.

        `exact` sees the picture whole, and computes in float32 throughout.
        """
        super().__init__(exact=exact)
        network = self.load(path or find_weights(self.weights[0]))
        self._network = torch_network(network, precision="float32" if exact else "mixed")

    @staticmethod
    def load(path: Path) -> "nn.Module":
        """The network with the weights at `path`, ready for use."""
        # Not at the top of the file, since torch takes seconds to import.
        from matting.networks.studio import StudioMatting
        from matting.networks.weights_file import load_network

        return load_network(StudioMatting, path)

    def run(self, image: Image, trimap: Trimap) -> Alpha:
        """The network's alpha of the whole `image`, refined."""
        return finish(image, trimap, self.look(image, trimap))

    def look(self, image: Image, trimap: Trimap) -> Alpha:
        """The network's alpha of the whole `image`, known pixels imposed, not refined."""
        (output,) = self._network(**encode(pad_to_multiple(image, MULTIPLE), pad_to_multiple(trimap, MULTIPLE)))
        return impose(output[0, 0, : trimap.shape[0], : trimap.shape[1]], trimap)


def encode(image: Image, trimap: Trimap) -> dict[str, Tensor]:
    """The network's two inputs (1, 3, H, W) for a picture and its trimap, whose sides are multiples of 32."""
    return {"image": encode_image(image), "trimap": encode_trimap(trimap)}


def finish(image: Image, trimap: Trimap, alpha: Alpha) -> Alpha:
    """The network's `alpha` (H, W), refined: the one users get."""
    return settled(image, trimap, alpha, hold=NETWORK_WEIGHT)
