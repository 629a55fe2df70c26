"""studio as a trainee: its start, its losses, its card, its answer under its new name, its ONNX file."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from torch.nn import functional as F
from typer.testing import CliRunner

from matting import load_model
from matting.__main__ import app
from matting.metrics import sad
from matting.models import studio
from matting.models.base import impose
from matting.networks.studio import StudioMatting
from matting.networks.weights_file import load_network
from matting.runtime import onnx_network
from matting.training import losses, sources
from matting.training.coarse_heads import PREFIX, StudioLearner
from matting.training.crops.crop_sources import SyntheticCrops
from matting.training.jobs.request import start_of
from matting.training.losses import weighted_loss
from matting.training.results.measure import infer, measure
from matting.training.settings import Settings
from matting.training.trainees import TRAINEES, exported, load_weights
from matting.weights import find_weights
from tests.matting.training.test_training import dataset

STUDIO = TRAINEES["studio"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A weights file that the command wrote after two steps, and what it said."""
    folder = tmp_path_factory.mktemp("studio")
    output = folder / "mine.safetensors"
    flags = ["--steps", "2", "--batch", "1", "--crop", "64", "--no-bf16", "--licence", "CC0-1.0"]
    flags += ["--doubtful", "keep"]  # what it tests with is what it learns from
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sources, "MIN_PICTURES", 3)  # what is forgotten is measured elsewhere
        result = CliRunner().invoke(
            app, ["train", str(dataset(folder / "data")), "-o", str(output), "--run", str(folder / "run"), *flags]
        )
    assert result.exit_code == 0, result.output
    return output, result.output


def test_the_command_trains_studio_from_the_shipped_weights(trained):
    output, told = trained
    with safe_open(output, "pt") as file:
        card = {key: json.loads(value) for key, value in file.metadata().items()}
        names = set(file.keys())
    assert card["model"] == "studio" and card["licence"] == "CC-BY-SA-4.0 AND CC0-1.0"
    assert card["origin"]["start"].startswith("9a7c68ec") and card["settings"]["coarse"] == 0.2
    assert card["data"] == {
        "pairs": 2, "validation_pairs": 0, "test_pictures": 2, "backgrounds": 2, "photographs": 10,
    }  # fmt: skip
    assert names == set(StudioMatting().state_dict())
    assert card["proof"]["test"]["sad"]["pictures"] == 2 and "CC-BY-SA-4.0 AND CC0-1.0" in told


def test_what_was_trained_is_a_model_and_an_onnx_file(trained, tmp_path):
    output, _ = trained
    crop = SyntheticCrops((), size=96, seed=3)(0)
    model = load_model(f"studio:{output}")
    assert model.name == "studio:mine" and model.weights_used()[0].licence == "CC-BY-SA-4.0 AND CC0-1.0"
    assert not np.array_equal(model(crop.image, crop.trimap), load_model("studio")(crop.image, crop.trimap))
    path = tmp_path / "mine.onnx"
    done = CliRunner().invoke(app, ["export", f"studio:{output}", "-o", str(path)])
    assert done.exit_code == 0, done.output
    network, onnx = load_network(StudioMatting, output), onnx_network(path, threads=1)
    for height, width in ((64, 64), (64, 160), (224, 96)):
        crop = SyntheticCrops((), size=224, seed=4)(0)
        inputs = studio.encode(crop.image[:height, :width], crop.trimap[:height, :width])
        with torch.inference_mode():
            wanted = network(*(torch.from_numpy(array) for array in inputs.values())).numpy()
        assert np.abs(onnx(**inputs)[0] - wanted).max() < 1e-4


def test_training_begins_with_the_shipped_answer():
    learner, shipped = StudioLearner(), load_network(StudioMatting, find_weights("studio"))
    load_weights(learner, find_weights("studio"))
    assert set(exported(learner.state_dict())) == set(StudioMatting().state_dict())
    crop = SyntheticCrops((), size=64, seed=3)(0)
    inputs = [torch.from_numpy(array) for array in STUDIO.encode(crop).values()]
    with torch.no_grad():
        alpha = shipped(*inputs)
        torch.testing.assert_close(learner.eval()(*inputs), alpha, atol=1e-4, rtol=0)
    heads = {name: value for name, value in learner.state_dict().items() if name.startswith(PREFIX)}
    assert len(heads) == 4 and not any(value.any() for value in heads.values())


def test_start_is_the_shipped_one_unless_said_otherwise(tmp_path):
    assert start_of("studio", None, from_nothing=False) == find_weights("studio")
    assert start_of("studio", None, from_nothing=True) is None
    assert start_of("studio", tmp_path, from_nothing=False) == tmp_path
    assert start_of("", None, from_nothing=False) is None
    with pytest.raises(ValueError, match="exclude each other"):
        start_of("studio", tmp_path, from_nothing=True)


def test_imagenet_weights_start_the_encoder(tmp_path):
    torch.manual_seed(1)
    donor, network = StudioLearner().encoder.state_dict(), StudioLearner()
    first = "features.0.0.weight"
    torch.save({**donor, first: donor[first][:, :3], "classifier.1.weight": torch.ones(1)}, tmp_path / "imagenet.pth")
    load_weights(network, tmp_path / "imagenet.pth")
    taken = network.encoder.state_dict()
    assert torch.equal(taken["features.3.conv.0.0.weight"], donor["features.3.conv.0.0.weight"])
    assert torch.equal(taken[first][:, :3], donor[first][:, :3]) and not taken[first][:, 3:].any()


def test_score_is_of_what_users_get():
    crop = SyntheticCrops((), size=64, seed=3)(0)
    network = StudioLearner().eval()
    load_weights(network, find_weights("studio"))
    score = measure(network, STUDIO, [crop])
    users = impose(load_model("studio", exact=True).run(crop.image, crop.trimap), crop.trimap)
    assert score.sad == pytest.approx(sad(users, crop.alpha, crop.trimap), rel=1e-3)
    assert score.network_sad == pytest.approx(sad(infer(network, STUDIO, crop), crop.alpha, crop.trimap))
    assert score.sad != score.network_sad


def test_what_clipping_mends_costs_nothing():
    truth = torch.tensor([0.0, 0.0, 1.0, 1.0, 0.5]).view(1, 1, 1, 5)
    alpha = torch.tensor([-0.3, 0.2, 1.4, 0.9, 1.2]).view(1, 1, 1, 5).requires_grad_()
    within = losses.within(alpha, truth)
    assert within.flatten().tolist() == pytest.approx([0, 0.2, 1, 0.9, 1.2])
    within.sum().backward()
    assert alpha.grad.flatten().tolist() == [0, 1, 0, 1, 1]


def test_recipe_is_the_sum_it_says():
    generator = torch.Generator().manual_seed(0)
    shape = (2, 1, 16, 16)
    alpha, truth = (torch.rand(shape, generator=generator) for _ in range(2))
    unknown = (torch.rand(shape, generator=generator) > 0.5).float()
    colours = {name: torch.rand((2, 3, 16, 16), generator=generator) for name in ("foreground", "background")}
    coarse = [F.avg_pool2d(alpha, side) for side in (4, 8)]
    apart = (colours["foreground"] - colours["background"]).abs().mean(1, keepdim=True)
    wrong = (alpha - truth).abs()
    pooled = [(F.avg_pool2d(alpha - truth, s).abs(), F.max_pool2d(unknown, s)) for s in (4, 8)]
    wanted = (
        0.5 * losses.masked_mean(wrong, unknown)
        + 0.5 * (wrong * unknown).sum() / unknown.sum()
        + losses.masked_mean(wrong**2, unknown)
        + losses.laplacian_loss(alpha, truth, unknown)
        + 0.25 * losses.gradient_loss(alpha, truth, unknown)
        + 0.5 * losses.masked_mean(wrong * apart, unknown)
        + 0.2 * sum(losses.masked_mean(*pair) for pair in pooled)
    )
    settings = replace(Settings(), **STUDIO.settings)
    batch = {"alpha": truth, "unknown": unknown, **colours}
    assert weighted_loss((alpha, *coarse), batch, settings.losses).item() == pytest.approx(wanted.item(), abs=1e-5)
