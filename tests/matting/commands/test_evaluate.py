import importlib
import json
import subprocess
import sys

import numpy as np
import pytest
import typer
from filelock import FileLock
from typer.testing import CliRunner

from matting.commands.bench import bench
from matting.commands.evaluate import evaluate
from matting.files import read_trimap, write_image
from matting.metrics import METRICS
from matting.models.base import Model
from matting.weights import WeightsUsed

bench_module = importlib.import_module("matting.commands.bench")
evaluate_module = importlib.import_module("matting.commands.evaluate")

CLASSICAL = {  # SAD, MSE, Grad and Conn of pymatting's plain call
    "GT01": (1.2976, 0.0057670, 1.7738, 1.0750),
    "GT03": (4.5253, 0.0050626, 1.8525, 3.7944),
}


@pytest.fixture
def run():
    app = typer.Typer()
    app.command()(bench)
    app.command()(evaluate)
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def folders(tmp_path):
    """Two pictures of 20 × 30: the first predicted 51 levels too dark on its unknown half, the second exactly."""
    truth = np.full((20, 30), 255, np.uint8)
    trimap = np.full((20, 30), 255, np.uint8)
    trimap[:, 15:] = 128
    predicted = np.where(trimap == 128, 204, 255).astype(np.uint8)
    for name, alpha in (("one", predicted), ("two", truth)):
        write_image(tmp_path / f"predicted/{name}.png", alpha)
        write_image(tmp_path / f"truth/{name}.png", truth)
        write_image(tmp_path / f"trimap/{name}.png", trimap)
    return tmp_path


def test_evaluate_writes_what_the_metrics_say(run, folders):
    result = run(
        "evaluate",
        folders / "predicted",
        folders / "truth",
        "--trimap",
        folders / "trimap",
        "--json",
        folders / "o.json",
    )
    assert result.exit_code == 0 and "MSE" in result.stdout
    written = json.loads((folders / "o.json").read_text())
    assert list(written) == ["dataset", "trimap", "results", "means"]
    assert [row["image"] for row in written["results"]] == ["one", "two"]
    assert written["results"][0]["sad"] == pytest.approx(0.2 * 300 / 1000)
    assert written["results"][0]["mse"] == pytest.approx(0.04)
    assert written["means"][0]["mad"] == pytest.approx(0.1)  # the mean over images


def test_evaluate_without_trimaps_counts_every_pixel(run, folders):
    run("evaluate", folders / "predicted", folders / "truth", "--json", folders / "o.json")
    assert json.loads((folders / "o.json").read_text())["results"][0]["mse"] == pytest.approx(0.02)


def test_evaluate_names_what_it_cannot_measure_and_goes_on(run, folders):
    (folders / "truth/damaged.png").write_bytes(b"not a picture")
    (folders / "predicted/damaged.png").write_bytes(b"not a picture")
    write_image(folders / "truth/missing.png", np.zeros((20, 30), np.uint8))
    write_image(folders / "predicted/two.png", np.zeros((21, 30), np.uint8))
    result = run("evaluate", folders / "predicted", folders / "truth", "--json", folders / "o.json")
    assert result.exit_code == 1
    lines = [line for line in result.stderr.splitlines() if line]
    assert [line.split(":")[0] for line in lines] == ["damaged", "missing", "two"]
    assert "Traceback" not in result.output
    assert [row["image"] for row in json.loads((folders / "o.json").read_text())["results"]] == ["one"]


def test_folders_that_are_not_there_are_one_line(run, tmp_path):
    for command in (("evaluate", tmp_path / "a", tmp_path / "b"), ("bench", tmp_path)):
        result = run(*command)
        assert result.exit_code == 1 and result.stdout == "" and result.stderr.count("\n") == 1


def test_bench_measures_names_failures_and_draws(run, folders):
    for name in ("one", "two"):
        image, trimap, alpha = np.full((20, 30, 3), 90, np.uint8), *np.full((2, 20, 30), 255, np.uint8)
        image[:, 15:], trimap[:, 10:20], trimap[:, 20:], alpha[:, 15:] = 200, 128, 0, 0
        for kind, array in (("image", image), ("trimap", trimap), ("truth", alpha)):
            write_image(folders / f"{kind}/{name}.png", array)
    (folders / "truth").rename(folders / "alpha")
    write_image(folders / "alpha/three.png", np.zeros((20, 30), np.uint8))
    result = run(
        "bench", folders, "--models", "nonesuch,random-walk", "--json", folders / "o.json", "--plot", folders / "o.png"
    )
    assert result.exit_code == 1
    first, second = (line for line in result.stderr.splitlines() if line)
    assert first.startswith("no model is called 'nonesuch'") and second.startswith(
        "three, random-walk: has a true alpha"
    )
    written = json.loads((folders / "o.json").read_text())
    assert written["trimap"] == "trimap"
    assert list(written["results"][0]) == ["model", "image", *METRICS, "seconds"]
    assert list(written["means"][0]) == ["model", *METRICS, "seconds"]
    assert written["means"][0]["mad"] < 0.1  # two plain colours: where one ends the other begins
    assert (folders / "o.png").read_bytes().startswith(b"\x89PNG")


def test_bench_reproduces_the_classical_baseline(run, shared, tmp_path):
    source = shared / "data/alphamatting"
    for folder in ("image", "gt", "trimap1"):
        (tmp_path / folder).mkdir()
        for name in CLASSICAL:
            (tmp_path / folder / f"{name}.png").symlink_to(source / folder / f"{name}.png")
    assert run("bench", tmp_path, "--models", "shared", "--json", tmp_path / "o.json").exit_code == 0
    for row in json.loads((tmp_path / "o.json").read_text())["results"]:
        expected = CLASSICAL[row["image"]]
        assert [row[name] for name in ("sad", "mse", "grad", "conn")] == pytest.approx(expected, rel=0.01)


BENCH = """
import sys, numpy as np
from matting import models
from matting.models.base import Model
class Slow(Model):
    name, title = "slow", "Slow"
    def estimate(self, image, trimap):
        print("measured", flush=True)
        if not open(sys.argv[1]).read() and Slow.done == 2:
            import os, signal
            os.kill(os.getpid(), signal.SIGKILL)
        Slow.done += 1
        return np.zeros(trimap.shape)
Slow.done = 0
models.MODELS["slow"] = Slow
from matting.__main__ import app
app(sys.argv[2:])
"""


@pytest.fixture
def pictures(folders):
    """Four pictures to bench."""
    (folders / "truth").rename(folders / "alpha")
    for name in ("one", "two", "three", "four"):
        write_image(folders / f"image/{name}.png", np.full((20, 30, 3), 90, np.uint8))
        for kind in ("alpha", "trimap"):
            write_image(folders / f"{kind}/{name}.png", read_trimap(folders / f"{kind}/one.png"))
    return folders


def slow(folder, *more, survives=False):
    """Bench in a process of its own, which kills itself in the third picture unless it `survives`."""
    (folder / "survives").write_text("yes" if survives else "")
    arguments = [folder / "survives", "bench", folder, "--models", "slow", "--json", folder / "o.json", *more]
    return subprocess.run([sys.executable, "-c", BENCH, *map(str, arguments)], capture_output=True, text=True)


def test_a_killed_bench_has_its_rows_and_goes_on(pictures):
    killed = slow(pictures)
    assert killed.returncode == -9 and killed.stdout.count("SAD") == 2  # each row is told as it comes
    saved = json.loads((pictures / "o.json").read_text())
    assert list(saved) == ["dataset", "trimap", "results", "means"]
    assert [row["image"] for row in saved["results"]] == ["four", "one"]
    with (pictures / ".o.json.rows").open("ab") as file:
        file.write(b'\n{"key": "torn')  # as a kill in mid-write leaves it
    again = slow(pictures, survives=True)
    assert again.returncode == 0 and again.stdout.count("measured") == 2 and "2 of 4 rows" in again.stderr
    rows = json.loads((pictures / "o.json").read_text())["results"]
    assert [row["image"] for row in rows] == ["four", "one", "three", "two"] and rows[:2] == saved["results"]
    assert not (pictures / ".o.json.rows").exists()
    assert slow(pictures, survives=True).stdout.count("measured") == 4  # what is complete is measured anew


def test_two_benches_do_not_write_one_file(pictures):
    with FileLock(pictures / ".o.json.lock"):
        refused = slow(pictures, survives=True)
    assert refused.returncode == 1 and "measured" not in refused.stdout
    assert refused.stderr.startswith(f"another bench is writing {pictures / 'o.json'}")
    assert slow(pictures, survives=True).returncode == 0


@pytest.mark.parametrize("change", ["image", "alpha", "trimap", "another trimap folder", "nothing"])
def test_rows_of_another_dataset_are_measured_anew(pictures, change):
    slow(pictures)
    more = []
    if change == "another trimap folder":
        (pictures / "trimap2").mkdir()
        for path in (pictures / "trimap").iterdir():
            write_image(pictures / "trimap2" / path.name, np.full((20, 30), 128, np.uint8))
        more = ["--trimap", "trimap2"]
    elif change != "nothing":
        write_image(pictures / change / "one.png", np.full((20, 30) + (3,) * (change == "image"), 100, np.uint8))
    wanted = {"nothing": 2, "another trimap folder": 4}.get(change, 3)
    assert slow(pictures, *more, survives=True).stdout.count("measured") == wanted


def test_rows_of_other_weights_are_measured_anew(pictures, monkeypatch, run):
    """The same name, trained anew in between."""
    seen = []

    class Mine(Model):
        name, title = "mine", "Mine"
        trained = WeightsUsed("mine", "first", "")

        def estimate(self, image, trimap):
            seen.append(image)
            if len(seen) == 3:
                raise KeyboardInterrupt
            return np.zeros(trimap.shape)

    monkeypatch.setattr(bench_module, "load_model", lambda name, exact: Mine())
    for sha256, wanted in (("first", 3), ("second", 7), ("second", 11)):
        Mine.trained = WeightsUsed("mine", sha256, "")
        result = run("bench", pictures, "--models", "gca", "--json", pictures / "o.json")
        assert len(seen) == wanted, result.output


def test_a_model_that_breaks_on_one_picture_keeps_the_rows_of_the_others(pictures, monkeypatch, run):
    class Faulty(Model):
        name, title = "faulty", "Faulty"
        calls = 0

        def estimate(self, image, trimap):
            Faulty.calls += 1
            if Faulty.calls == 2:
                raise RuntimeError("out of memory")
            return np.zeros(trimap.shape)

    monkeypatch.setattr(bench_module, "load_model", lambda name, exact: Faulty())
    result = run("bench", pictures, "--models", "gca", "--json", pictures / "o.json", "--plot", pictures / "o.nonsense")
    assert result.exit_code == 1 and "one, gca: out of memory" in result.stderr
    assert "o.nonsense could not be drawn" in result.stderr.replace("\n", "")
    assert len(json.loads((pictures / "o.json").read_text())["results"]) == 3
    again = run("bench", pictures, "--models", "gca", "--json", pictures / "o.json")
    assert again.exit_code == 0 and Faulty.calls == 5  # one was left


def test_evaluate_goes_on_too(run, folders, monkeypatch):
    measured, true = [], evaluate_module.measure

    def interrupted(*arrays):
        measured.append(arrays)
        if len(measured) == 2:
            raise KeyboardInterrupt
        return true(*arrays)

    monkeypatch.setattr(evaluate_module, "measure", interrupted)
    arguments = ("evaluate", folders / "predicted", folders / "truth", "--json", folders / "o.json")
    assert run(*arguments).exit_code != 0
    assert [row["image"] for row in json.loads((folders / "o.json").read_text())["results"]] == ["one"]
    assert run(*arguments).exit_code == 0 and len(measured) == 3
    assert [row["image"] for row in json.loads((folders / "o.json").read_text())["results"]] == ["one", "two"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("shared, knn,shared", ["shared", "knn"]),
        ("nonesuch,knn", ["nonesuch", "knn"]),
        ("gca-studio:a,b.safetensors,knn", ["gca-studio:a,b.safetensors", "knn"]),
        ("gca-studio:C:\\x y,gca:z", ["gca-studio:C:\\x y", "gca:z"]),
    ],
)
def test_names_of_models(given, wanted):
    assert bench_module.split_names(given) == wanted
