"""MatAnyone 2's network against what the published one gives with the same weights; see vectors.py."""

import numpy as np
import torch

from matting.networks.published.matanyone import memory, network
from matting.networks.published.matanyone.network import MatAnyone2
from tests.matting.networks.published.vectors import kept, moving_pictures, published, seed_gently, seen_in_matanyone

EXPECTED = published("matanyone")


def test_seeded_weights_give_the_published_networks_answers(monkeypatch):
    """With few frames kept, so that six of them fill the memory and push one out; and places read in strips."""
    for module, name, value in (
        (network, "WARM_UP", 1), (network, "EVERY", 2), (memory, "FRAMES", 2), (memory, "STRIP", 16),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    follower, (frames, mask) = seed_gently(MatAnyone2()), moving_pictures()
    mean, deviation = (torch.tensor(each)[:, None, None] for each in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    frames = [(frame - mean) / deviation for frame in frames]

    @torch.no_grad()
    def answer_all():
        _, *state = follower(frames[0], mask[None, None])
        for frame in frames[1:]:
            _, *state = follower(frame, **dict(zip(memory.Memory._fields, state, strict=True)))
        assert len(state[2]) == 2 * 30

    seen = seen_in_matanyone(follower, answer_all)
    assert set(seen) == set(EXPECTED)
    for name, answer in seen.items():
        assert np.abs(kept(answer) - EXPECTED[name]).max() < 1e-4
