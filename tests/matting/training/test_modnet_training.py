"""MODNet trained: it learns a pair by heart, goes on after a kill, and what comes out answers as it did in training."""

import json
from dataclasses import replace

import numpy as np
import pytest
import skimage.data
import torch
from safetensors import safe_open
from typer.testing import CliRunner

from matting import load_model
from matting.__main__ import app
from matting.arrays import UNKNOWN, to_float, to_uint8
from matting.files import write_image
from matting.models.modnet import encode
from matting.networks.modnet_file import load_modnet
from matting.training import sources
from matting.training.checkpoint import load_checkpoint
from matting.training.crops import Crop
from matting.training.finetune import finetune
from matting.training.losses import masked_mean
from matting.training.modnet.adaptation import adaptation_loss, adapting_modnet
from matting.training.modnet.heads import fit_detail, fit_semantics, what_is_seen
from matting.training.modnet.losses import boundary_of, coarse, consistency_loss
from matting.training.modnet.whole_photos import SQUEEZED, framed
from matting.training.results.measure import measure
from matting.training.settings import Settings
from matting.training.synthetic import synthesise
from matting.training.trainees import TRAINEES, exported, load_weights
from matting.training.trimaps import random_trimap

MODNET = TRAINEES["modnet"]
SMALL = Settings(steps=4, batch=2, crop=64, rate=1e-4, warm_up=1, bf16=False, validate_every=2, checkpoint_every=0)


def crop(number, size=96):
    scene = synthesise(number, (size, size), kind="solid")
    trimap = random_trimap(scene.alpha, np.random.default_rng(0), (5, 6))
    return Crop(to_uint8(scene.composite()), trimap, scene.alpha, scene.foreground, scene.background)


def test_overfits_one_pair(tmp_path, modnet):
    """From weights that know people, on a picture of none."""
    settings = replace(SMALL, steps=30, batch=1, rate=1e-3, warm_up=2, checkpoint_every=1e9)
    losses = [state.loss for state in finetune(MODNET, lambda _: crop(3), settings, folder=tmp_path, start=modnet)]
    assert min(losses) < losses[0] / 10


def test_resumes_to_the_very_same_bits(tmp_path):
    def source(number):
        return crop(number, 64)

    whole = finetune(MODNET, source, SMALL, folder=tmp_path / "whole")
    assert [state.step for state in whole] == [1, 2, 3, 4]
    parts = finetune(MODNET, source, SMALL, folder=tmp_path / "parts")
    next(parts), next(parts)
    parts.close()  # as a kill would
    assert [state.step for state in finetune(MODNET, source, SMALL, folder=tmp_path / "parts")] == [3, 4]
    states = [load_checkpoint(tmp_path / name, model="modnet", settings=SMALL) for name in ("whole", "parts")]
    for kind in ("network", "average"):
        assert all(torch.equal(value, states[1][kind][name]) for name, value in states[0][kind].items())


@pytest.fixture
def dataset(tmp_path):
    for number in range(2):
        scene = synthesise(number, (80, 100), kind="solid")
        for kind, array in (("fg", scene.foreground), ("alpha", scene.alpha), ("bg", scene.background)):
            write_image(tmp_path / "data/train" / kind / f"{number}.png", to_uint8(array))
    return tmp_path / "data"


def test_what_the_command_writes_is_a_model(dataset, tmp_path, modnet, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sources, "MIN_PICTURES", 3)  # what is forgotten is measured elsewhere
    flags = ["--model", "modnet", "--steps", "1", "--batch", "1", "--crop", "64", "--no-bf16", "--licence", "CC0-1.0"]
    result = CliRunner().invoke(app, ["train", str(dataset), "-o", "mine.safetensors", *flags])
    assert result.exit_code == 0, result.output
    with safe_open("mine.safetensors", "np") as file:
        card = {key: json.loads(value) for key, value in file.metadata().items()}
    assert (card["model"], card["licence"], card["steps"]) == ("modnet", "Apache-2.0 AND CC0-1.0", 1)
    photo = np.ascontiguousarray(skimage.data.astronaut()[:300, :300])
    published, own = load_model("modnet")(photo), load_model("modnet:mine.safetensors")(photo)
    assert 0 < np.abs(own - published).mean() < 0.02  # a step at a low rate, in 16 bits


def test_the_score_is_of_what_users_get_on_every_pixel(modnet):
    network = MODNET.build()
    load_weights(network, modnet)
    photo = np.ascontiguousarray(skimage.data.astronaut()[:256, 100:400])
    truth, trimap = np.zeros(photo.shape[:2], np.float32), np.zeros(photo.shape[:2], np.uint8)
    trimap[:5] = UNKNOWN
    score = measure(network, MODNET, [Crop(photo, trimap, truth, to_float(photo), to_float(photo))])
    assert score.sad == pytest.approx(load_model("modnet")(photo).sum() / 1000, rel=1e-3)
    assert network.training


def test_whole_photos_are_most_of_the_photo():
    photo = np.arange(60 * 100 * 3, dtype=np.uint32).astype(np.uint8).reshape(60, 100, 3)
    alpha = np.random.default_rng(0).random((60, 100), np.float32)
    mirrored = 0
    for seed in range(40):
        part, its_alpha = framed(photo, alpha, np.random.default_rng(seed))
        rows, columns = its_alpha.shape
        assert 42 <= rows <= 60 and rows <= columns <= round(SQUEEZED * rows) + 1
        assert part.shape == (rows, columns, 3)
        places = np.argwhere(alpha == its_alpha[0, 0])
        (top, left) = places[0]
        is_mirrored = left + columns > 100 or alpha[top, left + 1] != its_alpha[0, 1]
        mirrored += is_mirrored
        if not is_mirrored:
            assert np.array_equal(its_alpha, alpha[top : top + rows, left : left + columns])
            assert np.array_equal(part, photo[top : top + rows, left : left + columns])
    assert 8 < mirrored < 32


def test_the_heads_that_come_along_say_what_the_network_says(modnet):
    network = load_modnet(modnet)
    with torch.inference_mode():
        semantics, detail, alpha = network(torch.from_numpy(encode(skimage.data.astronaut())))
        boundary = boundary_of(alpha, coarse(alpha))
    assert (semantics - coarse(alpha)).abs().mean() < 0.03
    assert masked_mean((detail - alpha).abs(), boundary) < 0.06


def test_heads_are_fitted_and_nothing_else(modnet):
    network = load_modnet(modnet)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    seen = what_is_seen(network, [torch.from_numpy(encode(skimage.data.astronaut(), 256))])
    losses = fit_detail(network, seen, steps=20)
    assert losses[-1] < losses[0] / 2
    assert fit_semantics(network, seen, steps=20) < 0.01
    changed = {name for name, value in network.state_dict().items() if not torch.equal(value, before[name])}
    assert changed and all(name.startswith(("lr_branch.conv_lr.", "hr_branch.conv_hr.")) for name in changed)


def test_adaptation_holds_to_what_was(modnet):
    network = adapting_modnet()
    load_weights(network, modnet)
    image = torch.from_numpy(encode(skimage.data.astronaut(), 128))
    answers = network(image)
    loss = adaptation_loss(answers, {}, {})
    assert loss.item() == pytest.approx(100 * consistency_loss(answers[0], answers[2]).item())  # nothing has gone yet
    loss.backward()
    names = {name for name, parameter in network.named_parameters() if parameter.grad is not None}
    assert names and not any(name.startswith("before.") for name in names)
    assert "before" not in " ".join(exported(network.state_dict()))


def test_photographs_without_alphas_are_enough(tmp_path, modnet, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photo = np.ascontiguousarray(skimage.data.astronaut()[:300, :300])
    write_image(tmp_path / "photos/one.png", photo)
    flags = ["--model", "modnet", "--unlabelled", "--steps", "1", "--crop", "64", "--no-bf16"]
    result = CliRunner().invoke(app, ["train", "photos", "-o", "mine.safetensors", *flags])
    assert result.exit_code == 0 and "without alphas the best step" in result.output, result.output
    with safe_open("mine.safetensors", "np") as file:
        assert set(file.keys()) == set(MODNET.build().state_dict())
        assert json.loads(file.metadata()["chosen_by"]).startswith("nothing")
    assert np.abs(load_model("modnet:mine.safetensors")(photo) - load_model("modnet")(photo)).mean() < 0.02
    refused = CliRunner().invoke(app, ["train", "photos", "-o", "b.safetensors", *flags, "--synthetic", "0.5"])
    assert refused.exit_code == 1 and "exclude each other" in refused.output
    refused = CliRunner().invoke(app, ["train", "photos", "-o", "b.safetensors", "--unlabelled"])
    assert refused.exit_code == 1 and "without labels; there are modnet" in refused.output.replace("\n", " ")
