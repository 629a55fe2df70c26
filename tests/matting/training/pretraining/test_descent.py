"""The loop by time: it learns, ends at a rate of nothing, resumes, rolls back; its pool outlives faults."""

import itertools
import json
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import safe_open
from typer.testing import CliRunner

from matting import load_model
from matting.__main__ import app
from matting.networks.studio import StudioMatting
from matting.training.checkpoint import NOWHERE, best_weights, load_checkpoint
from matting.training.coarse_heads import StudioLearner
from matting.training.pretraining import canvas_pool as pool_file
from matting.training.pretraining.canvas_batches import photographed
from matting.training.pretraining.canvas_pool import Pool
from matting.training.pretraining.canvases import PLANES, draw
from matting.training.pretraining.descent import FAULTS, REPORT_STEPS, Clock, Run, descend
from matting.training.pretraining.learner import Learner
from matting.training.pretraining.photographs import PICTURES
from matting.training.pretraining.random_tensors import Chance
from matting.training.pretraining.settings import Descent
from matting.training.trainees import load_weights
from matting.weights import find_weights
from matting.weights.folders import SHIPPED

CPU = torch.device("cpu")
QUICK = Descent(total=1, minutes=1, batch=2, crop=64, canvas=64, warm_up=2, rate=2e-4, bf16=False, measure_every=1e9)


class Small(StudioLearner):
    """Answers from two convolutions, at all three sizes: the loop in milliseconds."""

    def __init__(self):
        torch.nn.Module.__init__(self)
        self.encoder, self.norm = torch.nn.Conv2d(6, 4, 3, padding=1), torch.nn.BatchNorm2d(4)
        self.last = torch.nn.Conv2d(4, 1, 3, padding=1)

    def forward(self, image, trimap):
        alpha = self.last(torch.relu(self.norm(self.encoder(torch.cat((image, trimap), 1))))) + 0.5
        pooled = [torch.nn.functional.avg_pool2d(alpha, side) for side in (4, 8)]
        return (alpha, *pooled) if self.training else alpha.clamp(0, 1)


@pytest.fixture(scope="module")
def canvases():
    return torch.stack([torch.from_numpy(draw(3, number, 64, ())) for number in range(4)])


def run_of(canvases, descent=QUICK, network=None, state=None):
    torch.manual_seed(0)
    learner = Learner(network or Small(), descent, CPU)
    if state:
        learner.load(state)
    held_out = [photographed(canvases, 64, Chance(CPU, [9]))]

    def feed(step):
        return photographed(canvases[:2], 64, Chance(CPU, [descent.seed, step]))

    scores, spent = (state["scores"], state["spent"]) if state else ({}, 0.0)
    return Run(learner, feed, held_out, scores, spent)


def ticking(seconds=0.25):
    """A clock that is later each time it is looked at."""
    counter = itertools.count()
    return lambda: seconds * next(counter)


def descended(run, folder, seconds=0.25):
    return list(descend(run, Clock(0.0, run.spent, ticking(seconds)), folder=folder, origin=NOWHERE))


def test_learns_and_ends_at_a_rate_of_nothing(canvases, tmp_path):
    run = run_of(canvases, replace(QUICK, rate=5e-3))
    reports = descended(run, tmp_path)
    assert reports[-1].loss < 0.7 * reports[0].loss
    assert reports[-1].progress > 0.98 and reports[-1].rate < 1e-2 * 5e-3
    assert run.scores["best"]["score"]["error"] < run.scores["before"]["error"]
    state = load_checkpoint(tmp_path, model="studio", settings=replace(QUICK, rate=5e-3))
    assert state["step"] == reports[-1].step and state["scores"]["before"] == run.scores["before"]
    assert set(best_weights(state)) == set(Small().state_dict())


def test_rate_is_half_a_cosine_of_time(canvases):
    learner = run_of(canvases).learner
    learner.step = 100
    for progress in (0, 0.25, 0.5, 1):
        assert learner.rate_at(progress) == pytest.approx(2e-4 * (1 + np.cos(np.pi * progress)) / 2)
    learner.step = 0
    assert learner.rate_at(0) == pytest.approx(1e-4)  # the first of two steps of warm-up


def test_what_is_saved_goes_on_as_if_never_stopped(canvases):
    whole, parts = run_of(canvases), run_of(canvases)
    for step in range(6):
        whole.learner.learn(whole.feed(step), step / 10)
    for step in range(3):
        parts.learner.learn(parts.feed(step), step / 10)
    saved = {**parts.learner.state(), "scores": {}, "spent": 0.0}
    again = run_of(canvases, state=saved)
    for step in range(3, 6):
        again.learner.learn(again.feed(step), step / 10)
    for name in ("network", "average"):
        first, second = whole.learner.state()[name], again.learner.state()[name]
        assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_descent_of_two_commands_is_one(canvases, tmp_path):
    halves = replace(QUICK, minutes=0.5)
    first = descended(run_of(canvases, halves), tmp_path)
    assert 0.4 < first[-1].progress < 0.55
    state = load_checkpoint(tmp_path, model="studio", settings=halves)
    second = descended(run_of(canvases, halves, state=state), tmp_path)
    assert first[-1].step < second[0].step <= first[-1].step + REPORT_STEPS and second[0].rate < first[-1].rate
    assert second[-1].progress > 0.98 and second[-1].rate < 1e-2 * QUICK.rate
    with pytest.raises(ValueError, match=r"rate 0\.0002"):
        load_checkpoint(tmp_path, model="studio", settings=replace(QUICK, rate=1e-3))


def test_what_is_no_number_is_undone(canvases, tmp_path, caplog):
    run = run_of(canvases)
    healthy = run.feed

    def feed(step):
        batch = healthy(step)
        if step == REPORT_STEPS + 2:
            batch["inputs"]["image"] = batch["inputs"]["image"] * float("nan")
        return batch

    reports = descended(replace(run, feed=feed), tmp_path)
    assert "10 steps are undone" in caplog.text
    assert REPORT_STEPS * 2 not in [report.step for report in reports] and all(
        np.isfinite(report.loss) for report in reports
    )
    state = load_checkpoint(tmp_path, model="studio", settings=QUICK)
    assert all(value.isfinite().all() for value in state["network"].values())


def test_what_never_is_a_number_ends_it(canvases, tmp_path):
    run = run_of(canvases)
    healthy = run.feed
    broken = replace(run, feed=lambda step: {**healthy(step), "alpha": healthy(step)["alpha"] * float("nan")})
    with pytest.raises(ValueError, match="lower the rate"):
        descended(broken, tmp_path, seconds=1 / (4 * FAULTS * REPORT_STEPS))


def test_start_is_a_candidate(canvases, tmp_path):
    network = StudioLearner()
    load_weights(network, find_weights("studio"))
    run = run_of(canvases, replace(QUICK, rate=0.5, ema=0.0), network)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    descended(run, tmp_path, seconds=4.0)
    assert run.scores["best"]["step"] == 0
    assert all(torch.equal(run.scores["best"]["average"][name], before[name]) for name in before)


def test_overfits_one_batch(canvases):
    torch.manual_seed(0)
    network = StudioLearner()
    load_weights(network, find_weights("studio"))
    learner = Learner(network, replace(QUICK, rate=1e-3), CPU)
    batch = photographed(canvases[:1], 64, Chance(CPU, [4]))
    losses = [float(learner.learn(batch, 0)[0]) for _ in range(25)]
    assert min(losses) < losses[0] / 2


def block(first, count=3):
    return torch.stack(
        [torch.full((PLANES, 8, 8), number % 256, dtype=torch.uint8) for number in range(first, first + count)]
    )


def test_pool_keeps_the_latest_and_outlives_faults():
    asked = []

    def blocks(first):
        asked.append(first)
        yield block(first)
        if len(asked) == 1:
            raise RuntimeError("a process died")
        time.sleep(9)

    pool = Pool(blocks, side=8, capacity=5, device=CPU, first=10)
    while pool.taken < 6:
        pool.receive()
        time.sleep(0.01)
    pool.close()
    assert asked[:2] == [10, 14]  # canvas 13, whose block failed, is passed over
    assert pool.filled == 5 and pool.next_number == 10 + pool.taken
    held = {int(canvas[0, 0, 0]) for canvas in pool.canvases}
    assert {14, 15, 16} <= held and 10 not in held
    assert pool.sample(7, Chance(CPU, [0])).shape == (7, PLANES, 8, 8)


def test_nobody_waits_for_canvases_that_never_come(monkeypatch):
    monkeypatch.setattr(pool_file, "PAUSE", 0.01)

    def blocks(first):
        raise OSError("no photographs")

    pool = Pool(blocks, side=8, capacity=5, device=CPU, first=0)
    with pytest.raises(RuntimeError, match="canvases cannot be drawn: no photographs"):
        pool.wait_for(3)
    pool.close()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"crop": 70}, "multiple of 32"),
        ({"canvas": 40}, "as large as a crop"),
        ({"total": 0.5}, "must be 1 minutes"),
        ({"rate": 2}, "rate"),
    ],
)
def test_settings_that_cannot_train_are_refused(wrong, told):
    with pytest.raises(ValueError, match=told):
        replace(QUICK, **wrong)


@pytest.mark.slow
def test_command_gives_weights_that_are_a_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    flags = ["--batch", "2", "--crop", "64", "--canvas", "64", "--pool", "24", "--held-out", "4", "--workers", "0"]
    flags += ["--licence", "CC-BY-SA-4.0", "--minutes", "0.3"]
    result = CliRunner().invoke(app, ["pretrain", "photos", "-o", "new.safetensors", *flags])
    assert result.exit_code == 0, result.output
    with safe_open("new.safetensors", "pt") as file:
        card = {key: json.loads(value) for key, value in file.metadata().items()}
        assert set(file.keys()) == set(StudioMatting().state_dict())
    assert card["licence"] == "CC-BY-SA-4.0" and card["chosen_by"] == "generated pictures" and card["steps"] > 0
    assert load_model("studio:new.safetensors").name == "studio:new"
    again = CliRunner().invoke(app, ["pretrain", "photos", "-o", "new.safetensors", *flags])
    assert "already finished" in again.output


def test_every_photograph_is_named_on_the_card():
    card = SHIPPED.joinpath("studio.md").read_text()
    listed = card.replace("Picture_0B", "Picture_0B_by").replace("Picture_1A", "Picture_1A_by")
    for each in PICTURES:
        title = each.name.split(".")[0].split("_by")[0]
        assert f"`{title}" in listed, each.name
    assert len({each.name for each in PICTURES}) == 34
