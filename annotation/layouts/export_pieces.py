"""The pictures an export is made of, as PNG bytes, from what the store holds."""

import io
from enum import StrEnum

import numpy as np

from annotation.store import Revision, Sample, Store
from annotation.store.samples import plain_png
from matting.arrays import Alpha, Image, to_float, to_uint8, to_uint16
from matting.files import encode_image, read_alpha, read_image
from matting.trimap import make_trimap


class Piece(StrEnum):
    """A picture of a sample. Stored ones are copied byte for byte."""

    IMAGE = "image"
    ALPHA = "alpha, 8 bits"
    DEEP_ALPHA = "alpha, 16 bits"
    TRIMAP = "trimap"
    FOREGROUND = "foreground"
    BACKGROUND = "background"
    CUTOUT = "cut-out, 8 bits"
    DEEP_CUTOUT = "cut-out, 16 bits"


ALPHA_PNG = {Piece.ALPHA: (8, "grey"), Piece.DEEP_ALPHA: (16, "grey")}
"""The results of `plain_png` for alphas that may be copied; one imported with 8 bits keeps 8."""


def make_piece(store: Store, sample: Sample, *, revision: Revision, piece: Piece) -> bytes:
    """The PNG of that piece. The foreground is the estimated colour, straight, and never the photo.

    A missing foreground is estimated, a missing trimap is made from the alpha. The background is always estimated:
    behind the subject it continues what is around it.
    """
    get = store.files.get
    if piece is Piece.IMAGE:
        return get(sample.image)
    if piece is Piece.TRIMAP and revision.trimap:
        return get(revision.trimap)
    if piece is Piece.FOREGROUND and revision.foreground:
        return get(revision.foreground)
    stored = get(str(revision.alpha))
    if ALPHA_PNG.get(piece) == plain_png(stored):
        return stored
    alpha = read_alpha(io.BytesIO(stored))
    if piece is Piece.ALPHA:
        return encode_image(to_uint8(alpha), ".png")
    if piece is Piece.DEEP_ALPHA:
        return encode_image(to_uint16(alpha), ".png")
    if piece is Piece.TRIMAP:
        return encode_image(make_trimap(alpha), ".png")
    if piece is Piece.BACKGROUND:
        return encode_image(colours_of(store, sample, 1 - alpha), ".png")
    foreground = foreground_of(store, sample, revision=revision, alpha=alpha)
    if piece is Piece.FOREGROUND:
        return encode_image(foreground, ".png")
    if piece is Piece.CUTOUT:
        return encode_image(np.dstack([foreground, to_uint8(alpha)]), ".png")
    return encode_image(np.dstack([to_uint16(to_float(foreground)), to_uint16(alpha)]), ".png")


def foreground_of(store: Store, sample: Sample, *, revision: Revision, alpha: Alpha) -> Image:
    """The foreground's colours (H, W, 3) uint8, as saved or else estimated."""
    if revision.foreground:
        return read_image(io.BytesIO(store.files.get(revision.foreground)))
    return colours_of(store, sample, alpha)


def colours_of(store: Store, sample: Sample, share: Alpha) -> Image:
    """The colours (H, W, 3) uint8 of what covers that `share` (H, W) of each pixel of the photo, estimated."""
    from matting.foreground import estimate_foreground

    image = read_image(io.BytesIO(store.files.get(sample.image)))
    return to_uint8(estimate_foreground(image, share))
