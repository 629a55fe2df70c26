"""The loop: it learns, resumes bit-equal, shares work between processes, refuses in one sentence."""

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from safetensors import safe_open
from typer.testing import CliRunner

from matting.__main__ import app
from matting.arrays import to_uint8
from matting.files import write_image
from matting.metrics import sad
from matting.training import finetune as loop
from matting.training.checkpoint import NAME, best_weights, load_checkpoint
from matting.training.crops import Crop
from matting.training.crops.crop_sources import CachedCrops
from matting.training.finetune import finetune
from matting.training.results.measure import infer, measure
from matting.training.synthetic import synthesise
from matting.training.trainees import TRAINEES, Trainee, freeze_norms, load_weights
from matting.training.trimaps import random_trimap
from tests.matting.training.tiny import SMALL, TINY, Tiny, source, train


class One:
    """A source of one crop, for ever."""

    def __init__(self, crop):
        self.crop = crop

    def __call__(self, index):
        return self.crop


def weights(folder, settings=SMALL):
    return load_checkpoint(folder, model="tiny", settings=settings)


def equal(first, second):
    return all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize(("name", "steps"), [("studio", 40), ("gca-studio", 50), ("gca", 12)])
def test_overfits_one_pair(name, steps, tmp_path):
    """Loss ÷ 10 within 50 steps, from random weights; gca-studio from a guess that is wrong everywhere."""
    scene = synthesise(3, (64, 64), kind="solid")
    trimap = random_trimap(scene.alpha, np.random.default_rng(0), (8, 9))
    guess = np.full((9, 64, 64), 0.5, np.float32) if name == "gca-studio" else None
    crop = Crop(to_uint8(scene.composite()), trimap, scene.alpha, scene.foreground, scene.background, guess=guess)
    settings = replace(SMALL, steps=steps, batch=1, warm_up=3, freeze_norms=False, laplacian=0, checkpoint_every=1e9)
    losses = [p.loss for p in train(tmp_path, settings, TRAINEES[name], One(crop))]
    assert min(losses) < losses[0] / 10


def test_resumes_to_the_very_same_bits(tmp_path):
    train(tmp_path / "whole")
    run = finetune(TINY, source(), SMALL, folder=tmp_path / "parts")
    for _ in range(3):
        next(run)
    run.close()  # as a kill would: the checkpoint of step 3 is the last that was written
    steps = [p.step for p in train(tmp_path / "parts")]
    assert steps == [4, 5, 6, 7, 8]
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert equal(whole["network"], parts["network"]) and equal(whole["average"], parts["average"])


def test_killed_at_any_moment_it_goes_on(tmp_path):
    command = [sys.executable, "-m", "tests.matting.training.tiny", str(tmp_path / "killed")]
    root = Path(__file__).parents[3]
    process = subprocess.Popen(command, cwd=root)
    while not (tmp_path / "killed" / NAME).exists() and process.poll() is None:
        time.sleep(0.001)
    process.kill()
    process.wait()
    assert weights(tmp_path / "killed")["step"] < SMALL.steps
    subprocess.run(command, cwd=root, check=True)
    train(tmp_path / "whole")
    killed, whole = weights(tmp_path / "killed"), weights(tmp_path / "whole")
    assert killed["step"] == whole["step"]
    for key, value in whole["network"].items():  # another number of threads adds in another order
        torch.testing.assert_close(killed["network"][key], value, rtol=1e-4, atol=1e-6)


def test_kill_while_saving_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    settings = replace(SMALL, steps=3)
    train(tmp_path, settings)
    before = (tmp_path / NAME).read_bytes()
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    monkeypatch.setattr(loop, "load_checkpoint", lambda *_, **__: None)
    with pytest.raises(OSError, match=r"No space left on device.*intact"):
        train(tmp_path, settings)
    assert (tmp_path / NAME).read_bytes() == before
    assert not list(tmp_path.glob(".partial-*"))


def test_another_run_in_the_folder_is_refused(tmp_path):
    train(tmp_path, replace(SMALL, steps=2))
    with pytest.raises(ValueError, match=r"rate 0\.001"):
        train(tmp_path, replace(SMALL, steps=2, rate=5e-4))
    (tmp_path / NAME).write_bytes(b"half a checkpoint")
    with pytest.raises(ValueError, match="cannot be read; delete it"):
        train(tmp_path, replace(SMALL, steps=2))


def test_two_machines_give_what_one_gives(tmp_path):
    """Each machine has a launcher of its own, as the guide says; both are this one."""
    train(tmp_path / "one")
    launch = [sys.executable, "-m", "torch.distributed.run", "--nnodes", "2", "--nproc_per_node", "1"]
    launch += ["--master_addr", "127.0.0.1", "--master_port", "29517"]
    launchers = [
        subprocess.Popen(
            [*launch, "--node_rank", rank, "-m", "tests.matting.training.tiny", str(tmp_path / "two")],
            cwd=Path(__file__).parents[3],
            env=os.environ | {"ACCELERATE_USE_CPU": "true"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in ("0", "1")
    ]
    for rank, each in enumerate(launchers):
        told, _ = each.communicate()
        assert each.returncode == 0, told[-2000:]
        assert f"process {rank} of 2" in told
    one, two = (weights(tmp_path / count) for count in ("one", "two"))
    for key, value in one["network"].items():
        torch.testing.assert_close(value, two["network"][key], rtol=1e-4, atol=1e-6)


def test_stops_when_time_is_up_and_goes_on(tmp_path):
    hurried = replace(SMALL, minutes=0, checkpoint_every=1e9)
    assert [state.step for _ in range(2) for state in train(tmp_path / "parts", hurried)] == [1, 2]
    train(tmp_path / "parts")
    train(tmp_path / "whole")
    assert equal(weights(tmp_path / "parts")["network"], weights(tmp_path / "whole")["network"])


def test_workers_give_the_same_crops(tmp_path):
    settings = replace(SMALL, steps=3)
    train(tmp_path / "none", settings)
    train(tmp_path / "two", replace(settings, workers=2))
    assert equal(weights(tmp_path / "none", settings)["network"], weights(tmp_path / "two", settings)["network"])


def test_frozen_norms_keep_their_statistics(tmp_path):
    network = Tiny()
    before = network.norm.running_mean.clone()
    network.train()
    freeze_norms(network)
    network(torch.randn(2, 3, 8, 8), torch.randn(2, 3, 8, 8))
    assert torch.equal(network.norm.running_mean, before)
    train(tmp_path / "frozen", replace(SMALL, steps=2))
    train(tmp_path / "free", replace(SMALL, steps=2, freeze_norms=False))
    assert weights(tmp_path / "frozen", replace(SMALL, steps=2))["network"]["norm.running_mean"].abs().sum() == 0
    free = weights(tmp_path / "free", replace(SMALL, steps=2, freeze_norms=False))
    assert free["network"]["norm.running_mean"].abs().sum() > 0


def test_an_encoder_with_no_rate_stays_as_it_is(tmp_path):
    torch.manual_seed(SMALL.seed)
    before = Tiny().state_dict()
    for rate in (0.0, 0.3):
        settings = replace(SMALL, steps=2, encoder_rate=rate)
        train(tmp_path / f"{rate}", settings)
        after = weights(tmp_path / f"{rate}", settings)["network"]
        changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
        assert ("encoder" in changed, "last" in changed) == (rate > 0, True)


def test_average_is_the_recurrence_it_says(tmp_path):
    settings = replace(SMALL, steps=2, ema=0.15)
    torch.manual_seed(settings.seed)
    mean = {key: value.clone() for key, value in Tiny().state_dict().items()}
    seen = []
    for state in finetune(TINY, source(), settings, folder=tmp_path):
        seen.append(weights(tmp_path, settings)["network"])
        del state
    first, second = seen[0]["last.weight"], seen[1]["last.weight"]
    mean = first  # AveragedModel copies the weights of the first step
    decay = min(0.15, 2 / 11)
    wanted = decay * mean + (1 - decay) * second
    torch.testing.assert_close(best_weights(weights(tmp_path, settings))["last.weight"], wanted)


def test_loss_that_is_no_number_stops_the_run(tmp_path):
    class Broken(Tiny):
        def forward(self, image, trimap):
            return super().forward(image, trimap) * float("nan")

    with pytest.raises(ValueError, match="loss of step 1 is nan; lower the rate"):
        train(tmp_path, learner=Trainee("tiny", Broken, TINY.encode))


def test_memory_stays_flat(tmp_path):
    process, drawn = psutil.Process(), [source()(number) for number in range(8)]
    sizes = []
    settings = replace(SMALL, steps=60, checkpoint_every=1e9)
    for state in finetune(TINY, lambda number: drawn[number % 8], settings, folder=tmp_path):
        sizes.append(process.memory_info().rss if state.step % 20 == 0 else 0)
    assert sizes[-1] - sizes[19] < 20e6


def test_scores_whole_pictures_of_any_size(tmp_path):
    crop = source(90)(0)
    crop = replace(crop, image=crop.image[:75], trimap=crop.trimap[:75], alpha=crop.alpha[:75])
    network = Tiny()
    score = measure(network, TINY, [crop])
    assert score.sad == pytest.approx(sad(infer(network.eval(), TINY, crop), crop.alpha, crop.trimap))
    assert score.pictures[0].shape == (75, 270, 3)
    states = train(tmp_path, held_out=[crop])
    assert [state.step for state in states if state.score] == [4, 8]
    assert (tmp_path / NAME).exists() and list(tmp_path.glob("events.out.tfevents.*"))


def test_cached_crops_are_what_the_source_gave(tmp_path):
    made = source(96)
    cached = CachedCrops(made, tmp_path, count=3, size=64, seed=0, prepare=lambda crop: crop)
    first, again, other = cached(2), cached(2), cached(5)
    assert np.array_equal(first.image, again.image) and np.array_equal(first.alpha, again.alpha)
    assert first.image.shape == (64, 64, 3) and not np.array_equal(first.image, other.image)
    assert len(list(tmp_path.iterdir())) == 1  # 2 and 5 vary the same one
    # The change of light is linear: the colours still compose, where nothing was clipped.
    share = first.alpha[..., None]
    composed = share * first.foreground + (1 - share) * first.background
    assert np.median(np.abs(composed - first.image / 255)) < 0.03
    (tmp_path / "000002.npz").write_bytes(b"rubbish")
    with pytest.raises(ValueError, match="delete it"):
        cached(2)


def test_weights_of_another_network_are_refused(tmp_path):
    path = tmp_path / "tiny.pt"
    torch.save(Tiny().state_dict(), path)
    load_weights(Tiny(), path)
    with pytest.raises(ValueError, match="weights of GCA, but"):
        load_weights(TRAINEES["gca"].build(), path)
    with pytest.raises(ValueError, match="does not exist"):
        load_weights(Tiny(), tmp_path / "none.pt")


def dataset(folder, count=2, size=(120, 150)):
    for index in range(count):
        scene = synthesise(index, size)
        name = f"s{index}"
        write_image(folder / "train" / "fg" / f"{name}.png", to_uint8(scene.foreground))
        write_image(folder / "train" / "alpha" / f"{name}.png", to_uint8(scene.alpha))
        write_image(folder / "train" / "bg" / f"{name}.png", to_uint8(scene.background))
        for kind, array in (("merged", to_uint8(scene.composite())), ("alpha", to_uint8(scene.alpha))):
            write_image(folder / "test" / kind / f"{name}.png", array)
        write_image(folder / "test" / "trimap" / f"{name}.png", random_trimap(scene.alpha, np.random.default_rng(0)))
    for path in folder.glob("train/*/*.png"):
        path.rename(path.with_suffix(".jpg"))  # PNG bytes in a .jpg, as the export writes them
    return folder


def test_command_trains_what_the_export_wrote(tmp_path):
    data, output = dataset(tmp_path / "data"), tmp_path / "out.safetensors"
    flags = ["--model", "gca", "--steps", "1", "--batch", "1", "--crop", "64", "--no-bf16", "--doubtful", "keep"]
    result = CliRunner().invoke(app, ["train", str(data), "-o", str(output), "--run", str(tmp_path / "r"), *flags])
    assert result.exit_code == 0, result.output
    assert "1/1 · loss " in result.output  # no terminal, so no bar: lines
    with safe_open(output, "pt") as file:
        assert file.metadata()["model"] == '"gca"' and "sad" in file.metadata()["proof"]
        assert set(file.keys()) == set(TRAINEES["gca"].build().state_dict())
        assert file.get_tensor("decoder.conv2.weight").dtype == torch.float16
    load_weights(TRAINEES["gca"].build(), output)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda d: [p.unlink() for p in d.glob("train/fg/*")], "must hold a picture called s0"),
        (lambda d: (d / "train/alpha/s1.jpg").unlink(), "must hold a picture called s1"),
        (lambda d: (d / "train/fg/s0.jpg").write_bytes(b"no picture"), "s0.jpg is not a picture"),
        (lambda d: write_image(d / "train/fg/s0.png", np.zeros((9, 9, 3), np.uint8)), "one picture per stem"),
        (lambda d: [p.unlink() for p in d.glob("train/*/*")], "at least one picture"),
        (lambda d: (d / "train/fg").rename(d / "elsewhere"), "must hold train/fg and train/alpha"),
        (lambda d: (d / "test/trimap/s1.png").unlink(), "must hold a picture called s1"),
    ],
)
def test_bad_folders_are_refused_in_one_sentence(tmp_path, spoil, told):
    data = dataset(tmp_path / "data")
    spoil(data)
    result = CliRunner().invoke(
        app, ["train", str(data), "-o", str(tmp_path / "o.safetensors"), "--run", str(tmp_path)]
    )
    assert result.exit_code == 1
    assert told in result.output.replace("\n", " ") and "Traceback" not in result.output
