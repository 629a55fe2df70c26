"""`matting alpha`: where the colours of a cut-out come from, and what a rough mask is good for."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from matting import models
from matting.__main__ import app
from matting.files import read_alpha, write_image
from matting.foreground import estimate_foreground
from matting.models.base import Model, TrimapModel
from matting.models.published.mgmatting import MGMattingModel
from matting.trimap import make_trimap
from matting.weights import WEIGHTS, folders


class Half(Model):
    """Half of every pixel is subject; on request a green one."""

    name, title = "half", "Half"
    is_green = False

    def estimate(self, image, trimap):
        return np.full(image.shape[:2], 0.5, np.float32)

    def cut_out(self, image, trimap=None):
        alpha, foreground = super().cut_out(image, trimap)
        return alpha, np.broadcast_to(np.float32([0, 1, 0]), image.shape) if self.is_green else foreground


@pytest.mark.parametrize("is_green", [False, True])
def test_the_colours_of_a_cut_out_are_the_models_own_if_it_has_any(is_green, tmp_path, monkeypatch):
    monkeypatch.setattr(Half, "is_green", is_green)
    monkeypatch.setitem(models.MODELS, Half.name, Half)
    photo = tmp_path / "photo.png"
    image = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
    write_image(photo, image)
    done = CliRunner().invoke(app, ["alpha", str(photo), "-o", str(tmp_path / "out"), "--model=half", "--cutout"])
    assert done.exit_code == 0, done.output
    found = cv2.imread(str(tmp_path / "out" / "cutout" / "photo.png"), cv2.IMREAD_UNCHANGED)[..., 2::-1]
    expected = np.zeros_like(image) + np.uint8([0, 255, 0])
    if not is_green:
        expected = np.rint(estimate_foreground(image, np.full((30, 40), 0.5, np.float32)) * 255)
    assert np.abs(found.astype(int) - expected).max() <= 1


class Telling(TrimapModel):
    """Answers 0.5 wherever its trimap leaves something open."""

    name, title = "telling", "Telling"

    def solve(self, image, trimap):
        return np.full(trimap.shape, 0.5, np.float32)


def given_masks(tmp_path, *more):
    """(exit status, what was told) for two photos, with a folder of masks."""
    for name in ("a", "b"):
        write_image(tmp_path / "photos" / f"{name}.png", np.zeros((40, 50, 3), np.uint8))
    done = CliRunner().invoke(app, ["alpha", str(tmp_path / "photos"), "-o", str(tmp_path / "out"), *more])
    return done.exit_code, done.stderr


def test_a_mask_from_anywhere_takes_the_place_of_a_trimap(tmp_path, monkeypatch):
    monkeypatch.setitem(models.MODELS, Telling.name, Telling)
    (tmp_path / "photos").mkdir(), (tmp_path / "masks").mkdir()
    mask = np.zeros((40, 50), np.uint8)
    mask[10:30, 15:40] = 255
    write_image(tmp_path / "masks" / "a.png", mask)
    write_image(tmp_path / "masks" / "b.png", mask[:-1])
    status, told = given_masks(tmp_path, "--model=telling", f"--mask={tmp_path / 'masks'}")
    assert status == 1 and "b.png: mask must be 40 pixels high and 50 wide like its image, but is 39 high" in told
    expected = make_trimap(mask == 255) / 255
    assert set(np.unique(expected)) == {0, 128 / 255, 1}
    assert np.abs(read_alpha(tmp_path / "out" / "a.png") - expected).max() < 0.003
    given_masks(tmp_path, "--model=telling", f"--mask={tmp_path / 'masks'}", "--erode=7", "--dilate=0", "--overwrite")
    row = read_alpha(tmp_path / "out" / "a.png")[20]
    assert (row[:15] == 0).all() and (np.abs(row[15:22] - 0.5) < 0.01).all() and (row[22:33] == 1).all()
    guided = MGMattingModel.__new__(MGMattingModel)
    guided.is_exact, guided._network = True, lambda image, guidance: [guidance]
    monkeypatch.setattr("matting.batches.opening.load_model", lambda name: guided)
    monkeypatch.setattr("matting.batches.alphas.load_model", lambda name, *, exact: guided)
    monkeypatch.setattr(MGMattingModel, "weights", ())
    given_masks(tmp_path, "--model=mgmatting", f"--mask={tmp_path / 'masks'}", "--overwrite")
    assert np.array_equal(read_alpha(tmp_path / "out" / "a.png"), mask / 255)  # as it is, not the inside of a trimap


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--model=telling", "--mask=absent"), "absent does not exist; --mask takes a file or a folder"),
        (("--model=half", "--mask=absent"), "--mask is for auto and for models that need a trimap; half finds its own"),
        (("--model=telling", "--mask=a", "--each"), "--each for --class"),
        (("--model=telling", "--trimap=a", "--erode=3"), "--erode and --dilate are for --class and --mask"),
        (("--mask=a", "--trimap=b"), "--mask takes the place of --trimap; leave one of them out"),
        (("--model=telling", "--class=person", "--mask=a"), "by itself; leave out --trimap and --mask"),
    ],
)
def test_a_mask_that_is_of_no_use_is_refused_in_a_sentence(options, sentence, tmp_path, monkeypatch):
    monkeypatch.setitem(models.MODELS, Telling.name, Telling)
    monkeypatch.setitem(models.MODELS, Half.name, Half)
    (tmp_path / "photos").mkdir()
    status, told = given_masks(tmp_path, *options)
    assert status == 1 and sentence in told.replace("\n", " ") and not (tmp_path / "out").exists()


@pytest.fixture
def nothing_fetched(tmp_path, monkeypatch):
    """An empty weights folder, and no way to fetch anything."""
    monkeypatch.setattr(folders, "FOLDER", tmp_path / "weights")
    for name, weights in WEIGHTS.items():
        monkeypatch.setitem(WEIGHTS, name, replace(weights, sources=()))
    models.unload_models()
    yield
    models.unload_models()


def test_with_a_trimap_no_model_that_finds_a_subject_is_needed(nothing_fetched, tmp_path):
    (tmp_path / "photos").mkdir()
    trimap = np.repeat(np.uint8([0, 128, 255]), [20, 10, 20]) + np.zeros((40, 1), np.uint8)
    write_image(tmp_path / "trimaps" / "a.png", trimap)
    write_image(tmp_path / "trimaps" / "b.png", trimap)
    for options in ((f"--trimap={tmp_path / 'trimaps'}",), (f"--mask={tmp_path / 'trimaps'}", "--overwrite")):
        status, told = given_masks(tmp_path, *options)
        assert (status, told) == (0, "")
    assert (read_alpha(tmp_path / "out" / "a.png")[:, 45:] == 1).all()


def test_a_model_for_trimaps_without_one_says_that_it_takes_one(nothing_fetched, tmp_path):
    (tmp_path / "photos").mkdir()
    status, told = given_masks(tmp_path, "--model=shared")
    assert status == 1 and not (tmp_path / "out").exists()
    assert told.startswith("modnet.onnx could not be downloaded (it has no download source); place the file by hand at")
    assert told.endswith("; or give shared a --trimap, which needs no such file\n") and told.count("\n") == 1


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 and no more"])
def test_a_file_placed_by_hand_that_is_none_of_weights_is_one_sentence(content, nothing_fetched, tmp_path):
    (tmp_path / "photos").mkdir(), (tmp_path / "weights").mkdir()
    place = tmp_path / "weights" / WEIGHTS["fba"].file
    place.write_bytes(content)
    status, told = given_masks(tmp_path, "--model=fba")
    sentence = told.splitlines()[-1]  # after the licence
    assert status == 1 and sentence.startswith(f"{place} must be a file of ") and not (tmp_path / "out").exists()
    assert sentence.endswith("it is damaged, or something else") or len(sentence.partition(": ")[2].split()) > 3
