"""BackgroundMattingV2's network against what the published one gives with the same weights; see vectors.py."""

import numpy as np
import pytest
import torch

from matting.networks.published.bgmv2 import BGMv2, MobileNet, ResNet
from tests.matting.networks.published.vectors import kept, photo_and_plate, published, seen_in_bgmv2
from tests.matting.networks.seeded import seed_network

EXPECTED = published("bgmv2")
BACKBONES = {"resnet50": ResNet, "resnet101": lambda: ResNet(third_blocks=23), "mobilenetv2": MobileNet}


@pytest.mark.parametrize("name", BACKBONES)
def test_seeded_weights_give_the_published_networks_answers(name):
    network = seed_network(BGMv2(BACKBONES[name]())).double()  # so that no rounding chooses other patches
    with torch.no_grad():
        seen = seen_in_bgmv2(network, lambda: network.answers(*photo_and_plate(), times=4)[0])
    assert {f"{name}_{part}" for part in seen} == {key for key in EXPECTED if key.startswith(f"{name}_")}
    for part, answer in seen.items():
        assert np.abs(kept(answer) - EXPECTED[f"{name}_{part}"]).max() < 1e-4
