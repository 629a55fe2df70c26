"""BackgroundMattingV2 as a model: photo and clean plate, sizes, files, the command."""

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from matting import MODELS, load_model, models
from matting.__main__ import app
from matting.arrays import to_float
from matting.files import write_image
from matting.files.pictures import read_alpha
from matting.models import listed_models
from matting.models.published import bgmv2
from matting.models.published.bgmv2 import BGMv2Model
from matting.weights import WEIGHTS, folders
from tests.matting.networks.seeded import seeded_picture


@pytest.fixture
def scene():
    """(photo, plate): a disc of other colours before a picture."""
    image, trimap = seeded_picture(66, 90)
    return np.where(trimap[..., None] == 255, 255 - image, image).astype(np.uint8), image


@pytest.fixture
def telling():
    """The model with a network that answers 1 where its two pictures differ; `sizes` are those it was shown."""
    model = BGMv2Model.__new__(BGMv2Model)
    model.sizes = []

    def network(image, plate):
        model.sizes.append(image.shape[2:])
        differs = np.abs(image - plate).max(axis=1, keepdims=True) > 0.02
        return [np.concatenate([differs.astype(np.float32), image], axis=1)]

    model._network = network
    return model


def test_what_the_plate_does_not_show_is_foreground(telling, scene):
    photo, plate = scene
    differs = np.abs(to_float(photo) - to_float(plate)).max(axis=2) > 0.02
    assert np.array_equal(telling.with_plate(plate)(photo), differs)
    trimap = np.full(photo.shape[:2], 128, np.uint8)
    trimap[:9], trimap[-9:] = 255, 0
    alpha = telling.with_plate(plate)(photo, trimap)
    assert (alpha[:9] == 1).all() and (alpha[-9:] == 0).all() and np.array_equal(alpha[9:-9], differs[9:-9])
    twice = np.repeat(np.repeat(plate, 2, axis=0), 2, axis=1)
    assert (telling.with_plate(twice)(photo) == differs).mean() > 0.9  # a plate of a different size


def test_without_a_plate_a_sentence_says_what_is_missing(telling, scene):
    photo, plate = scene
    telling.with_plate(plate)
    with pytest.raises(ValueError, match="model bgmv2 needs a picture of the empty background"):
        telling(photo)
    with pytest.raises(ValueError, match="image must be"):
        telling.with_plate(plate[..., 0])
    assert "bgmv2" not in listed_models() and "bgmv2" in listed_models(with_plate=True)


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (41, 67)])
def test_any_size(telling, size):
    image = seeded_picture(*size)[0]
    assert (telling.with_plate(image)(image) == np.zeros(size)).all()


def test_a_photo_larger_than_4k_is_solved_smaller(telling, scene, monkeypatch):
    monkeypatch.setattr(bgmv2, "MAX_PIXELS", 2000)
    photo, plate = scene
    alpha = telling.with_plate(plate)(photo)
    assert max(height * width for height, width in telling.sizes) < 2400
    assert alpha.shape == photo.shape[:2] and alpha[33, 45] > 0.9 and alpha[2, 2] < 0.1


def test_the_official_file_and_the_command(tmp_path, monkeypatch, scene):
    monkeypatch.setattr(folders, "FOLDER", tmp_path / "weights")
    folders.FOLDER.mkdir()
    models.load_published.cache_clear()
    photo, plate = (tmp_path / f"{name}.png" for name in ("photo", "plate"))
    write_image(photo, scene[0]), write_image(plate, scene[1])
    command = ["alpha", str(photo), "-o", str(tmp_path / "out"), "--model", "bgmv2"]
    told = CliRunner().invoke(app, [*command, "--plate", str(plate)])
    assert told.exit_code == 1 and "pytorch_resnet50.pth must be placed by hand" in told.stderr
    torch.manual_seed(2)
    torch.save(MODELS["bgmv2"].build().state_dict(), WEIGHTS["bgmv2"].path)
    monkeypatch.setattr("matting.networks.weights_file._keep", lambda *_: None)  # a copy that later calls would read
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 1 and "bgmv2 needs --plate, a picture of the empty background" in told.stderr
    assert CliRunner().invoke(app, [*command, "--plate", str(plate)]).exit_code == 0
    expected = load_model("bgmv2").with_plate(scene[1])(scene[0])
    assert np.abs(read_alpha(tmp_path / "out" / "photo.png") - expected).max() <= 0.5 / 255 + 1e-6
    told = CliRunner().invoke(app, [*command[:-1], "median", "--plate", str(plate)])
    assert told.exit_code == 1 and "--plate is for bgmv2; median takes none" in told.stderr
