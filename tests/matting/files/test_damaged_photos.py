"""Photos that are damaged, tiny or several in one file: opened with what is there, or refused in a sentence."""

import io

import numpy as np
import pytest
import skimage.data
from PIL import Image

from matting.files import ImageError, read_image, write_image
from matting.files.damaged_photos import CUT_OFF, FIRST_PICTURE, SMALLEST, open_photo

PERSON = skimage.data.astronaut()


def write(path, kind, *pictures, share=1.0, **options):
    file = io.BytesIO()
    first, *rest = (Image.fromarray(picture) for picture in pictures)
    first.save(file, kind, save_all=bool(rest), append_images=rest, **options)
    path.write_bytes(file.getvalue()[: int(share * file.tell())])
    return path


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 8}], ids=str)
@pytest.mark.parametrize("share", [0.9, 0.5])
def test_a_jpeg_that_is_cut_off_opens_with_what_is_there(tmp_path, options, share):
    whole = read_image(write(tmp_path / "whole.jpg", "JPEG", PERSON, **options)).astype(int)
    path = write(tmp_path / "cut.jpg", "JPEG", PERSON, share=share, **options)
    with pytest.raises(ImageError):
        read_image(path)
    photo = open_photo(path)
    assert photo.note == CUT_OFF and photo.image.shape == whole.shape
    assert np.abs(photo.image[:64] - whole[:64]).mean() < 4  # the top came first


@pytest.mark.parametrize(("kind", "suffix"), [("PNG", ".png"), ("TIFF", ".tif"), ("WEBP", ".webp")])
def test_of_other_formats_half_a_file_is_refused(tmp_path, kind, suffix):
    with pytest.raises(ImageError, match="cut"):
        open_photo(write(tmp_path / f"cut{suffix}", kind, PERSON, share=0.5))


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01])
def test_a_jpeg_without_pixels_is_refused_under_its_name(tmp_path, share):
    with pytest.raises(ImageError, match=r"cut\.jpg"):
        open_photo(write(tmp_path / "cut.jpg", "JPEG", PERSON, share=share))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_picture_is_taken_and_told(tmp_path, kind):
    path = tmp_path / f"dance.{kind.lower()}"
    assert open_photo(write(path, kind, PERSON, PERSON[::-1].copy())).note == FIRST_PICTURE
    assert open_photo(write(path, kind, PERSON)).note == ""


@pytest.mark.parametrize("deep", [False, True])
def test_what_is_transparent_in_a_photo_bounds_every_alpha(tmp_path, deep):
    opacity = np.tile(np.linspace(0, 1, PERSON.shape[1]), (PERSON.shape[0], 1))
    most = 65535 if deep else 255
    stored = np.dstack([PERSON.astype(np.uint16) * (257 if deep else 1), np.rint(opacity * most)])
    write_image(tmp_path / "cut.png", stored.astype(np.uint16 if deep else np.uint8))
    bound = open_photo(tmp_path / "cut.png").bound(np.full(PERSON.shape[:2], 0.5, np.float32))
    assert np.abs(bound - np.minimum(opacity, 0.5)).max() < 1 / most
    for opaque in (PERSON, np.dstack([PERSON, np.full(PERSON.shape[:2], 255, np.uint8)])):
        write_image(tmp_path / "whole.png", opaque)
        assert open_photo(tmp_path / "whole.png").opacity is None


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (SMALLEST - 1, SMALLEST)])
def test_too_small_for_a_subject(tmp_path, size):
    path = write(tmp_path / "dot.png", "PNG", np.zeros((*size, 3), np.uint8))
    with pytest.raises(ImageError, match=rf"dot\.png is {size[1]} × {size[0]} pixels"):
        open_photo(path)
    assert open_photo(write(path, "PNG", np.zeros((SMALLEST, SMALLEST, 3), np.uint8))).note == ""
