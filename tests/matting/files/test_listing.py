"""Which pictures of a folder are taken; what is not is named, and counts in the status."""

import unicodedata

import numpy as np
import pytest
from typer.testing import CliRunner

from matting.__main__ import app
from matting.files import list_images, read_image, write_image
from matting.files.listing import by_stem
from matting.files.suffixes import SUFFIXES, why_unread
from matting.training.crops.pairs import find_pairs
from tests.pictures import saved, smooth


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.jpg", "b.jfif", "c.JPE"):
        (folder / name).write_bytes(saved(smooth(30, 40), "JPEG"))
    return folder


def trimap(*arguments):
    """(status, lines on stderr) of the command, with an alpha that needs no weights."""
    result = CliRunner().invoke(app, ["trimap", *map(str, arguments)])
    return result.exit_code, result.stderr.splitlines()


@pytest.fixture(autouse=True)
def model(monkeypatch):
    monkeypatch.setattr(
        "matting.commands.trimap.open_model", lambda name: lambda image: (image[..., 0] > 127).astype(np.float32)
    )


def test_every_name_of_a_jpeg(photos, tmp_path):
    assert [path.name for path in list_images([photos])] == ["a.jpg", "b.jfif", "c.JPE"]
    assert all(read_image(path).shape == (30, 40, 3) for path in list_images([photos]))
    assert trimap(photos, "-o", tmp_path / "out") == (0, [])


def test_what_is_not_taken_is_named(photos, tmp_path):
    (photos / "day 2").mkdir()
    (photos / "day 2" / "d.jpg").write_bytes((photos / "a.jpg").read_bytes())
    (photos / "e.nef").write_bytes(b"x")
    (photos / "notes.txt").write_bytes(b"x")
    (photos / "._a.jpg").write_bytes(b"x")
    status, told = trimap(photos, "-o", photos / "out")
    assert status == 1
    assert len(told) == 2
    assert "e.nef" in told[0]
    assert told[1].startswith(f"{photos / 'day 2'}: 1 left out")
    assert len(list((photos / "out").iterdir())) == 3
    assert len(trimap(photos, "-o", photos / "out")[1]) == 3  # its own results are not left out: done already


def test_heic_without_its_package(photos, monkeypatch):
    monkeypatch.setattr("matting.files.suffixes.SUFFIXES", SUFFIXES - {".heic"})
    assert why_unread("IMG.HEIC") == "to read .heic, install the package pillow-heif"
    assert why_unread("a.png") == why_unread("a.txt") == ""


def test_pictures_pair_in_one_spelling_and_none_hides_another(tmp_path):
    name = "Zo\u00eb"
    write_image(tmp_path / f"{unicodedata.normalize('NFD', name)}.png", smooth(8, 8))
    assert list(by_stem(tmp_path)) == [name]
    write_image(tmp_path / f"{name}.jpg", smooth(8, 8))
    with pytest.raises(ValueError, match="one picture per stem"):
        by_stem(tmp_path)


@pytest.mark.parametrize(
    "stray", ["train/fg/b.cr2", "train/fg/more/b.png", "train/bg/more/b.png", "train/alpha/b.heix.psd"]
)
def test_training_refuses_what_it_would_not_read(tmp_path, stray):
    for folder in ("fg", "alpha", "bg"):
        write_image(tmp_path / "train" / folder / "a.png", smooth(8, 8))
    assert len(find_pairs(tmp_path).pairs) == 1
    (tmp_path / stray).parent.mkdir(exist_ok=True)
    (tmp_path / stray).write_bytes(b"x")
    with pytest.raises(ValueError, match=r"1 .*left out"):
        find_pairs(tmp_path)
