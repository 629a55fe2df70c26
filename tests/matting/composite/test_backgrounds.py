"""A background as text: one reader for the command line, the page and videos."""

import numpy as np
import pytest

from matting.composite import blur, cover
from matting.composite.backgrounds import Background
from matting.files import ImageError, write_image

IMAGE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


@pytest.mark.parametrize(
    ("text", "colour"),
    [("#ff8000", (255, 128, 0)), ("rgba(255, 128.4, 0, 1)", (255, 128, 0)), ("rgb(1,2,3)", (1, 2, 3)),
     ("rgba(300, 0, 0, 0.5)", (255, 0, 0))],
)  # fmt: skip
def test_colours(text, colour):
    assert np.allclose(Background.parse(text).behind(IMAGE), np.array(colour) / 255)


def test_blur_is_of_the_photo_itself():
    assert np.array_equal(Background.parse("blur").behind(IMAGE), blur(IMAGE))


def test_a_picture_covers_and_is_read_once(tmp_path):
    picture = np.random.default_rng(1).integers(0, 256, (30, 30, 3), np.uint8)
    write_image(tmp_path / "beach.png", picture)
    background = Background.parse(str(tmp_path / "beach.png"))
    first = background.behind(IMAGE)
    (tmp_path / "beach.png").unlink()
    assert np.array_equal(first, cover(picture, (40, 60))) and np.array_equal(background.behind(IMAGE), first)


@pytest.mark.parametrize("text", ["", "beach.jpg", "#12", "#gggggg", "rgb(1,2)", "green", "Blur"])
def test_what_is_none_is_a_sentence(text):
    with pytest.raises(ValueError, match="#RRGGBB"):
        Background.parse(text)


def test_a_file_that_is_no_picture_is_told_when_it_is_read(tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    background = Background.parse(str(tmp_path / "text.png"))
    with pytest.raises(ImageError, match=r"text\.png"):
        background.behind(IMAGE)


def test_a_colour_that_a_stranger_sends_opens_no_file(tmp_path):
    write_image(tmp_path / "beach.png", IMAGE)
    for text in (str(tmp_path / "beach.png"), "blur", ""):
        with pytest.raises(ValueError, match="#RRGGBB"):
            Background.of_colour(text)
