"""What a picture looks like, where its name leaves it open: a photo, a mask, or a map of labels."""

import io
from enum import StrEnum

import numpy as np

from matting.arrays import Stored
from matting.files.pictures import ColourError, ImageError, read_grey, read_image, read_transparency

FEW = 32
"""Values, or colours, up to which a picture may be a map of labels. Soft edges have more."""


class Looks(StrEnum):
    """What a picture may be."""

    COLOUR = "a photo in colour"
    GREY = "a grey picture"
    CUTOUT = "a cut-out"
    MASK = "a mask"
    LABELS = "a map of labels"


def looks_of(content: bytes) -> Looks:
    """What the picture in `content` looks like. A mask is grey and mostly all or nothing; labels have few colours.

    Raises:
        ImageError: as `read_image`.
    """
    if read_transparency(io.BytesIO(content)) is not None:
        return Looks.CUTOUT
    try:
        grey = read_grey(io.BytesIO(content))
    except ColourError:
        colours = read_image(io.BytesIO(content)).astype(np.uint32)
        packed = colours[..., 0] << 16 | colours[..., 1] << 8 | colours[..., 2]
        return Looks.LABELS if len(np.unique(packed)) <= FEW else Looks.COLOUR
    if labels_in(grey):
        return Looks.LABELS
    full = np.iinfo(grey.dtype).max
    sure = np.count_nonzero((grey < full // 32) | (grey > full - full // 32))
    return Looks.MASK if 2 * sure > grey.size else Looks.GREY


class NotAnAlphaError(ImageError):
    """A picture that is whole and yet cannot be the alpha or the trimap it is given for."""


def check_no_labels(stored: Stored, name: str, *, top: float = 0.9) -> None:
    """NotAnAlphaError if what should be an alpha holds the numbers of labels, none of them `top` of what it could be.

    As alphas these would be nearly nothing everywhere. `stored` is (H, W) uint8 or uint16.
    """
    labels = labels_in(stored, top)
    if labels:
        full = np.iinfo(stored.dtype).max
        raise NotAnAlphaError(f"{name} is a map of labels: its values are {labels}, and those of an alpha go to {full}")


def labels_in(stored: Stored, top: float = 0.9) -> str:
    """The values of a map of labels, as words; "" for what may be an alpha.

    Labels are few whole numbers that never come near the top, or reach it only as a "void" beside small numbers.
    """
    counts = np.bincount(stored.ravel())
    values = np.flatnonzero(counts).tolist()
    full = int(np.iinfo(stored.dtype).max)
    if full > 255 and 0 < values[-1] <= 255:
        return f"only 0 to {values[-1]} of 16 bits"
    is_low = values[-1] < top * full and len(values) > 1
    small = counts[1:FEW].sum()
    is_void = values[-1] == full and small > counts[full] and not counts[FEW:full].any()
    if len(values) > FEW or not (is_low or is_void):
        return ""
    return ", ".join(map(str, values[:6])) + (", …" if len(values) > 6 else "")
