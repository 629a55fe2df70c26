"""IndexNet Matting's network against what the published one gives with the same weights; see vectors.py."""

import numpy as np
import torch

from matting.networks.published.indexnet import IndexNet
from tests.matting.networks.published.vectors import kept, levels, published
from tests.matting.networks.seeded import seed_network

EXPECTED = published("indexnet")


def test_seeded_weights_give_the_published_networks_alpha():
    network, features = seed_network(IndexNet()), []
    network.decoder_layer0.register_forward_hook(lambda *answer: features.append(answer[2]))
    with torch.no_grad():
        alpha = network(*levels().split((3, 1), dim=1))
    assert np.abs(kept(alpha) - EXPECTED["alpha"]).max() < 1e-4
    assert np.abs(kept(features[0].mean(dim=1, keepdim=True)) - EXPECTED["features"]).max() < 1e-4
