"""The size at which a picture is drawn is that of the picture as it is read."""

import numpy as np
import pytest
from PIL import Image

from matting.files import MAX_PIXELS, read_image
from matting.files.picture_header import drawn_size
from matting.files.pictures import ImageError
from tests.matting.files.test_hostile_files import HOSTILE


@pytest.mark.parametrize("orientation", range(9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_all_orientations(orientation, suffix, tmp_path):
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    Image.fromarray(np.zeros((12, 30, 3), np.uint8)).save(tmp_path / f"a.{suffix}", exif=exif)
    assert drawn_size(tmp_path / f"a.{suffix}") == read_image(tmp_path / f"a.{suffix}").shape[:2]


def test_what_is_no_picture_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    for name, words in (("a.png", "is not a picture"), ("absent.png", "cannot be opened")):
        with pytest.raises(ImageError, match=f"{name} {words}"):
            drawn_size(tmp_path / name)


@pytest.mark.filterwarnings("ignore::Warning:PIL")
def test_hostile_files_have_a_size_or_are_refused(tmp_path):
    path = tmp_path / "some.png"
    for content in HOSTILE.values():
        path.write_bytes(content)
        try:
            height, width = drawn_size(path)
        except ImageError as error:
            assert "\n" not in str(error)
        else:
            assert height * width <= MAX_PIXELS
