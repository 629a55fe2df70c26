"""Our own engine: its colour hints in closed form, its network against the code that trained it, its answers."""

import importlib.util
from dataclasses import replace

import numpy as np
import pytest
import torch

from benchmarks.generated.photo import hair_photo
from matting.metrics import sad
from matting.models import MODELS
from matting.models.classical.median import MedianOfSolvers
from matting.networks.colour_hints import LEAST_CONTRAST, colour_hints, spread
from matting.networks.studio import StudioMatting
from matting.networks.weights_file import read_tensors
from matting.training.crops.crop_sources import SyntheticCrops
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


def test_half_precision_changes_nothing_that_shows():
    """Where the processor has no bfloat16, both are the same."""
    photo = hair_photo(320, 416)
    exact, quick = (MODELS["studio"](exact=is_exact).run(photo.image, photo.trimap) for is_exact in (True, False))
    apart = np.abs(exact - quick)[photo.trimap == 128]
    assert apart.mean() < 0.5 / 255 and np.quantile(apart, 0.99) < 3 / 255


def test_no_seam_shows_between_regions(monkeypatch):
    """Along every line where a region begins or counts in full, alpha steps as it does when solved in one piece."""
    photo = hair_photo(700, 933)
    model, is_unknown = MODELS["studio"](), photo.trimap == 128
    needs = replace(model.needs, largest=60_000)
    monkeypatch.setattr(type(model), "needs", needs)
    boxes = needs.boxes(photo.trimap)
    change = model(photo.image, photo.trimap) - model.run(photo.image, photo.trimap)
    assert len(boxes) > 5 and np.abs(change).max() > 0.02  # the pieces do differ from the whole
    steps = []
    for turned, unknown, sides in (
        (change, is_unknown, [(box.top, box.bottom, box.left, box.right) for box in boxes]),
        (change.T, is_unknown.T, [(box.left, box.right, box.top, box.bottom) for box in boxes]),
    ):
        for start, stop, low, high in sides:
            for margin in (0, needs.margin // 2, needs.margin):
                for line in {start + margin, stop - margin} - {0, len(turned)}:
                    pair = unknown[line - 1 : line + 1, low:high].all(axis=0)
                    if np.count_nonzero(pair) >= 60:
                        steps.append((turned[line, low:high] - turned[line - 1, low:high])[pair].mean())
    assert len(steps) >= 8 and np.abs(steps).max() < 1 / 255
