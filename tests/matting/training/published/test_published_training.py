"""Published networks learn: the loss of a crop falls, every parameter takes part, the truth costs nothing."""

import numpy as np
import pytest
import torch

from matting.arrays import to_uint8
from matting.training.crops import Crop, Picture
from matting.training.labels.doubts import Doubtful
from matting.training.loader import CropTensors
from matting.training.settings import Settings
from matting.training.sources import open_sources
from matting.training.synthetic import synthesise
from matting.training.trainees import TRAINEES
from matting.training.trimaps import random_trimap
from tests.matting.training.test_training import dataset

PUBLISHED = ["mgmatting", "fba", "dim", "indexnet", "bgmv2", "shm"]


@pytest.fixture(scope="module")
def crop():
    scene = synthesise(3, (32, 32), kind="solid")
    trimap = random_trimap(scene.alpha, np.random.default_rng(0), (4, 5))
    return Crop(to_uint8(scene.composite()), trimap, scene.alpha, scene.foreground, scene.background)


def batch_of(crop, trainee):
    one = CropTensors(lambda _: crop, trainee)[0]
    inputs = {name: value[None].repeat(2, 1, 1, 1) for name, value in one.pop("inputs").items()}
    return {name: value[None].repeat(2, 1, 1, 1) for name, value in one.items()} | {"inputs": inputs}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_step_lowers_the_loss_and_every_parameter_takes_part(name, crop):
    trainee = TRAINEES[name]
    losses = Settings(**trainee.settings).losses
    torch.manual_seed(1)
    network, batch = trainee.build().train(), batch_of(crop, trainee)
    loss = trainee.loss(network(**batch["inputs"]), batch, losses)
    loss.backward()
    learning = {name: value for name, value in network.named_parameters() if value.requires_grad}
    assert [name for name, value in learning.items() if value.grad is None] == []
    length = torch.stack([value.grad.norm() for value in learning.values()]).norm()
    with torch.no_grad():
        for value in learning.values():
            value -= 0.01 * value.grad / length
        after = trainee.loss(network(**batch["inputs"]), batch, losses)
    assert 0 < after < loss < np.inf


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_truth_costs_nothing_and_anything_else_something(name, crop):
    trainee = TRAINEES[name]
    losses, batch = Settings(**trainee.settings).losses, batch_of(crop, trainee)
    perfect = answers_of(name, batch, batch["alpha"])
    assert trainee.loss(perfect, batch, losses).item() == pytest.approx(0, abs=1e-6)
    assert trainee.loss(answers_of(name, batch, 1 - batch["alpha"]), batch, losses).item() > 0.1


def test_only_pictures_with_a_known_background_are_used_for_bgmv2(crop, tmp_path):
    trainee, settings = TRAINEES["bgmv2"], Settings(crop=64)
    where = {"cached": 1, "cache": tmp_path / "crops", "doubtful": Doubtful.KEEP}
    sources = open_sources(dataset(tmp_path, count=4), trainee, settings, synthetic=0, **where)
    assert sources.test == () and all(isinstance(one, Crop) for one in sources.validation)
    with pytest.raises(ValueError, match="bgmv2 needs pictures whose background is known"):
        trainee.encode(Picture(crop.image, crop.trimap, crop.alpha))


def answers_of(name, batch, alpha):
    """What the network would answer in training if it took `alpha` for the truth."""
    both = torch.cat((alpha, batch["foreground"]), dim=1)
    small = torch.nn.functional.interpolate(both, scale_factor=0.5, mode="bilinear", align_corners=False)
    truth = torch.nn.functional.interpolate(batch["alpha"], scale_factor=0.5, mode="bilinear", align_corners=False)
    with_plate = both, small, (small[:, :1] - truth).abs()
    foreground, background = ((1 - batch["unknown"]) * side for side in (alpha > 0.5, alpha <= 0.5))
    layers = torch.cat((alpha, batch["foreground"], batch["background"]), dim=1)
    return {
        "mgmatting": (alpha, alpha, alpha),
        "fba": layers,
        "dim": (alpha, alpha),
        "indexnet": alpha,
        "bgmv2": with_plate,
        "shm": (alpha, 100.0 * torch.cat((background, foreground, batch["unknown"]), dim=1)),
    }[name]


def test_a_finer_answer_of_mgmatting_counts_where_the_coarser_one_is_undecided(crop):
    trainee = TRAINEES["mgmatting"]
    batch = batch_of(crop, trainee)
    decided = torch.ones_like(batch["alpha"])
    noise = torch.rand_like(decided)
    alone = trainee.loss((decided, decided, decided), batch, {"l1": 1.0})
    assert trainee.loss((noise, noise, decided), batch, {"l1": 1.0}).equal(alone)
    half = torch.full_like(decided, 0.5)
    expected = ((half - batch["alpha"]).abs().mean() + 3 * (noise - batch["alpha"]).abs().mean()) / 4
    assert trainee.loss((noise, noise, half), batch, {"l1": 1.0}).item() == pytest.approx(expected.item(), rel=1e-5)
