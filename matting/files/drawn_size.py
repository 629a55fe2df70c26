"""How large a browser draws a picture, read from the file's head."""

from pathlib import Path

from PIL import Image as Pillow

from matting.files.pictures import ORIENTATION, ImageError

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
