"""The packages as `pip install .` leaves them, used in a folder where there is no checkout."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import numpy as np
import pytest

from matting.files import read_alpha, write_image
from matting.weights import WEIGHTS

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ["matting", "annotation", "pyproject.toml", "requirements.txt", "README.md", "LICENSE"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder of packages with nothing in it but the project's wheel, built from a copy of the sources."""
    folder = tmp_path_factory.mktemp("installed")
    (folder / "copy").mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / "copy" / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(ROOT / name, folder / "copy" / name)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", f"--target={folder / 'site'}"]
    subprocess.run([*pip, str(folder / "copy")], check=True)
    return folder / "site"


@pytest.fixture
def outside(installed, tmp_path):
    """Runs a Python program in an empty folder, with the installed packages before any others."""

    def run(*arguments):
        environment = os.environ | {"PYTHONPATH": str(installed)}
        program = [sys.executable, *map(str, arguments)]
        return subprocess.run(program, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def test_every_file_of_the_packages_comes_along(installed):
    """Also pages, styles, scripts and what the database's migrations are made of."""
    wanted = {
        path.relative_to(ROOT)
        for package in ("matting", "annotation")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyi"
    }
    assert {".js", ".css", ".html", ".safetensors", ".md", ".py"} <= {path.suffix for path in wanted}
    assert sorted(path for path in wanted if not (installed / path).is_file()) == []


def test_the_licence_comes_along(installed):
    (found,) = (one for one in distributions(path=[str(installed)]) if one.name == "matting-studio")
    assert found.metadata["License-Expression"] == "Apache-2.0"
    text = found.read_text("licenses/LICENSE")
    assert text == (ROOT / "LICENSE").read_text()
    assert "Version 2.0, January 2004" in text


def test_a_model_and_a_command_run(outside, installed, tmp_path):
    """gca-studio solves without a download; an alpha is written by the command."""
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    write_image(tmp_path / "photo.png", image)
    write_image(tmp_path / "trimap.png", np.repeat(np.array([0, 128, 255, 128], np.uint8), 16)[None].repeat(64, axis=0))
    command = ("-m", "matting", "alpha", "photo.png", "-o", "out", "--model", "gca-studio", "--trimap", "trimap.png")
    done = outside(*command)
    assert (done.returncode, done.stderr) == (0, "")
    assert read_alpha(tmp_path / "out" / "photo.png").shape == (64, 64)
    loaded = outside("-c", "import matting; matting.load_model('gca-studio'); print(matting.__file__)")
    assert loaded.returncode == 0, loaded.stderr
    assert loaded.stdout.strip() == str(installed / "matting" / "__init__.py")


def test_a_dataset_grows(outside, tmp_path):
    """The database is made by the installed migrations."""
    write_image(tmp_path / "photos" / "one.png", np.zeros((9, 9, 3), np.uint8))
    done = outside("-m", "annotation", "import", "photos")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 sample" in done.stdout
    assert outside("-m", "annotation", "verify").stdout == "whole\n"


def test_the_page_is_built_and_its_files_are_served(outside):
    program = (
        "from pathlib import Path; from starlette.applications import Starlette; "
        "from starlette.testclient import TestClient; from annotation.ui import page; "
        "from annotation.ui.getting_ready import Warmup; from annotation.studio import Studio; "
        "studio = Studio.open(Path('data')); page.build(studio, Warmup()); "
        "client = TestClient(Starlette(routes=page.routes(studio))); "
        "print(*(client.get(path).status_code for path in ('/correct/static/editor.js', '/live/static/live.js')))"
    )
    done = outside("-c", program)
    assert done.stdout.split() == ["200", "200"], done.stderr


def test_weights_it_fetches_go_to_the_cache(outside):
    """Not among the installed packages, which another user may own."""
    program = (
        "import os; os.environ.pop('MATTING_WEIGHTS', 0); os.environ['XDG_CACHE_HOME'] = 'c'; "
        "from matting.weights import WEIGHTS; "
        "print(*(one.path for one in WEIGHTS.values() if not one.is_shipped), sep='\\n')"
    )
    paths = outside("-c", program).stdout.splitlines()
    assert len(paths) == len([one for one in WEIGHTS.values() if not one.is_shipped])
    assert all(path.startswith("c/matting-studio/weights/") for path in paths)
