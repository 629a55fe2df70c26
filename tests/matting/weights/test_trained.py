"""Weights a person trained, by name: found, told apart, recorded, refused in a sentence."""

import hashlib
import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from skimage import data
from typer.testing import CliRunner

from annotation.correction.whole_picture import solve
from annotation.ui.cut_out import steps as cut_out_steps
from annotation.ui.cut_out.edge_controls import model_choices
from annotation.ui.cut_out.steps import set_edges
from matting import load_model
from matting.__main__ import app
from matting.files import write_image
from matting.models import load_listed
from matting.weights import WEIGHTS, folders
from matting.weights.folders import SHIPPED
from matting.weights.trained import UNKNOWN

SHIPPED_FILE = SHIPPED / "gca-studio.safetensors"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty weights folder, and a working folder beside it."""
    (tmp_path / "weights").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setattr(folders, "FOLDER", tmp_path / "weights")
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "weights"


def write(path, card=None, scale=1.0, **changed):
    tensors = load_file(SHIPPED_FILE)
    with np.errstate(invalid="ignore"):  # counters cannot be "not a number"
        tensors = {name: np.asarray(value * scale, value.dtype) for name, value in tensors.items()} | changed
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata=None if card is None else {key: json.dumps(text) for key, text in card.items()})
    return path


def picture():
    image = np.random.default_rng(0).integers(0, 255, (40, 48, 3)).astype(np.uint8)
    trimap = np.full((40, 48), 128, np.uint8)
    trimap[:, :12], trimap[:, 36:] = 0, 255
    return image, trimap


@pytest.mark.parametrize(
    "spelling",
    ["mine", "mine.safetensors", "C:mine", "my own weights", "naïve 猫", "with,comma", "two.dots.v2"],
)
def test_a_name_in_the_weights_folder(folder, spelling):
    path = write(folder / f"{spelling.removesuffix('.safetensors')}.safetensors", {"model": "gca-studio"})
    model = load_model(f"gca-studio:{spelling}")
    (used,) = model.weights_used()
    assert model.name == f"gca-studio:{path.stem}"
    assert (used.file, used.sha256) == (path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    assert used.licence == UNKNOWN
    image, trimap = picture()
    assert np.array_equal(model(image, trimap), load_model("gca-studio")(image, trimap))  # the same tensors
    assert load_model("gca-studio").name == "gca-studio"


def test_a_path(folder, tmp_path):
    path = write(tmp_path / "else where" / "a:b.safetensors", {"model": "gca-studio", "licence": "CC-BY-4.0"})
    for spelled in (path, os.path.relpath(path)):
        model = load_model(f"gca-studio:{spelled}")
        assert model.name == "gca-studio:a:b" and str(tmp_path) not in model.name
        assert model.weights_used()[0].licence == "CC-BY-4.0"
    assert load_model(f"gca-studio:{path}", exact=True) is not model


def test_a_file_trained_anew_is_read_anew(folder):
    write(folder / "mine.safetensors", {"model": "gca-studio"})
    first = load_model("gca-studio:mine")
    assert load_model("gca-studio:mine") is first
    write(folder / "mine.safetensors", {"model": "gca-studio"}, scale=0.5)
    second = load_model("gca-studio:mine")
    assert second is not first and second.weights_used() != first.weights_used()


def test_published_weights_have_a_record_too(folder):
    (used,) = load_model("gca-studio").weights_used()
    assert used.sha256 == hashlib.sha256(SHIPPED_FILE.read_bytes()).hexdigest() and used.licence == "Apache-2.0"
    assert load_model("shared").weights_used() == ()


class Bomb:
    def __reduce__(self):
        return os.system, ("touch exploded",)


def spoil(name, folder):
    """Make `folder`/bad.safetensors, or whatever `name` says; gives what to call it."""
    path = folder / "bad.safetensors"
    if name == "folder":
        path.mkdir()
    elif name == "pickle":
        path.write_bytes(pickle.dumps(Bomb()))
    elif name == "pickle called .pth":
        path = folder / "bad.pth"
        path.write_bytes(pickle.dumps(Bomb()))
    elif name == "truncated":
        path.write_bytes(write(path).read_bytes()[:-1000])
    elif name == "empty":
        path.write_bytes(b"")
    elif name == "header of 2^60":
        path.write_bytes((2**60).to_bytes(8, "little") + b"{}")
    elif name == "other network":
        save_file({"weight": np.ones(3, np.float32)}, path, metadata={"model": '"gca-studio"'})
    elif name == "one tensor misshapen":
        first = sorted(load_file(SHIPPED_FILE))[0]
        write(path, {"model": "gca-studio"}, **{first: np.ones((1, 2, 3), np.float16)})
    elif name == "not a number":
        write(path, {"model": "gca-studio"}, scale=float("nan"))
    return str(path)


@pytest.mark.parametrize(
    "fault",
    ["missing", "folder", "pickle", "pickle called .pth", "truncated", "empty", "header of 2^60", "other network",
     "one tensor misshapen", "not a number"],
)  # fmt: skip
def test_what_is_no_weights_file_is_one_sentence(folder, tmp_path, fault):
    path = spoil(fault, folder)
    with pytest.raises(ValueError) as caught:
        load_model(f"gca-studio:{path}")
    assert path in str(caught.value) and "\n" not in str(caught.value)
    write_image(tmp_path / "photo.png", picture()[0])
    result = CliRunner().invoke(
        app, ["alpha", str(tmp_path / "photo.png"), "-o", "out", "--model", f"gca-studio:{path}"]
    )
    assert result.exit_code == 1 and "Traceback" not in result.output and path in result.output.replace("\n", "")
    assert not Path("exploded").exists() and not Path("out").exists()


@pytest.mark.parametrize("name", ["rvm:mine", "shared:mine", "gca-dist:mine", "nonesuch:mine", "gca-studio:", ":"])
def test_names_that_mean_nothing(folder, name):
    write(folder / "mine.safetensors", {"model": "gca-studio"})
    with pytest.raises(ValueError, match=r"gca-studio:FILE|must be a file of weights"):
        load_model(name)


def test_gca_without_a_card_stays_non_commercial(folder):
    """Every published file of that network is; a copy under another name states nothing."""
    from matting.weights.trained import find_trained

    save_file({"weight": np.ones(3, np.float32)}, folder / "copy.safetensors")
    assert find_trained("gca", "copy").licence == WEIGHTS["gca"].licence


def test_the_app_lists_the_weights_folder_and_takes_no_path(folder, tmp_path):
    mine = write(folder / "my hair.safetensors", {"model": "gca-studio", "licence": "CC-BY-NC-4.0"})
    write(folder / "no card.safetensors")
    write(folder / "gca-studio.safetensors", {"model": "gca-studio"})  # the shipped one, placed by hand
    write(folder / "of other people.safetensors", {"model": "unet"})
    (folder / "broken.safetensors").write_bytes(b"rubbish")
    outside = write(tmp_path / "outside.safetensors", {"model": "gca-studio"})
    own = [(title, name) for title, name in model_choices(needs_trimap=True) if ":" in name]
    assert own == [("GCA, trained here: my hair · CC-BY-NC-4.0", "gca-studio:my hair")]
    assert load_listed("gca-studio:my hair").weights_used()[0].file == mine.name
    for name in (outside, "../outside", "../outside.safetensors", "my hair.safetensors", mine, "no card",
                 "", "/dev/zero", "..", "~", "gca-studio", "broken"):  # fmt: skip
        with pytest.raises(ValueError, match="no model is called"):
            load_listed(f"gca-studio:{name}")
    with pytest.raises(ValueError, match="no model is called"):
        load_listed("unet:of other people")


def test_the_apps_step_takes_a_listed_model(folder, monkeypatch):
    import gradio as gr

    from annotation.ui.cut_out.job import Job

    monkeypatch.setattr(cut_out_steps, "solve_apart", solve)  # here, where the folder is another
    write(folder / "mine.safetensors", {"model": "gca-studio"})
    image, trimap = picture()
    job = Job.begin("photo", image)
    job.keep("subject", (trimap / 255).astype(np.float32))
    list(set_edges(job, 4, 4, "gca-studio:mine", "Transparent", "#000000", None, False))
    assert job.alpha.shape == trimap.shape
    with pytest.raises(gr.Error, match="No model is called"):
        list(set_edges(job, 4, 4, f"gca-studio:{folder / 'mine.safetensors'}", "Transparent", "#000000", None, False))
    job.end()


def test_models_lists_what_was_placed(folder):
    write(folder / "mine.safetensors", {"model": "gca-studio"})
    result = CliRunner().invoke(app, ["models"], env={"COLUMNS": "300"})
    line = next(line for line in result.output.splitlines() if "gca-studio:mine" in line)
    assert "licence unknown" in line and "mine.safetensors is there" in line


def test_modnet_of_ones_own_answers_photos_and_videos(modnet, folder):
    """The published weights, written as training writes them, are the published model."""
    from safetensors.torch import save_file as save_tensors

    from annotation.ui.video.tab import _models
    from matting.networks.modnet_file import load_modnet

    (folder / modnet.name).symlink_to(modnet)
    published, tensors = load_model("modnet"), load_modnet(modnet).state_dict()
    card = {"model": '"modnet"', "licence": '"CC-BY-4.0"'}
    save_tensors({name: value.contiguous() for name, value in tensors.items()}, folder / "mine.safetensors", card)
    own, image = load_model("modnet:mine"), data.astronaut()[:, :384]
    assert (own.name, own.weights_used()[0].licence) == ("modnet:mine", "CC-BY-4.0")
    assert np.abs(own(image) - published(image)).max() < 1e-3
    frames = [image[:256], image[:256]]
    for first, second in zip(own.follow(frames), published.follow(frames), strict=True):
        assert np.abs(first - second).max() < 1e-3
    assert ("MODNet: people: mine · CC-BY-4.0", "modnet:mine") in _models()
    assert ("MODNet: people: mine · CC-BY-4.0", "modnet:mine") in model_choices(needs_trimap=False)
    with pytest.raises(ValueError, match="exact is for models that solve regions"):
        load_model("modnet:mine", exact=True)
