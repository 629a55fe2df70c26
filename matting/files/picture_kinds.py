"""The kind of a picture whose name does not say it: a photo, a mask, or a label map."""

import io
from enum import StrEnum
from pathlib import Path

import cv2
import numpy as np

from matting.arrays import Alpha, Stored, to_float
from matting.files.picture_header import is_stored_in_colour
from matting.files.pictures import ColourError, ImageError, read_grey, read_image, read_transparency

FEW_COLOURS = 32
"""A map of labels has at most this many colours; numbers below it count as small."""
MAX_LABELS = 256
"""A map of labels has at most this many."""
UNDECIDED_VALUES = 4
"""Up to this many values say nothing about edges: a map of few labels, or a flat alpha."""
SMALL = 0.125
"""Numbers that never reach this share of what they could be are labels, if they are few."""
SURE_SHARE, LEAST_SHARE = 0.95, 0.005
"""A picture with this share of black or white pixels, and at least that of each, is a mask whatever its name."""
MIDDLES = (126, 129)
"""Between these lies the grey of a trimap's unknown."""
FLAT_SHARE = 0.75
"""In a map of labels, this share of the pixels has neighbours of the same label …"""
GRADED_SHARE = 0.45
"""… and where the label changes, fewer than this change to the next one. In generated maps 0.89 and at most 0.33."""


class PictureKind(StrEnum):
    """The kinds of pictures."""

    COLOUR = "a photo in colour"
    GREY = "a grey picture"
    CUTOUT = "a cut-out"
    MASK = "a mask"
    LABELS = "a map of labels"


def picture_kind(content: bytes) -> PictureKind:
    """The kind of the picture in `content`. A mask is grey and mostly all or nothing; labels have few colours.

    Raises:
        ImageError: as `read_image`.
    """
    if read_transparency(io.BytesIO(content)) is not None:
        return PictureKind.CUTOUT
    try:
        grey = read_grey(io.BytesIO(content))
    except ColourError:
        colours = read_image(io.BytesIO(content)).astype(np.uint32)
        packed = colours[..., 0] << 16 | colours[..., 1] << 8 | colours[..., 2]
        return PictureKind.LABELS if len(np.unique(packed)) <= FEW_COLOURS else PictureKind.COLOUR
    if labels_in(grey):
        return PictureKind.LABELS
    black, white = sure_shares(grey)
    return PictureKind.MASK if black + white > 0.5 else PictureKind.GREY


def sure_shares(grey: Stored) -> tuple[float, float]:
    """The shares of a grey picture's pixels (H, W) that are black and that are white."""
    full = np.iinfo(grey.dtype).max
    black, white = np.count_nonzero(grey < full // 32), np.count_nonzero(grey > full - full // 32)
    return black / grey.size, white / grey.size


def is_plainly_a_mask(content: bytes) -> bool:
    """Whether a picture that nothing names is a mask or a map of labels by its pixels alone, and surely not a photo.

    Only pictures stored as grey or with a palette are decoded for it.

    Raises:
        ImageError: as `read_image`.
    """
    if is_stored_in_colour(content):
        return False
    kind = picture_kind(content)
    if kind != PictureKind.MASK:
        return kind == PictureKind.LABELS
    shares = sure_shares(read_grey(io.BytesIO(content)))
    return sum(shares) > SURE_SHARE and min(shares) > LEAST_SHARE


class NotAnAlphaError(ImageError):
    """An intact picture that cannot be the alpha or the trimap it is given for."""


def check_no_labels(stored: Stored, name: str, *, top: float = 0.9, advice: str = "") -> None:
    """NotAnAlphaError if what should be an alpha holds the numbers of labels, none of which reaches the share `top` of
    the possible range.

    As alphas these would be nearly nothing everywhere. `stored` is (H, W) uint8 or uint16. `advice` ends the sentence.
    """
    labels = labels_in(stored, top)
    if labels:
        full = np.iinfo(stored.dtype).max
        raise NotAnAlphaError(
            f"{name} looks like a map of labels: its values are {labels}, and those of an alpha go to {full}{advice}"
        )


def read_true_alpha(path: Path) -> Alpha:
    """`read_alpha`, for an alpha that models are measured by or learn from.

    Raises:
        NotAnAlphaError: it is a map of labels such as 0 and 1, which would be nearly nothing everywhere.
        ImageError: as `read_alpha`.
    """
    stored = read_grey(path)
    check_no_labels(stored, path.name, top=SMALL)
    return to_float(stored)


def check_no_trimap(stored: Stored, name: str, *, advice: str = "") -> None:
    """NotAnAlphaError if what should be an alpha, (H, W), holds only black, white and areas of one middle grey."""
    scale = np.iinfo(stored.dtype).max // 255
    values = np.flatnonzero(np.bincount(stored.ravel()))
    middle = values[1] / scale if len(values) == 3 else 0.0
    if not (MIDDLES[0] <= middle <= MIDDLES[1] and values[0] == 0 and values[2] == 255 * scale):
        return
    unknown = (stored == values[1]).astype(np.uint8)
    if cv2.erode(unknown, np.ones((3, 3), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0).any():
        raise NotAnAlphaError(f"{name} looks like a trimap: it has no values but {', '.join(map(str, values))}{advice}")


def labels_in(stored: Stored, top: float = 0.9) -> str:
    """The values of a map of labels, as words; "" for what may be an alpha.

    Labels are whole numbers that never come near the top, or reach it only as a "void" beside small numbers, and fill
    areas whose borders are hard.
    """
    counts = np.bincount(stored.ravel())
    values = np.flatnonzero(counts).tolist()
    full = int(np.iinfo(stored.dtype).max)
    if full > 255 and 0 < values[-1] <= 255:
        return f"only 0 to {values[-1]} of 16 bits"
    is_low = values[-1] < top * full and len(values) > 1
    small = counts[1:FEW_COLOURS].sum()
    is_void = values[-1] == full and small > counts[full] and not counts[FEW_COLOURS:full].any()
    if not (is_low or is_void) or len(values) > MAX_LABELS or is_soft(stored, values):
        return ""
    return ", ".join(map(str, values[:6])) + (", …" if len(values) > 6 else "")


def is_soft(stored: Stored, values: list[int]) -> bool:
    """Whether the `values` that (H, W) `stored` holds are steps of one quantity, as an alpha's, and not labels.

    An alpha passes through its steps one by one, as glass and smoke do, or has them only in thin borders.
    """
    if len(values) <= UNDECIDED_VALUES:
        return False
    table = np.zeros(values[-1] + 1, np.int16)
    table[values] = np.arange(len(values))
    ranks = table[stored]
    right, below = np.diff(ranks[:-1], axis=1), np.diff(ranks[:, :-1], axis=0)
    between = ((ranks > 0) & (ranks < len(values) - 1))[:-1, :-1]
    flat = between & (right == 0) & (below == 0)
    changes = np.abs(np.concatenate([right[right != 0], below[below != 0]]))
    return bool(flat.sum() < FLAT_SHARE * between.sum() or (changes == 1).sum() >= GRADED_SHARE * changes.size)
