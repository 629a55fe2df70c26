"""FBA-Matting's network against what the published one gives with the same weights; see vectors.py."""

import numpy as np
import torch

from matting.models.published.fba import encode
from matting.networks.published.fba import FBA
from tests.matting.networks.published.vectors import SIZE, kept, picture, published
from tests.matting.networks.seeded import seed_network, seeded_picture

EXPECTED = published("fba")


def test_seeded_weights_give_the_published_networks_layers():
    inputs = encode(*seeded_picture(*SIZE))
    assert np.abs(kept(inputs["distances"]) - EXPECTED["distances"]).max() < 1e-5
    normalised = picture()[0].numpy()
    assert np.abs(inputs["normalised"] - normalised).max() < 1e-5
    planes = {name: torch.from_numpy(plane).double() for name, plane in (inputs | {"normalised": normalised}).items()}
    with torch.no_grad():
        layers = seed_network(FBA()).double()(**planes)  # in float32, rounding alone moves its alpha by 4e-4
    assert np.abs(kept(layers) - EXPECTED["layers"]).max() < 1e-4
