"""Deep Image Matting's network against what the published one gives with the same weights; see vectors.py."""

import numpy as np
import torch

from matting.networks.published.dim import DIM
from tests.matting.networks.published.vectors import kept, levels, published
from tests.matting.networks.seeded import seed_network

EXPECTED = published("dim")


def test_seeded_weights_give_the_published_networks_alphas():
    image, trimap = levels().split((3, 1), dim=1)
    network = seed_network(DIM())
    with torch.no_grad():
        alpha = network(image, trimap)
        network.refines = False
        first = network(image, trimap)
    assert np.abs(kept(alpha) - EXPECTED["alpha"]).max() < 1e-4
    assert np.abs(kept(first) - EXPECTED["first"]).max() < 1e-4
