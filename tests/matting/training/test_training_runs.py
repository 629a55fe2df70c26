"""The command over and over: same run, same bytes; another is refused; validation chooses, test is looked at once."""

import itertools
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from filelock import FileLock
from safetensors import safe_open
from safetensors.numpy import load_file
from typer.testing import CliRunner

from matting.__main__ import app
from matting.files import write_image
from matting.training import finetune as loop
from matting.training import origin, sources
from matting.training.checkpoint import NAME, best_weights, export_weights, load_checkpoint
from matting.training.crops import crop_sources
from matting.training.crops.pairs import find_pairs
from matting.training.jobs.running import validate_every
from matting.training.results import judging, outcome
from matting.training.results.card import licence_after
from matting.training.results.interpolation import between
from matting.training.results.measure import Score, measure
from matting.training.results.proof import Change, Proof
from matting.training.trainees import TRAINEES, Trainee
from matting.weights.folders import SHIPPED
from tests.matting.training.tiny import SMALL, TINY, Tiny, source, train

GUESSING = Trainee("tiny", Tiny, TINY.encode, lambda image, trimap: np.zeros((9, *trimap.shape), np.float32))


@pytest.fixture(autouse=True)
def tiny(monkeypatch, tmp_path):
    monkeypatch.setitem(TRAINEES, "tiny", GUESSING)
    monkeypatch.chdir(tmp_path)


def add(folder, number, split="train"):
    """One disc of its own size and colours, as the export writes it."""
    rng, (y, x) = np.random.default_rng(number), np.mgrid[:72, :80]
    alpha = np.clip((20 + number % 7 - np.hypot(x - 40, y - 36)) / 6 + 0.5, 0, 1)
    image = rng.integers(0, 255, (72, 80, 3)).astype(np.uint8)
    kinds = {"merged": image} if split == "test" else {"fg": image}
    kinds["alpha"] = (alpha * 255).round().astype(np.uint8)
    if split == "test":
        kinds["trimap"] = np.where((alpha > 0) & (alpha < 1), 128, (alpha * 255)).astype(np.uint8)
    for kind, array in kinds.items():
        write_image(folder / split / kind / f"{number}.png", array)


@pytest.fixture
def data(tmp_path):
    for split, numbers in (("train", (0, 1, 2)), ("validation", (3,)), ("test", (4,))):
        for number in numbers:
            add(tmp_path / "data", number, split)
    return tmp_path / "data"


def command(data, *more, output="out.safetensors"):
    flags = ["--model", "tiny", "--steps", "4", "--batch", "2", "--crop", "64", "--cached", "3", "--no-bf16"]
    flags += ["--doubtful", "keep"]  # the pictures are noise
    result = CliRunner().invoke(app, ["train", str(data), "-o", output, *flags, *map(str, more)])
    assert "Traceback" not in result.output
    return result


def card(path="out.safetensors"):
    with safe_open(path, "np") as file:
        return {key: json.loads(value) for key, value in file.metadata().items()}


def test_same_run_same_bytes(data, tmp_path):
    out = tmp_path / "out.safetensors"
    assert command(data).exit_code == 0
    first, checkpoint = out.read_bytes(), (tmp_path / "runs/out" / NAME).read_bytes()
    again = command(data)
    assert again.exit_code == 0 and "already finished" in again.output and "nothing is trained" in again.output
    assert out.read_bytes() == first
    out.unlink()
    shutil.move(data, tmp_path / "moved")  # the same dataset in another place
    command(tmp_path / "moved")
    assert out.read_bytes() == first and (tmp_path / "runs/out" / NAME).read_bytes() == checkpoint
    shutil.rmtree(tmp_path / "runs")
    command(tmp_path / "moved")
    assert out.read_bytes() == first


def test_cut_by_time_the_card_tells_the_steps_done_and_the_rest_gives_the_same_bytes(data, tmp_path):
    command(data, output="whole.safetensors")
    parts = [command(data, "--minutes", 0, output="parts.safetensors") for _ in range(2)]
    assert "time was up after step 2 of 4" in parts[1].output
    assert (card("parts.safetensors")["steps"], card("parts.safetensors")["steps_planned"]) == (2, 4)
    assert card("parts.safetensors")["proof"] is None
    command(data, output="parts.safetensors")
    assert card("parts.safetensors")["steps"] == 4
    assert (tmp_path / "parts.safetensors").read_bytes() == (tmp_path / "whole.safetensors").read_bytes()


CHANGES = {
    "grown": (lambda data: add(data, 9), ()),
    "shrunk": (lambda data: [path.unlink() for path in data.glob("train/*/2.png")], ()),
    "corrected": (lambda data: write_image(data / "train/alpha/1.png", np.full((72, 80), 9, np.uint8)), ()),
    "renamed": (lambda data: [path.rename(path.with_name("z.png")) for path in data.glob("train/*/1.png")], ()),
    "background": (lambda data: write_image(data / "train/bg/a.png", np.zeros((9, 9, 3), np.uint8)), ()),
    "validation": (lambda data: add(data, 9, "validation"), ()),
    "test": (lambda data: add(data, 9, "test"), ()),
    "--start": (lambda _: torch.save(Tiny().state_dict(), "start.pt"), ("--start", "start.pt", "--no-freeze-norms")),
    "--synthetic": (lambda _: None, ("--synthetic", 0.5)),
    "--cached": (lambda _: None, ("--cached", 2)),
    "--seed": (lambda _: None, ("--seed", 1)),
    "--rate": (lambda _: None, ("--rate", 1e-3)),
    "--steps": (lambda _: None, ("--steps", 3)),
    "--batch": (lambda _: None, ("--batch", 1)),
    "--crop": (lambda _: None, ("--crop", 32)),
    "--freeze-norms": (lambda _: None, ("--freeze-norms",)),
}

ANEW = CHANGES if os.environ.get("MATTING_FULL") else ("grown", "--start", "--synthetic")
"""Those after which a new run is compared with one that never had another before it; all with MATTING_FULL=1."""


@pytest.mark.parametrize("half_way", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_another_run_under_the_same_name_is_refused(data, tmp_path, change, half_way):
    command(data, *(("--minutes", 0) if half_way else ()))
    kept = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.parent.name != "data"}
    kept = {path: content for path, content in kept.items() if data not in path.parents}
    act, options = CHANGES[change]
    act(data)
    result = command(data, *options)
    assert result.exit_code == 1 and "runs/out holds a run" in result.output and "--anew" in result.output
    assert all(path.read_bytes() == content for path, content in kept.items())
    if not half_way and change in ANEW:
        assert command(data, *options, "--anew").exit_code == 0
        fresh = command(data, *options, output="fresh.safetensors")
        assert fresh.exit_code == 0
        assert (tmp_path / "out.safetensors").read_bytes() == (tmp_path / "fresh.safetensors").read_bytes()


def test_another_version_of_the_program_is_refused(data, monkeypatch):
    command(data, "--minutes", 0)
    monkeypatch.setattr(sources, "code_now", lambda: "another")
    assert "another version of this program" in command(data).output


def test_code_is_what_crops_and_networks_are_made_by(tmp_path, monkeypatch):
    now = origin.code_now.__wrapped__
    before = now(origin.CODE)
    shutil.copytree(origin.ROOT, tmp_path / "copy", ignore=shutil.ignore_patterns("__pycache__", "shipped"))
    monkeypatch.setattr(origin, "ROOT", tmp_path / "copy")
    assert now(origin.CODE) == before
    (tmp_path / "copy/commands/bench.py").write_text("# nothing training runs through")
    assert now(origin.CODE) == before
    (tmp_path / "copy/training/synthetic/veils.py").write_text("# made otherwise")
    assert now(origin.CODE) != before


def test_killed_before_the_first_checkpoint_the_crops_of_the_dataset_before_go(data, tmp_path):
    command(data)
    folder, crops = tmp_path / "runs/out", tmp_path / "runs/out/crops"
    before = {path.name: path.read_bytes() for path in crops.iterdir()}
    (folder / NAME).unlink()  # as a kill in the first minutes leaves it
    assert "starting over" not in command(data).output  # the same run takes its crops again
    assert {path.name: path.read_bytes() for path in crops.iterdir()} == before
    (folder / NAME).unlink()
    for number in range(10, 20):
        add(data, number)
    result = command(data)
    assert result.exit_code == 0 and "starting over" in result.output
    assert all(before[path.name] != path.read_bytes() for path in crops.iterdir())


def test_two_trainings_at_once_are_refused(data, tmp_path):
    command(data)
    for lock in ("runs/out/.lock", ".out.safetensors.lock"):
        with FileLock(tmp_path / lock):
            assert "another training run is using" in command(data).output
    assert command(data).exit_code == 0


def test_faults_are_one_sentence_and_leave_what_was_there(data, tmp_path, monkeypatch):
    command(data, output="a.safetensors")
    onto_itself = command(data, "--start", "a.safetensors", output="a.safetensors").output
    assert "must not be the file given as --start" in onto_itself
    assert "does not exist" in command(data, "--start", "none.safetensors").output
    there = {path.relative_to(tmp_path) for path in tmp_path.rglob("*")}
    assert "does not exist" in command(data / "elsewhere", output="new.safetensors").output
    (tmp_path / "bare/train").mkdir(parents=True)
    assert command(tmp_path / "bare", output="new.safetensors").exit_code == 1
    added = {path.relative_to(tmp_path) for path in tmp_path.rglob("*")} - there
    assert {str(path) for path in added} == {"bare", "bare/train"}  # no lock, no folder of a run
    (tmp_path / "d.safetensors").mkdir()
    assert "is a folder" in command(data, output="d.safetensors").output
    assert "SPDX" in command(data, "--licence", "do what you like").output

    def full(path, content):
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(crop_sources, "write_file", full)
        result = command(data, "--run", "other")
    assert result.exit_code == 1 and ".npz: No space left on device" in result.output.replace("\n", "")
    assert command(data, "--run", "other").exit_code == 0


@pytest.mark.parametrize("infinite", ["loss", "gradient"])
def test_what_is_not_a_number_stops_the_run_before_it_is_saved(tmp_path, monkeypatch, infinite):
    """At the last step, where no later loss would show it."""

    class Broken(Tiny):
        def forward(self, image, trimap):
            alpha = super().forward(image, trimap)
            self.calls = getattr(self, "calls", 0) + 1
            if self.calls == 3 and infinite == "loss":
                return alpha * float("nan")
            if self.calls == 3:
                alpha.register_hook(lambda gradient: gradient * float("inf"))
            return alpha

    settings = replace(SMALL, steps=3)
    with pytest.raises(ValueError, match=f"the {infinite} of step 3 is .*; lower the rate"):
        train(tmp_path, settings, learner=Trainee("tiny", Broken, TINY.encode))
    state = load_checkpoint(tmp_path, model="tiny", settings=settings)
    assert state["step"] == 2 and all(value.isfinite().all() for value in state["network"].values())


def test_weights_too_large_for_16_bits_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="not finite in 16 bits"):
        export_weights(tmp_path / "a.safetensors", {"a": torch.tensor([1e6])}, card={})
    assert not list(tmp_path.iterdir())


def test_the_same_card_is_the_same_bytes_in_every_process(tmp_path):
    program = (
        "import sys, torch; from pathlib import Path; from matting.training.checkpoint import export_weights; "
        "export_weights(Path(sys.argv[1]), {'b': torch.ones(3), 'a': torch.zeros(2, dtype=torch.int64)}, "
        "card={key: f'ü {key}' for key in 'qwertyuiop'})"
    )
    for number in range(2):
        subprocess.run([sys.executable, "-c", program, f"{number}.safetensors"], check=True)
    assert (tmp_path / "0.safetensors").read_bytes() == (tmp_path / "1.safetensors").read_bytes()
    assert np.array_equal(load_file("0.safetensors")["b"], np.ones(3))
    assert card("0.safetensors")["w"] == "ü w"


def test_validation_chooses_and_not_the_last_step(tmp_path, monkeypatch):
    sads = iter([4.0, 3.0, 1.0, 2.0, 1.0])
    monkeypatch.setattr(loop, "measure", lambda *_: Score((next(sads),), 0.0, (), 0.0))
    settings, averages = replace(SMALL, validate_every=2), {}
    for state in loop.finetune(TINY, source(), settings, folder=tmp_path, held_out=[source()(0)]):
        averages[state.step] = load_checkpoint(tmp_path, model="tiny", settings=settings)["average"]
    best = best_weights(load_checkpoint(tmp_path, model="tiny", settings=settings))
    for name, tensor in best.items():
        assert torch.equal(tensor, averages[4][f"module.{name}"])
    assert not torch.equal(best["last.weight"], averages[8]["module.last.weight"])


def test_test_is_looked_at_once_at_the_end_and_validation_in_between(data, monkeypatch):
    looks = []

    def spy(network, trainee, pictures, **_):
        looks.append("validation")
        return Score((1.0,) * len(pictures), 0.5, (), 2.0)

    def prove(before, after, trainee, test, *known):
        looks.append(f"{len(test)} test")
        return Proof({"sad": Change(3, 2, -2, 1, 1, 9)}, None)

    monkeypatch.setattr(loop, "measure", spy)
    monkeypatch.setattr(outcome, "prove", prove)
    command(data, "--minutes", 0)
    assert "1 test" not in looks
    command(data)
    assert looks == ["validation"] * 2 + ["1 test"]  # step 0, and the last of so few steps
    command(data)
    assert len(looks) == 3
    held_out = card()["held_out"]
    assert card()["proof"]["test"]["sad"]["after"] == 2
    assert card()["chosen_by"] == "validation" and held_out["validation"]["pictures"] == 16


def test_a_longer_run_is_measured_four_times_and_a_short_one_at_its_end_alone():
    assert [validate_every(steps) for steps in (4, 40, 41, 120, 1000, 8000)] == [10, 10, 11, 30, 250, 250]


def test_shares_at_either_end_are_not_measured_again(tmp_path):
    """The run has measured its start and its best step."""
    torch.manual_seed(0)
    old, new = Tiny().state_dict(), Tiny().state_dict()
    pictures = [source()(number) for number in range(2)]
    told = judging.Judged(judging.Mixtures(old, new, TINY), pictures, {0.0: 7.0, 1.0: 5.0})
    assert (told(0.0), told(1.0)) == (7.0, 5.0)
    network = Tiny()
    network.load_state_dict(between(old, new, 0.5))
    assert told(0.5) == told(0.5) == measure(network, TINY, pictures).sad
    assert judging.Judged(judging.Mixtures(old, new, TINY), [])(0.5) is None


def test_without_a_validation_split_a_share_of_train_chooses_by_group(data):
    shutil.rmtree(data / "validation")
    result = command(data)
    assert "there is no validation split" in result.output and "the last step" in result.output
    assert card()["held_out"]["validation"] is None
    for number in range(20, 26):
        add(data, number)
    result = command(data, "--anew")
    assert "held out by group" in result.output.replace("\n", " ") and card()["chosen_by"] == "a share of train"


def test_frames_of_one_clip_are_not_split(tmp_path):
    for clip in "abcdefghij":
        for frame in range(3):
            for kind, shape in (("fg", (8, 8, 3)), ("alpha", (8, 8))):
                write_image(tmp_path / "train" / kind / f"{clip}_{frame:04d}.png", np.zeros(shape, np.uint8))
    found = find_pairs(tmp_path)
    parts = found.with_validation()
    learned, chosen = ({pair.foreground.stem for pair in pairs} for pairs in (parts.pairs, parts.validation))
    assert len(chosen) == 3 and len({stem[0] for stem in chosen}) == 1
    assert learned.isdisjoint(chosen) and len(learned) == 27
    assert {stem[0] for stem in learned}.isdisjoint({stem[0] for stem in chosen})


def test_what_the_export_says_is_one_group_is_not_split(tmp_path):
    """Names of which nothing can be told; the records say which belong together."""
    shoots, stems = "abcdef", [f"{number:02d}-{'xyz'[number % 3]}" for number in range(18)]
    lines = [json.dumps({"key": stem, "group": shoots[number % 6]}) for number, stem in enumerate(stems)]
    for stem in stems:
        for kind, shape in (("fg", (8, 8, 3)), ("alpha", (8, 8))):
            write_image(tmp_path / "train" / kind / f"{stem}.jpg", np.zeros(shape, np.uint8))
    (tmp_path / "provenance.jsonl").write_text("\n".join(lines))
    parts = find_pairs(tmp_path).with_validation()
    group = {stem: shoots[number % 6] for number, stem in enumerate(stems)}
    learned, chosen = ({group[pair.foreground.stem] for pair in pairs} for pairs in (parts.pairs, parts.validation))
    assert len(chosen) == 1 and len(parts.validation) == 3 and learned == set(shoots) - chosen
    (tmp_path / "provenance.jsonl").write_text("[1, 2]")
    with pytest.raises(ValueError, match=r"provenance\.jsonl must hold a record"):
        find_pairs(tmp_path)


def test_a_run_that_makes_it_no_better_says_so_and_gives_back_its_start(data, monkeypatch):
    command(data, output="a.safetensors")
    sads, later = iter([1.0, 1.5]), itertools.count(1.0)
    monkeypatch.setattr(loop, "measure", lambda *_: Score((next(sads),), 0.0, (), 0.0))
    monkeypatch.setattr(judging, "measure", lambda *_: Score((next(later),), 0.0, (), 0.0))
    shutil.rmtree(data / "test")
    result = command(data, "--start", "a.safetensors")
    assert "no step improved on the starting weights" in result.output.replace("\n", " ")
    assert card()["held_out"]["before"]["sad"] == card()["held_out"]["validation"]["sad"] == 1.0
    assert (card()["step_chosen"], card()["share"], card()["is_start"]) == (0, 0, True)
    start, given = load_file("a.safetensors"), load_file("out.safetensors")
    assert all(np.array_equal(start[name], given[name]) for name in start)


def test_a_longer_run_goes_on_from_a_shorter_one(data, tmp_path):
    assert command(data).exit_code == 0
    result = command(data, "--steps", 6)
    assert "after step 4 of 6" in result.output
    told = card()
    assert (told["steps"], told["steps_planned"], told["steps_planned_before"]) == (6, 6, [4])
    assert json.loads((tmp_path / "runs/out/outcome.json").read_text())["steps"] == 6
    assert "already finished" in command(data, "--steps", 6).output
    refused = command(data)
    assert refused.exit_code == 1 and "with steps 6" in refused.output.replace("\n", " ")


@pytest.mark.parametrize(
    ("card", "model", "own", "wanted"),
    [
        (None, "gca-studio", "", "LicenseRef-unknown"),
        (None, "gca-studio", "cc-by-4.0", "CC-BY-4.0"),
        ({"licence": "CC-BY-NC-4.0"}, "gca-studio", "Apache-2.0", "CC-BY-NC-4.0 AND Apache-2.0"),
        ({"licence": "CC-BY-NC-4.0"}, "gca-studio", "", "CC-BY-NC-4.0 AND LicenseRef-unknown"),
        ({"licence": "MIT OR Apache-2.0"}, "gca-studio", "CC0-1.0", "(MIT OR Apache-2.0) AND CC0-1.0"),
        ({}, "gca-studio", "CC0-1.0", "CC0-1.0"),
    ],
)
def test_the_terms_of_the_start_stay(tmp_path, card, model, own, wanted):
    start = None
    if card is not None:
        start = tmp_path / "start.safetensors"
        export_weights(start, {"a": torch.ones(1)}, card=card)
    assert licence_after(start, model, own) == wanted


def test_terms_of_published_starts(tmp_path):
    """A file is known by its bytes; of GCA's published ones, which have no card, none is free for commerce."""
    shutil.copy(SHIPPED / "gca-studio.safetensors", tmp_path / "copy.safetensors")
    assert licence_after(tmp_path / "copy.safetensors", "gca-studio", "Apache-2.0") == "Apache-2.0"
    torch.save({"a": torch.ones(1)}, tmp_path / "gca-dist.pth")
    assert "non-commercial" in licence_after(tmp_path / "gca-dist.pth", "gca", "Apache-2.0")
