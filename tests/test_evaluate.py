import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from matting.commands.bench import bench
from matting.commands.evaluate import evaluate
from matting.files import write_image
from matting.metrics import METRICS

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
        write_image(folders / f"image/{name}.png", np.full((20, 30, 3), 90, np.uint8))
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
    assert written["means"][0]["sad"] == 0  # only foreground is known, so all of it is
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
