"""MGMatting's network against what the published one gives with the same weights; see vectors.py."""

import numpy as np
import torch

from matting.networks.published import shortcut_resnet
from matting.networks.published.mgmatting import MGMatting, refined
from tests.matting.networks.published.vectors import coarse_to_fine, kept, picture, published
from tests.matting.networks.seeded import seed_network

EXPECTED = published("mgmatting")


def test_seeded_weights_give_the_published_networks_answers(monkeypatch):
    image, trimap = picture()
    guidance = torch.from_numpy((trimap == 255).astype(np.float32))[None, None]
    network = seed_network(MGMatting())
    for strip_values in (shortcut_resnet.STRIP_VALUES, 1):
        monkeypatch.setattr(shortcut_resnet, "STRIP_VALUES", strip_values)
        with torch.no_grad():
            answers = network.answers(image, guidance)
        for name, answer in zip(("full", "quarter", "eighth"), answers, strict=True):
            assert np.abs(kept(answer) - EXPECTED[name]).max() < 1e-4


def test_finer_answers_replace_undecided_ones_as_published():
    assert np.array_equal(kept(refined(coarse_to_fine())), EXPECTED["refined"])
