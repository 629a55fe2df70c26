"""What a picture's header says: how large a browser draws it, and whether it is stored in colour."""

import io
from pathlib import Path

from PIL import Image as Pillow

from matting.files.pictures import ORIENTATION, read_as
from matting.files.pixel_limit import MAX_PIXELS

COLOURED = ("RGB", "RGBA", "RGBa", "CMYK", "YCbCr", "LAB", "HSV")
"""Pillow's names of how pictures in colour are stored."""
SIDEWAYS = 5
"""From this EXIF orientation on, a picture's sides are swapped."""


def drawn_size(path: Path | str) -> tuple[int, int]:
    """(height, width) in pixels of the picture at `path`, turned upright, from its header.

    Raises:
        ImageError: it cannot be read.
    """
    return read_as(path, MAX_PIXELS, _upright_size)


def _upright_size(picture: Pillow.Image, _: bytes) -> tuple[int, int]:
    is_sideways = picture.getexif().get(ORIENTATION, 1) >= SIDEWAYS
    return (picture.width, picture.height) if is_sideways else (picture.height, picture.width)


def is_stored_in_colour(content: bytes) -> bool:
    """Whether the picture in `content` is stored in colour: not in grey, black and white or with a palette.

    Raises:
        ImageError: it cannot be read.
    """
    return read_as(io.BytesIO(content), MAX_PIXELS, lambda picture, _: picture.mode in COLOURED)
