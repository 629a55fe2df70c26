"""What a picture's head says: how large a browser draws it, and whether it is stored in colour."""

import io
from pathlib import Path

from PIL import Image as Pillow

from matting.files.pictures import ORIENTATION, ImageError

COLOURED = ("RGB", "RGBA", "RGBa", "CMYK", "YCbCr", "LAB", "HSV")
"""Pillow's names of how pictures in colour are stored."""
SIDEWAYS = 5
"""The EXIF orientation from which on a picture's sides are swapped."""


def drawn_size(path: Path | str) -> tuple[int, int]:
    """(height, width) in pixels of the picture at `path`, turned upright; nothing is decoded.

    Raises:
        ImageError: it cannot be read.
    """
    try:
        with Pillow.open(path) as picture:
            width, height = picture.size
            is_sideways = picture.getexif().get(ORIENTATION, 1) >= SIDEWAYS
    except (OSError, ValueError) as error:
        raise ImageError(f"{Path(path).name} cannot be read: {error}") from error
    return (width, height) if is_sideways else (height, width)


def is_stored_in_colour(content: bytes) -> bool:
    """Whether the picture in `content` is stored in colour: not in grey, black and white or with a palette.

    Raises:
        ImageError: it cannot be read.
    """
    try:
        with Pillow.open(io.BytesIO(content)) as picture:
            return picture.mode in COLOURED
    except (OSError, ValueError) as error:
        raise ImageError(f"the picture cannot be read: {error}") from error
