"""A person's photo, opened if at all possible: what can be read of it, and a note on what is missing."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matting.arrays import Alpha, Image, to_float
from matting.files.pictures import ImageError, has_transparency, is_animated, read_image, read_transparency

SMALLEST = 8
"""The least width and height in pixels in which a subject can be found."""
END_OF_JPEG, START_OF_JPEG = b"\xff\xd9", b"\xff\xd8\xff"

CUT_OFF = "the file is cut off: what is missing is grey or rough"
FIRST_PICTURE = "this is the first picture of an animation"


@dataclass(frozen=True)
class Photo:
    """A photo, and what a person should know about it."""

    image: Image
    """(H, W, 3) uint8."""
    note: str = ""
    opacity: Alpha | None = None
    """How opaque the photo itself is, (H, W) float32 in [0, 1]; None for wholly."""

    def bound(self, alpha: Alpha) -> Alpha:
        """`alpha`, nowhere more opaque than the photo itself."""
        return alpha if self.opacity is None else np.minimum(alpha, self.opacity)


def open_photo(path: Path) -> Photo:
    """The photo in the file at `path`, see `read_image`; for a JPEG that ends too soon, what there is of it.

    Raises:
        ImageError: it cannot be read, or is too small to hold a subject.
    """
    try:
        photo = Photo(read_image(path), FIRST_PICTURE if is_animated(path) else "", _opacity(path))
    except ImageError as error:
        photo = _what_is_there(path, error)
    height, width = photo.image.shape[:2]
    if min(height, width) < SMALLEST:
        raise ImageError(
            f"{path.name} is {width} × {height} pixels, but a subject is found only from {SMALLEST} × {SMALLEST} on"
        )
    return photo


def _opacity(path: Path) -> Alpha | None:
    """See `Photo.opacity`."""
    stored = read_transparency(path) if has_transparency(path) else None
    return None if stored is None else to_float(stored)


def _what_is_there(path: Path, error: ImageError) -> Photo:
    """A JPEG as if it ended where its bytes do; `error` for any other file, and if nothing of it can be shown."""
    try:
        content = path.read_bytes()
        if not content.startswith(START_OF_JPEG):
            raise error
        return Photo(read_image(io.BytesIO(content + END_OF_JPEG)), CUT_OFF)
    except (ImageError, OSError):
        raise error from None
