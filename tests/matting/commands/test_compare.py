"""`compare`: every model that is there on one photo, its numbers against what is known of it."""

import json
import os
import platform
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from matting import metrics
from matting.__main__ import app
from matting.arrays import to_uint8
from matting.commands import compare as command
from matting.environment.memory import Growth
from matting.files import write_image
from matting.metrics import comparing
from matting.metrics.comparing import Alone, Entry, Measured, answer_alone, entries, measure
from matting.metrics.model_table import model_table
from matting.models import listed_models
from matting.models.base import Model
from matting.weights import WEIGHTS, folders
from matting.weights.credit import Answer, Credit

MODELS = "shared,closed-form,random-walk"
HEIGHT, WIDTH = 60, 90


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """A folder with a photo of a soft-edged disc, its truth and its trimap."""
    folder = tmp_path_factory.mktemp("scene")
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    truth = np.clip((22 - np.hypot(y - 30, x - 45)) / 6 + 0.5, 0, 1).astype(np.float32)
    colours = truth[..., None] * [0.9, 0.3, 0.1] + (1 - truth[..., None]) * [0.1, 0.3, 0.8]
    near = np.abs(np.hypot(y - 30, x - 45) - 22) < 5
    trimap = np.where(near, 128, np.where(truth > 0.5, 255, 0)).astype(np.uint8)
    write_image(folder / "photo" / "disc.png", to_uint8(colours.astype(np.float32)))
    write_image(folder / "truth" / "disc.png", to_uint8(truth))
    write_image(folder / "trimap" / "disc.png", trimap)
    return folder


def run(*arguments):
    done = CliRunner().invoke(app, ["compare", *map(str, arguments)])
    return done.exit_code, done.stderr.splitlines(), done.stdout.splitlines()


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


@pytest.fixture(scope="module")
def compared(scene):
    """(status, stderr, stdout, results of the JSON, sheet) of a run with all that is known."""
    out = scene / "out"
    known = ["--truth", scene / "truth", "--trimap", scene / "trimap"]
    status, told, shown = run(scene / "photo", "-o", out, *known, "--models", MODELS)
    return status, told, shown, json.loads((out / "compare.json").read_text()), pixels(out / "disc.png")


def test_each_model_is_measured_and_drawn(compared):
    status, told, shown, content, sheet = compared
    assert (status, told) == (0, [])
    rows = content["results"]
    assert [row["model"] for row in rows] == MODELS.split(",")
    assert all(row["seconds"] > 0 and row["memory_gb"] >= 0 for row in rows)
    assert all(line.startswith(f"disc.png, {row['model']}: ") for line, row in zip(shown, rows, strict=True))
    assert all(f"SAD {row['sad']:.2f}" in line for line, row in zip(shown, rows, strict=True))
    assert sheet.shape[1] > 4 * WIDTH  # photo, truth and two of the models in the first of two rows
    assert sheet.shape[0] > 2 * HEIGHT
    assert sheet.std() > 20


def test_errors_are_those_of_the_metrics(scene, compared):
    """The disc's edge is one ramp between two colours: every solver is near it, and a wrong alpha would not be."""
    truth, trimap = pixels(scene / "truth" / "disc.png") / np.float32(255), pixels(scene / "trimap" / "disc.png")
    wrong = metrics.evaluate(np.zeros_like(truth), truth, trimap)
    for row in compared[3]["results"]:
        assert set(metrics.METRICS) <= set(row)
        assert row["sad"] < 0.4 * wrong["sad"]
        assert row["mad"] == pytest.approx(row["sad"] * 1000 / np.count_nonzero(trimap == 128))


def test_the_table_has_the_means_of_all_photos_and_names_the_machine(scene, compared):
    """The README of a project quotes it: its numbers are those of the JSON."""
    lines = (scene / "out" / "compare.md").read_text().splitlines()
    head, rows = lines[0].strip("| ").split(" | "), [line.strip("| ").split(" | ") for line in lines[2:5]]
    for row, measured in zip(rows, compared[3]["results"], strict=True):
        told = dict(zip(head, row, strict=True))
        assert (told["model"], told["photos"]) == (f"`{measured['model']}`", "1")
        assert float(told["SAD"]) == pytest.approx(measured["sad"], abs=0.005)
        assert float(told["memory, GB"]) == pytest.approx(measured["memory_gb"], abs=0.005)
    assert f"Python {platform.python_version()}" in lines[-1] and f"{os.cpu_count()} cores" in lines[-1]


def test_the_table_counts_only_photos_that_a_model_answered():
    rows = [{"model": "a", "sad": 1.0}, {"model": "a", "sad": 4.0}, {"model": "b", "failed": "no"}]
    assert model_table(rows, "a machine").splitlines()[2:4] == ["| `a` | 2 | 2.50 |", "| `b` | 0 |  |"]


def test_measure_counts_what_its_region_says():
    truth, trimap = np.zeros((4, 6), np.float32), np.full((4, 6), 128, np.uint8)
    trimap[0] = 0
    alpha = np.full((4, 6), 0.5, np.float32)
    given = []

    def by(function, name, image, known):
        given.append((function, name, known is None))
        return Alone(Answer(alpha, Credit(name, seconds=2.0)), 0.25, 3.0)

    image = np.zeros((4, 6, 3), np.uint8)
    whole = measure(Entry("u2netp"), image, trimap, truth, by=by)
    part = measure(Entry("auto", "shared"), image, trimap, truth, region=trimap, by=by)
    assert (whole.errors["sad"], part.errors["sad"]) == (24 * 0.5 / 1000, 18 * 0.5 / 1000)
    assert whole.words == "2.0 s · 250 MB · SAD 0.01" and whole.processor_seconds == 3
    assert given == [(answer_alone, "u2netp", True), (answer_alone, "shared", False)]
    assert measure(Entry("u2netp"), image, trimap, by=by).errors == {}


def test_only_models_that_need_no_download_are_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "FOLDER", tmp_path)
    solvers = [name for name, (kind, _) in listed_models().items() if not kind.weights]
    shipped = ["studio", "gca-studio"]
    assert sorted(entry.model for entry in entries()) == sorted([*solvers, *shipped])
    file = tmp_path / WEIGHTS["u2netp"].file
    file.write_bytes(b"\0" * WEIGHTS["u2netp"].size)
    assert Entry("u2netp") in entries()
    assert all(entry.subject == "modnet" for entry in entries("modnet") if entry.edges)


class Hungry(Model):
    """Takes 300 MB for a moment."""

    name, title = "hungry", "Hungry"

    def estimate(self, image, trimap):
        taken = np.ones(300_000_000, np.uint8)
        return image[..., 0] / 255 * taken[0]


def test_memory_is_what_the_process_grew_by_at_its_peak(monkeypatch):
    monkeypatch.setattr(comparing, "load_listed", lambda name: Hungry())
    image = np.zeros((20, 20, 3), np.uint8)
    for _ in range(2):  # the peak before counts for nothing
        answer, memory, _ = answer_alone("hungry", image, None)
        assert answer.alpha.shape == (20, 20)
        assert 0.29 < memory < 0.4
    growth = Growth()
    assert growth.peak_gb() < 0.05


class Crumbling(Model):
    """Takes 200 MB in small pieces, as solvers do."""

    name, title = "crumbling", "Crumbling"

    def estimate(self, image, trimap):
        pieces = [np.ones(50_000, np.uint8) for _ in range(4000)]
        self.last = pieces[-1]  # lies above the others, so that they stay in the process when freed
        return image[..., 0] / 255 * pieces[0][0]


def test_memory_that_an_earlier_model_freed_counts_again(monkeypatch):
    model = Crumbling()
    monkeypatch.setattr(comparing, "load_listed", lambda name: model)
    image = np.zeros((20, 20, 3), np.uint8)
    taken = [answer_alone("crumbling", image, None).memory_gb for _ in range(3)]
    assert min(taken) > 0.15, taken


def test_what_cannot_be_compared_is_one_sentence_and_the_rest_goes_on(scene, tmp_path):
    status, told, _ = run(scene / "photo", "-o", tmp_path, "--models", "shared,birefnet")
    assert status == 1
    assert told[0].startswith("birefnet cannot be compared here; there are ")
    status, told, _ = run(scene / "photo", "-o", tmp_path, "--truth", tmp_path / "nowhere")
    assert (status, len(told)) == (1, 1)
    write_image(tmp_path / "photos" / "other.png", np.zeros((10, 12, 3), np.uint8))
    write_image(tmp_path / "photos" / "disc.png", np.zeros((10, 12, 3), np.uint8))
    given = ["--truth", scene / "truth", "--models", "shared"]
    status, told, _ = run(tmp_path / "photos", "-o", tmp_path / "out", *given)
    assert status == 1
    assert told[0].endswith("disc.png: the truth must be 12 × 10 like the photo, but is 90 × 60")
    assert told[1].endswith("other.png: the folder of --truth holds no picture called other")
    assert json.loads((tmp_path / "out" / "compare.json").read_text())["results"] == []


def test_a_model_that_fails_is_named_and_the_others_are_drawn(scene, tmp_path):
    """A trimap without known background: each solver says so."""
    trimap = np.full((HEIGHT, WIDTH), 255, np.uint8)
    trimap[:, :9] = 128
    write_image(tmp_path / "trimap" / "disc.png", trimap)
    status, told, _ = run(scene / "photo", "-o", tmp_path, "--trimap", tmp_path / "trimap", "--models", "shared,studio")
    rows = json.loads((tmp_path / "compare.json").read_text())["results"]
    assert status == 1
    assert all("holds no known background" in row["failed"] for row in rows)
    assert [line.partition(":")[0] for line in told] == ["disc.png, shared", "disc.png, studio"]
    assert pixels(tmp_path / "disc.png").std() > 5


def test_shards_share_the_photos_and_each_has_a_table_of_its_own(scene, tmp_path, monkeypatch):
    half = Measured(np.full((HEIGHT, WIDTH), 0.5, np.float32), 1.0, None, {})
    monkeypatch.setattr(command, "measure", lambda *_, **__: half)
    for name in "abc":
        write_image(tmp_path / "photos" / f"{name}.png", pixels(scene / "photo" / "disc.png"))
    rows = {}
    for shard in ("1/2", "2/2"):
        status, told, _ = run(tmp_path / "photos", "-o", tmp_path, "--models", "u2netp", "--shard", shard)
        assert (status, told) == (0, [])
        content = json.loads((tmp_path / f"compare-{shard.replace('/', '-of-')}.json").read_text())
        rows[shard] = [Path(row["photo"]).name for row in content["results"]]
    assert rows == {"1/2": ["a.png", "c.png"], "2/2": ["b.png"]}
    assert {path.name for path in tmp_path.glob("*.png")} == {"a.png", "b.png", "c.png"}
    assert "| `u2netp` | 2 |" in (tmp_path / "compare-1-of-2.md").read_text()
    assert not (tmp_path / "compare.json").exists()
