"""Frames between those a model looked at: their alphas from both sides, carried along with the motion."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np

from matting.arrays import Alpha, Image
from matting.motion import SEARCHABLE, carried, motion

APART = 0.3
"""Difference of two alphas from which they do not say the same."""
MOST = 0.006
"""The share of a frame on which both sides may say something else before neither is believed."""


@dataclass(frozen=True)
class Looked:
    """A `frame` (H, W, 3) uint8 a model looked at, and the `alpha` (H, W) it found."""

    frame: Image
    alpha: Alpha


def by_twos(frames: Iterable[Image]) -> Iterator[list[Image]]:
    """The first of `frames` alone, then two at a time: the last of each is one to look at."""
    rest, count = iter(frames), 1
    while some := list(islice(rest, count)):
        yield some
        count = 2


def between(before: Looked, now: Image, after: Looked) -> Alpha | None:
    """The alpha (H, W) of the frame `now` between two others of its size; None after a cut or where all moves fast."""
    if min(now.shape[:2]) < SEARCHABLE:
        return None
    first, second = (carried(one.alpha, motion(now, one.frame)) for one in (before, after))
    is_sure = np.mean(cv2.absdiff(first, second) > APART) <= MOST
    return np.float32(0.5) * (first + second) if is_sure else None
