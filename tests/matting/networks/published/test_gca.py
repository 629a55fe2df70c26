"""The network against what the published one gives: with the same weights, the same alpha."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from matting.files import read_image, read_trimap
from matting.networks import guided_attention
from matting.networks.published.gca import GCA
from tests.matting.networks.seeded import seeded_picture

EXPECTED = Path(__file__).parent


def prepare(image, trimap):
    """The published preparation: a mirrored border of 32 and what reaches a multiple of 32 at the bottom and right."""
    margins = [(32, 32 - side % -32) for side in trimap.shape]
    image = np.pad(image, [*margins, (0, 0)], mode="reflect") / 255.0
    trimap = np.pad(trimap, margins, mode="reflect")
    image = (image - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    label = np.digitize(trimap, [85, 170])
    tensors = np.moveaxis(image, 2, 0)[None], np.stack([label == each for each in range(3)])[None]
    return [torch.from_numpy(tensor.astype(np.float32)) for tensor in tensors]


def run(network, image, trimap):
    with torch.inference_mode():
        alpha = network(*prepare(image, trimap))[0, 0].numpy()
    return alpha[32 : 32 + trimap.shape[0], 32 : 32 + trimap.shape[1]]


@pytest.mark.parametrize("size", [(65, 97), (96, 128)])
@pytest.mark.parametrize("memory", [2**14, 2**28])
def test_seeded_weights_give_the_published_networks_alpha(network, monkeypatch, size, memory):
    monkeypatch.setattr(guided_attention, "BLOCK_BYTES", memory)
    expected = np.load(EXPECTED / f"seeded_{size[0]}x{size[1]}.alpha.npy")
    assert np.abs(run(network, *seeded_picture(*size)) - expected).max() < 1e-5


def test_names_and_shapes_are_the_published_ones(shared):
    published = json.loads((shared / "golden/gca/shapes.json").read_text())
    assert {name: list(value.shape) for name, value in GCA().state_dict().items()} == published


@pytest.mark.parametrize("case", ["a_300x400", "b_256x352", "c_333x217"])
def test_photographs_give_the_published_networks_alpha(network, shared, case):
    folder = shared / "golden/gca"
    image, trimap = read_image(folder / f"{case}.image.png"), read_trimap(folder / f"{case}.trimap.png")
    expected = np.load(folder / f"{case}.alpha.npy")
    assert np.abs(run(network, image, trimap) - expected).max() < 1e-5
