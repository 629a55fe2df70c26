"""What a picture is recognised by.

There are two ways, and each finds what the other misses. A perceptual hash, compared in all eight turned and mirrored
forms, finds whole copies, also of smooth pictures. Landmarks find parts of a picture too.
"""

from dataclasses import dataclass

import imagehash
import numpy as np

from matting.arrays import Image
from matting.files import to_pillow
from matting.files.likeness.landmarks import landmarks
from matting.resize import resize, within

NEAR_BITS = 6
"""Two pictures are near duplicates if at most this many of the 64 bits of their perceptual hashes differ."""
MAYBE_NEAR_BITS = 10
"""Up to this many leave it open; pictures of different things, in eight forms each, differ in at least 12."""
HASHED_SIDE, KEPT_WAVES = 32, 8
"""The side, in pixels, that pHash shrinks a picture to, and how many of the slowest waves it keeps each way."""


def perceptual_hashes(image: Image) -> tuple[int, ...]:
    """The 64-bit pHash, as a signed integer, of each turned and mirrored form of an (H, W, 3) image, its own first.

    As `imagehash.phash`, with one cosine transform for all eight.
    """
    from scipy.fft import dctn

    small = to_pillow(resize(image, within(image.shape[:2], 256))).convert("L")
    grey = np.asarray(small.resize((HASHED_SIDE, HASHED_SIDE), imagehash.ANTIALIAS))  # as pHash does
    waves = dctn(grey.astype(np.float64), type=2)[:KEPT_WAVES, :KEPT_WAVES]
    odd = (-1.0) ** np.arange(KEPT_WAVES)  # mirroring turns every other wave's sign
    flipped = [one * turned for one in (waves, waves * odd) for turned in (1.0, odd[:, None])]
    forms = [form for one in flipped for form in (one, one.T)]
    bits = [np.packbits(form > np.median(form)).tobytes() for form in forms]
    return tuple(int.from_bytes(one, "big", signed=True) for one in bits)


@dataclass(frozen=True)
class Appearance:
    """What a picture is recognised by."""

    hashes: tuple[int, ...]
    """The perceptual hash of each turned and mirrored form, the picture's own first."""
    landmarks: bytes = b""
    mirrored: bytes = b""
    """The landmarks of the mirrored picture."""


def appearance_of(image: Image) -> Appearance:
    """The appearance of an (H, W, 3) image, or of its thumbnail."""
    return Appearance(perceptual_hashes(image), *landmarks(image))
