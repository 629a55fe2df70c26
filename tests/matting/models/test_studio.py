"""Our own engine: its colour hints in closed form, its network against the code that trained it, its answers."""

import importlib.util

import numpy as np
import pytest
import torch

from matting.metrics import sad
from matting.models import MODELS
from matting.models.median import MedianOfSolvers
from matting.networks.colour_hints import LEAST_CONTRAST, colour_hints, spread
from matting.networks.studio import StudioMatting
from matting.networks.weights_file import read_tensors
from matting.training.crops.made import SyntheticCrops
from matting.training.synthetic import installed_photographs
from matting.weights import find_weights


def ramp(height=64, width=96):
    """(image, one-hot trimap, alpha): two plain colours and a mix that goes evenly from one to the other between."""
    alpha = torch.linspace(-1, 2, width).clamp(0, 1).expand(1, 1, height, width)
    front, back = (torch.tensor(colour).view(1, 3, 1, 1) for colour in ((1.5, -0.5, 0.2), (-1.0, 0.7, 0.1)))
    kinds = (alpha == 0, (alpha > 0) & (alpha < 1), alpha == 1)
    return alpha * front + (1 - alpha) * back, torch.cat(kinds, 1).float(), alpha


def test_hints_know_the_mix_of_two_plain_colours():
    image, trimap, alpha = ramp()
    hints = colour_hints(image, trimap)
    front, back = hints[:, :3], hints[:, 3:6]
    unknown = trimap[:, 1:2] > 0
    assert torch.allclose(front, image[:, :, :, -1:].expand_as(front), atol=1e-4)
    assert torch.allclose(back, image[:, :, :, :1].expand_as(back), atol=1e-4)
    contrast = (image[0, :, 0, -1] - image[0, :, 0, 0]).square().sum()
    wanted = 2 * alpha * contrast / (contrast + LEAST_CONTRAST) - 1
    assert torch.allclose(hints[:, 6:][unknown], wanted[unknown], atol=1e-3)
    assert (hints[:, 6:][trimap[:, 2:] > 0] == 1).all() and (hints[:, 6:][trimap[:, :1] > 0] == -1).all()


def test_nothing_known_spreads_nothing():
    assert (spread(torch.randn(1, 3, 40, 56), torch.zeros(1, 1, 40, 56)) == 0).all()


def test_network_is_the_one_that_was_trained(shared):
    spec = importlib.util.spec_from_file_location("trained_network", shared / "engine" / "network.py")
    trained = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(trained)
    tensors = {name: value.float() for name, value in read_tensors(find_weights("studio")).items()}
    networks = [trained.MattingNetwork(), StudioMatting()]
    torch.manual_seed(0)
    image, trimap = torch.randn(1, 3, 96, 160), torch.zeros(1, 3, 96, 160)
    trimap[:, 0, :, :50] = trimap[:, 1, :, 50:110] = trimap[:, 2, :, 110:] = 1
    answers = []
    for network in networks:
        network.load_state_dict(tensors)
        with torch.no_grad():
            answers.append(network.eval()(image, trimap))
    assert torch.equal(*answers) and 0 < answers[0].mean() < 1


@pytest.mark.parametrize("size", [(61, 93), (64, 96)])
def test_solves_a_ramp_of_any_size(size):
    image, trimap, alpha = (array[0].numpy() for array in ramp(*size))
    picture = np.clip(110 + 50 * image, 0, 255).astype(np.uint8).transpose(1, 2, 0)
    regions = np.select([trimap[0] > 0, trimap[2] > 0], [0, 255], 128).astype(np.uint8)
    answer = MODELS["studio"]()(np.ascontiguousarray(picture), regions)
    assert answer.shape == size and (answer[regions == 0] == 0).all() and (answer[regions == 255] == 1).all()
    assert np.abs(answer - alpha[0]).mean() < 0.05


def test_weights_beat_the_median_on_unseen_pictures():
    crops = SyntheticCrops(installed_photographs(), size=160, seed=77)
    models, errors = (MODELS["studio"](), MedianOfSolvers()), []
    for crop in map(crops, range(6)):
        errors.append([sad(model(crop.image, crop.trimap), crop.alpha, crop.trimap) for model in models])
    ours, median = np.sum(errors, axis=0)
    assert ours < 0.95 * median
