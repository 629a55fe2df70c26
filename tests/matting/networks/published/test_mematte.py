"""MEMatte's network against what the published one gives with the same weights; see vectors.py."""

import numpy as np
import torch

from matting.networks.published import mematte
from matting.networks.published.mematte import MEMatte, Router
from tests.matting.networks.published.vectors import kept, levels, published
from tests.matting.networks.seeded import seed_network

EXPECTED = published("mematte")


@torch.inference_mode()
def test_seeded_weights_give_the_published_networks_answer_and_pick_its_tokens():
    network, counts = seed_network(MEMatte()), []
    for router in network.backbone.routers:
        router.register_forward_hook(lambda *call: counts.append(int(call[2].sum())))
    alpha = network(levels((320, 256)))
    assert counts == EXPECTED["counts"][:, 0, 0].astype(int).tolist()
    assert any(0 < count < 20 * 16 for count in counts)
    assert np.abs(kept(alpha) - EXPECTED["alpha"]).max() < 1e-4


@torch.inference_mode()
def test_of_too_many_tokens_those_are_picked_that_gain_most(monkeypatch):
    router, tokens = seed_network(Router(64)), torch.randn(1, 9, 11, 64, generator=torch.manual_seed(4))
    every = router(tokens)
    assert every.sum() > 5
    monkeypatch.setattr(mematte, "MOST_TOKENS", 5)
    few = router(tokens)
    assert few.sum() == 5 and not (few & ~every).any()
