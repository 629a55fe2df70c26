"""GCA with a small encoder, trained here: it corrects three classical solvers. See docs/design/training.md."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Image, Trimap, to_float
from matting.models.base import RegionModel
from matting.models.classical.knn import knn_alpha
from matting.models.encoding import encode_image, encode_trimap, normalised
from matting.resize import pad_to_multiple
from matting.runtime import Tensor, torch_network
from matting.solving.bounded_memory import Needs
from matting.solving.laplacian_refinement import settled
from matting.solving.pymatting_calls import call
from matting.weights import find_weights

SOLVER_COUNT = 3
"""Alphas in a guess."""
MULTIPLE = 32


class GCAStudioModel(RegionModel):
    """Any subject a trimap is drawn for, with weights that may be used for anything."""

    name = "gca-studio"
    title = "GCA, trained here"
    needs_both = is_trainable = True
    weights = ("gca-studio",)
    needs = Needs(400, 4100, known_cost=1, margin=128, largest=300_000)
    """What the solvers and the network take together."""

    def __init__(self, path: Path | None = None, *, exact: bool = False) -> None:
        """From the weights file at `path`, such as training wrote, or from ours; `exact` sees the picture whole."""
        # Not above, since torch takes seconds to import.
        from matting.networks.gca_mobile import GCAMobile
        from matting.networks.weights_file import load_network

        super().__init__(exact=exact)
        self._network = torch_network(load_network(GCAMobile, path or find_weights(self.weights[0])))

    def run(self, image: Image, trimap: Trimap) -> Alpha:
        """The network's alpha of the whole `image`, refined."""
        height, width = trimap.shape
        image, trimap = pad_to_multiple(image, MULTIPLE), pad_to_multiple(trimap, MULTIPLE)
        (output,) = self._network(**encode(image, trimap, guess(image, trimap)))
        return settled(image, trimap, output[0, 0])[:height, :width]


def guess(image: Image, trimap: Trimap) -> Tensor:
    """(9, H, W) float32 in [0, 1]: shared, closed-form and KNN matting's alpha, shared's foreground and background.

    Where `trimap` knows one kind only, all are of that kind, in the image's colours. The papers: Gastal and Oliveira,
    Eurographics 2010; Levin et al., TPAMI 2008; Chen et al., TPAMI 2013.

    Raises:
        ValueError: all of `trimap` is unknown.
    """
    has_background, has_foreground = (trimap == BACKGROUND).any(), (trimap == FOREGROUND).any()
    if not (has_background or has_foreground):
        raise ValueError("a guess needs some known foreground or background, but all of the trimap is unknown")
    if not (has_background and has_foreground):  # as crops in training may
        kind = float(has_foreground)
        colours = to_float(image).transpose(2, 0, 1)
        return np.concatenate([np.full((SOLVER_COUNT, *trimap.shape), kind, np.float32), colours, colours])
    arrays = to_float(image).astype(np.float64), np.where(trimap == UNKNOWN, 0.5, trimap / 255)
    with ThreadPoolExecutor() as pool:  # closed-form matting uses one core most of the time
        closed = pool.submit(call, "estimate_alpha_cf", *arrays)
        sampled = pool.submit(call, "estimate_alpha_sm", *arrays, return_foreground_background=True)
        knn = knn_alpha(image, trimap)
    shared, foreground, background = sampled.result()
    planes = np.dstack([shared, closed.result(), knn, foreground, background]).transpose(2, 0, 1)
    guessed: Tensor = np.clip(np.nan_to_num(planes), 0, 1).astype(np.float32)
    return guessed


def encode(image: Image, trimap: Trimap, guessed: Tensor) -> dict[str, Tensor]:
    """The network's three inputs (1, C, H, W) for a picture, its trimap and the (9, H, W) guess."""
    colours = [normalised(guessed[first : first + 3].transpose(1, 2, 0)) for first in (SOLVER_COUNT, SOLVER_COUNT + 3)]
    planes = np.concatenate([guessed[:SOLVER_COUNT], *colours])
    return {"image": encode_image(image), "trimap": encode_trimap(trimap), "guess": planes[None]}
