"""A corrected frame as a reference for its neighbours, on a scene whose alpha is known."""

import numpy as np
import pytest
from typer.testing import CliRunner

import matting.models
from matting.__main__ import app
from matting.files import read_alpha, write_image
from matting.temporal.keyframes import REACH_FRAMES, Reference, corrected
from matting.video.rendering import Settings, render
from tests.matting.temporal.moving_disc import disc
from tests.matting.video.clips import write_clip
from tests.matting.video.test_rendering import LeftHalf

AT = 50


def with_hole(truth, column):
    """What a model says that does not see the disc's middle."""
    alpha = truth.copy()
    alpha[40:56, column - 8 : column + 8] = 0.2
    return alpha


def scene(column):
    frame, truth = disc((48, column))
    return frame, truth, with_hole(truth, column)


@pytest.fixture
def reference():
    frame, truth, alpha = scene(60)
    return Reference(AT, frame, truth, alpha)


def test_what_was_wrong_is_put_right_in_the_neighbours_too(reference):
    for number, column in ((AT - 5, 50), (AT + 5, 70)):
        frame, truth, alpha = scene(column)
        better = corrected(alpha, frame, number, [reference])
        assert np.abs(better - truth).mean() < 0.2 * np.abs(alpha - truth).mean()


def test_the_frame_itself_gets_its_own_alpha(reference):
    frame, truth, alpha = scene(60)
    other = Reference(AT + 3, frame, alpha * 0, alpha)
    assert np.array_equal(corrected(alpha, frame, AT, [other, reference]), truth)


def test_far_away_and_after_a_cut_nothing_changes(reference):
    frame, _, alpha = scene(60)
    assert np.array_equal(corrected(alpha, frame, AT + REACH_FRAMES, [reference]), alpha)
    noise = np.random.default_rng(3).integers(0, 256, frame.shape, np.uint8)
    assert np.abs(corrected(alpha, noise, AT + 1, [reference]) - alpha).max() < 0.05


def test_the_nearer_of_two_says_more(reference):
    frame, truth, alpha = scene(60)
    opposite = Reference(AT + 10, frame, 2 * alpha - truth, alpha)  # takes away what the other adds
    hole = truth - alpha > 0.5
    assert corrected(alpha, frame, AT + 2, [reference, opposite])[hole].mean() > alpha[hole].mean() + 0.2


@pytest.fixture
def clip(tmp_path, monkeypatch):
    monkeypatch.setitem(matting.models.MODELS, "left-half", LeftHalf)
    write_clip(tmp_path / "a.mp4", frames=9, sound=None)
    return tmp_path / "a.mp4"


def test_a_file_is_rendered_with_its_corrected_frame(clip, tmp_path):
    alpha = np.zeros((96, 128), np.uint8)
    alpha[30:60, 20:100] = 255
    write_image(tmp_path / "right.png", alpha)
    settings = Settings("png", "left-half", smoothing="none", corrected=((4, str(tmp_path / "right.png")),))
    list(render(clip, tmp_path / "out", settings))
    assert np.array_equal(read_alpha(tmp_path / "out/alpha/000004.png"), alpha / 255)
    neighbour = read_alpha(tmp_path / "out/alpha/000005.png")
    assert neighbour[40:50, 80:90].mean() > 0.5  # the model alone says 0


@pytest.mark.parametrize(
    ("number", "size", "message"), [(9, (96, 128), r"a\.mp4 has no frame 9"), (0, (96, 120), "128 wide")]
)
def test_a_correction_that_fits_no_frame_is_refused(clip, tmp_path, number, size, message):
    write_image(tmp_path / "right.png", np.zeros(size, np.uint8))
    settings = Settings("png", "left-half", corrected=((number, str(tmp_path / "right.png")),))
    with pytest.raises(ValueError, match=message):
        list(render(clip, tmp_path / "out", settings))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "right.png"]


@pytest.mark.parametrize("written", ["right.png", "x=right.png", "-1=right.png", "3="])
def test_the_command_says_how_a_correction_is_written(clip, tmp_path, written):
    arguments = ["video", str(clip), "-o", str(tmp_path / "b.mp4"), "--corrected", written]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 1
    assert told.stderr.strip() == f"a corrected frame is written FRAME=ALPHA, as in 120=alpha.png, but got {written!r}"
