"""Files that hold the numbers of labels instead of greys: refused wherever an alpha or a trimap is read by name."""

import numpy as np
import pytest
from typer.testing import CliRunner

from matting.__main__ import app
from matting.files import ImageError, read_trimap, write_image
from matting.files.picture_kinds import read_true_alpha
from matting.training.crops.pairs import HeldOut, Pair

ROWS = np.repeat(np.arange(3, dtype=np.uint8), 20)[:, None].repeat(70, 1)
"""Background, unknown and foreground as 0, 1 and 2."""
TRIMAPS = {
    "0 1 2": ROWS,
    "1 2 3": ROWS + 1,
    "0 and 1": ROWS // 2,
    "8 bits in 16": np.array([0, 128, 255], np.uint16)[ROWS],
}


@pytest.mark.parametrize("kind", TRIMAPS)
def test_a_trimap_of_labels_is_refused_not_taken_for_background(tmp_path, kind):
    """As `--trimap` it gave alpha 0 everywhere, and status 0."""
    write_image(tmp_path / "t.png", TRIMAPS[kind])
    write_image(tmp_path / "p.png", np.full((60, 70, 3), 90, np.uint8))
    with pytest.raises(ImageError, match=r"^t\.png cannot be read: a trimap's values go"):
        read_trimap(tmp_path / "t.png")
    options = ["--model", "shared", "--trimap", f"{tmp_path}/t.png", "-o", f"{tmp_path}/out"]
    result = CliRunner().invoke(app, ["alpha", f"{tmp_path}/p.png", *options])
    assert (result.exit_code, "map of labels" in result.stderr) == (1, True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("levels", [(0, 127, 255), (0, 126, 254), (0, 0, 0), (3, 130, 250), (64, 64, 64)])
def test_other_greys_are_snapped(tmp_path, levels):
    write_image(tmp_path / "t.png", np.array(levels, np.uint8)[ROWS])
    assert set(np.unique(read_trimap(tmp_path / "t.png"))) <= {0, 128, 255}


def test_true_alphas_of_labels_are_measured_and_learnt_by_nobody(tmp_path):
    for folder, alpha in (("mine", ROWS // 2), ("truth", ROWS // 2), ("right", (ROWS // 2) * 255)):
        write_image(tmp_path / folder / "a.png", alpha)
    write_image(tmp_path / "p.png", np.full((60, 70, 3), 90, np.uint8))
    write_image(tmp_path / "t.png", np.array([0, 128, 255], np.uint8)[ROWS])
    for pair in (("mine", "right"), ("right", "truth")):
        result = CliRunner().invoke(app, ["evaluate", *(f"{tmp_path}/{folder}" for folder in pair)])
        assert (result.exit_code, "looks like a map of labels" in result.stderr) == (1, True)
    assert CliRunner().invoke(app, ["evaluate", f"{tmp_path}/right", f"{tmp_path}/right"]).exit_code == 0
    for picture in (
        Pair(tmp_path / "p.png", tmp_path / "mine/a.png"),
        HeldOut(tmp_path / "p.png", tmp_path / "mine/a.png", tmp_path / "t.png"),
    ):
        with pytest.raises(ImageError, match=r"/mine/a\.png looks like a map of labels"):
            picture.read()


def test_a_faint_alpha_is_no_map_of_labels(tmp_path):
    smoke = np.rint(np.hypot(*np.mgrid[-30:30, -35:35]) / 2).astype(np.uint8)
    write_image(tmp_path / "a.png", smoke)
    assert np.array_equal(np.rint(read_true_alpha(tmp_path / "a.png") * 255), smoke)


def test_a_folder_given_as_the_report_is_a_sentence(tmp_path):
    write_image(tmp_path / "a/a.png", (ROWS // 2) * 255)
    result = CliRunner().invoke(app, ["evaluate", f"{tmp_path}/a", f"{tmp_path}/a", "--json", f"{tmp_path}/a"])
    assert (result.exit_code, result.stderr.strip()) == (1, f"--json takes a file, but {tmp_path}/a is a folder")
