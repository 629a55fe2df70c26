"""Semantic Human Matting's network against what the published one gives with the same weights; see vectors.py."""

import numpy as np
import torch

from matting.networks.published.shm import SHM
from tests.matting.networks.published.vectors import kept, picture, published
from tests.matting.networks.seeded import seed_network

EXPECTED = published("shm")


def test_seeded_weights_give_the_published_networks_alpha_and_trimap():
    network = seed_network(SHM())
    with torch.no_grad():
        answers = {"alpha": network(picture()[0]), "trimap": network.t_net(picture()[0])}
    for name, answer in answers.items():
        assert np.abs(kept(answer) - EXPECTED[name]).max() < 1e-4 * max(1, np.abs(EXPECTED[name]).max())
