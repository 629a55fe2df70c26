"""Our own engine: any subject, from a picture and its trimap, by a network that needs no solver's guess."""

from pathlib import Path

import numpy as np

from matting.arrays import Alpha, Image, Trimap
from matting.models.base import Model, impose, only_kind
from matting.models.gca import encode_image, encode_trimap
from matting.regions import solve_regions, unknown_regions
from matting.resize import pad_to_multiple
from matting.runtime import Tensor, torch_network
from matting.settling import settled
from matting.weights import find_weights

MULTIPLE = 32
CONTEXT = 128
"""Pixels around the unknown that the network sees."""
LARGEST = 1_000_000
"""Pixels of one region: bounds memory, and attention's time, which grows with their square."""
HOLD = 1.0
"""Weight of the network's answer beside the matting Laplacian: of 0.05, 0.2 and 1 the best on 40 generated pictures."""


class StudioModel(Model):
    """Any subject a trimap is drawn for, with weights that may be used commercially."""

    name = "studio"
    title = "Studio: our own engine"
    needs_trimap = solves_regions = True
    weights = ("studio",)

    def __init__(self, path: Path | None = None, *, exact: bool = False) -> None:
        """From the weights file at `path`, such as training wrote, or from ours; `exact` sees the picture whole."""
        # Not above, since torch takes seconds to import.
        from matting.networks.studio import StudioMatting
        from matting.networks.weights_file import load_network

        self._is_exact = exact
        self._network = torch_network(load_network(StudioMatting, path or find_weights(self.weights[0])))

    def estimate(self, image: Image, trimap: Trimap | None) -> Alpha:
        """Each region of the unknown by itself; a picture with only one kind known is all of that kind."""
        assert trimap is not None  # needs_trimap
        if (kind := only_kind(trimap, self.name)) is not None:
            return np.full(trimap.shape, kind, np.float32)
        if self._is_exact:
            return self.run(image, trimap)
        boxes = unknown_regions(trimap, margin=CONTEXT, largest=LARGEST)
        return solve_regions(trimap, lambda box: self.run(image[box.slices], trimap[box.slices]), boxes, margin=CONTEXT)

    def run(self, image: Image, trimap: Trimap) -> Alpha:
        """The network's alpha of the whole `image`, settled."""
        return settled(image, trimap, self.look(image, trimap), hold=HOLD)

    def look(self, image: Image, trimap: Trimap) -> Alpha:
        """The network's alpha of the whole `image`, known pixels imposed, not settled."""
        (output,) = self._network(**encode(pad_to_multiple(image, MULTIPLE), pad_to_multiple(trimap, MULTIPLE)))
        return impose(output[0, 0, : trimap.shape[0], : trimap.shape[1]], trimap)


def encode(image: Image, trimap: Trimap) -> dict[str, Tensor]:
    """The network's two inputs (1, 3, H, W) for a picture and its trimap, whose sides are multiples of 32."""
    return {"image": encode_image(image), "trimap": encode_trimap(trimap)}
