"""`matting alpha`: where the colours of a cut-out come from."""

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from matting import models
from matting.__main__ import app
from matting.files import write_image
from matting.foreground import estimate_foreground
from matting.models.base import Model


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
