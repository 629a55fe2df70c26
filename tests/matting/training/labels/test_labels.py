"""Labels are looked at before a step: each kind of fault, on generated pictures whose true alpha is known."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from matting.__main__ import app
from matting.arrays import to_uint8
from matting.files import read_image, write_image
from matting.training.crops.pairs import find_pairs
from matting.training.labels.checking import checked
from matting.training.labels.doubts import Doubtful, DoubtfulLabelsError
from matting.training.labels.faults import Fault, faults_of
from matting.training.synthetic import installed_photographs, synthesise
from tests.hair import hairs

COUNT = 24


@cache
def pictures():
    """(photo, alpha) of solid things, leaves and hair on many backgrounds."""
    kinds = ("solid", "hair", "foliage")
    photographs = installed_photographs()
    scenes = [synthesise(seed, (240, 300), kind=kinds[seed % 3], photographs=photographs) for seed in range(COUNT)]
    return [(to_uint8(scene.composite()), scene.alpha) for scene in scenes]


def share(fault, spoil):
    """How many of the pictures are said to have that fault once they are spoilt."""
    spoilt = [spoil(number, *one) for number, one in enumerate(pictures())]
    return np.mean([fault in faults_of(alpha, photo) for photo, alpha in spoilt])


def moved(pixels):
    return lambda _, photo, alpha: (photo, np.roll(alpha, (pixels, pixels), (0, 1)))


SPOILT = {
    "mask": (Fault.BINARY, lambda _, photo, alpha: (photo, (alpha > 0.5).astype(np.float32))),
    "moved a little": (Fault.MISFIT, moved(12)),
    "moved far": (Fault.MISFIT, moved(40)),
    "mirrored": (Fault.MISFIT, lambda _, photo, alpha: (photo, np.ascontiguousarray(alpha[:, ::-1]))),
    "another's": (Fault.MISFIT, lambda number, photo, _: (photo, pictures()[number - 1][1])),
}


@pytest.mark.parametrize("case", SPOILT)
def test_what_is_wrong_is_found_and_what_is_right_is_left_alone(case):
    fault, spoil = SPOILT[case]
    assert share(fault, spoil) > 0.9
    assert share(fault, lambda _, photo, alpha: (photo, alpha)) < 0.1


def test_foreground_and_background_exchanged():
    y, x = np.mgrid[:90, :120]
    disc = np.clip(30 - np.hypot(x - 60, y - 50), 0, 1).astype(np.float32)
    assert faults_of(1 - disc) == [Fault.INVERTED] and faults_of(disc) == []
    portrait = np.clip(40.5 - np.abs(x - 60), 0, 1).astype(np.float32)  # cut off by the frame, above and below
    assert faults_of(portrait) == []
    close = np.ones((90, 120), np.float32)
    close[0, :60] = np.linspace(0, 1, 60)  # fills the frame but for a corner
    assert Fault.INVERTED not in faults_of(close)


def test_nothing_and_everything():
    assert faults_of(np.zeros((9, 9), np.float32)) == [Fault.EMPTY]
    assert faults_of(np.ones((9, 9), np.float32)) == [Fault.FULL]
    assert faults_of(np.full((1, 1), 0.5, np.float32)) == []


def write(folder, number, split, photo, alpha):
    names = ("merged",) if split == "test" else ("fg", "merged")
    for name in names:
        write_image(folder / split / name / f"{number}.png", photo)
    write_image(folder / split / "alpha" / f"{number}.png", to_uint8(alpha))
    if split == "test":
        write_image(folder / split / "trimap" / f"{number}.png", np.full(alpha.shape, 128, np.uint8))


@pytest.fixture
def folder(tmp_path):
    """A dataset without doubts: six pictures to learn from, one to choose by, one to test with."""
    chosen = [number for number in range(COUNT) if not faults_of(*pictures()[number][::-1])][:8]
    for number, split in zip(chosen, ["train"] * 6 + ["validation", "test"], strict=True):
        write(tmp_path / "data", number, split, *pictures()[number])
    return tmp_path / "data"


def first(folder, split):
    return sorted((folder / split / "alpha").iterdir())[0]


COPIES = {
    "itself": lambda photo: photo,
    "mirrored": lambda photo: photo[:, ::-1],
    "turned": np.rot90,
    "smaller": lambda photo: photo[::2, ::2],
    "a part": lambda photo: photo[20:-20, 25:-25],
}


@pytest.mark.parametrize("other", ["validation", "test"])
@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_in_another_split_is_found(folder, kind, other):
    data, doubts = checked(find_pairs(folder), Doubtful.KEEP)
    assert doubts == [] and data.alike == ()
    photo, alpha = read_image(folder / "train/merged" / first(folder, "train").name), hairs(200, 200)[1]
    photo = np.ascontiguousarray(COPIES[kind](photo))
    alpha = np.resize(alpha, photo.shape[:2])
    write(folder, 99, other, photo, alpha)
    reasons = [doubt.reason for doubt in checked(find_pairs(folder), Doubtful.KEEP)[1]]
    assert any("copy or a part" in reason and f"the {other} split" in reason for reason in reasons)


def test_copies_within_train_are_held_out_together(folder):
    name = first(folder, "train").name
    for kind in ("fg", "merged", "alpha"):
        array = read_image(folder / "train" / kind / name)
        write_image(folder / "train" / kind / "zebra.png", np.ascontiguousarray(array[:, ::-1]))
    for path in sorted((folder / "validation").rglob("*.png")):
        path.unlink()
    for path in sorted((folder / "validation").iterdir()):
        path.rmdir()
    (folder / "validation").rmdir()
    data, doubts = checked(find_pairs(folder), Doubtful.KEEP)
    assert doubts == [] and data.alike == ((Path(name).stem, "zebra"),)
    parts = data.with_validation()
    learned = {pair.alpha.stem for pair in parts.pairs}
    assert (Path(name).stem in learned) == ("zebra" in learned) and parts.validation


def test_doubts_stop_the_training_are_left_out_or_kept(folder):
    path = first(folder, "train")
    write_image(path, np.zeros((240, 300), np.uint8))
    with pytest.raises(DoubtfulLabelsError, match="1 of 8 labels look wrong"):
        checked(find_pairs(folder), Doubtful.STOP)
    kept, _ = checked(find_pairs(folder), Doubtful.KEEP)
    left, (doubt,) = checked(find_pairs(folder), Doubtful.LEAVE_OUT)
    assert doubt.alpha == path and doubt.reason == Fault.EMPTY
    assert [pair.alpha for pair in left.pairs] == [pair.alpha for pair in kept.pairs if pair.alpha != path]


def test_the_command_lists_doubts_a_line_each_and_takes_no_step(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_image(first(folder, "train"), np.zeros((240, 300), np.uint8))
    write_image(first(folder, "test"), np.full((240, 300), 255, np.uint8))
    result = CliRunner().invoke(app, ["train", str(folder), "-o", "out.safetensors"])
    text = " ".join(result.output.split())
    assert result.exit_code == 1 and "Traceback" not in text
    assert Fault.EMPTY in text and Fault.FULL in text and "--doubtful keep" in text
    assert not list(tmp_path.rglob("checkpoint.pt")) and not (tmp_path / "out.safetensors").exists()


def test_all_labels_wrong(folder):
    for path in (folder / "train/alpha").iterdir():
        write_image(path, np.zeros((240, 300), np.uint8))
    with pytest.raises(ValueError, match="all 6 labels to learn from look wrong"):
        checked(find_pairs(folder), Doubtful.LEAVE_OUT)
