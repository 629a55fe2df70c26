"""Interpolated frames: a model runs on every other frame of a video, if the frame between follows from its neighbours.

The neighbours' alphas are carried to the frame between, along the motion of the picture. If the two disagree there, the
model runs on that frame, too.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import cv2
import numpy as np

from matting.arrays import Alpha, Image
from matting.runtime import Tensor
from matting.solving.guided_upsampling import guided_upsample
from matting.temporal.motion import MIN_SEARCHED_SIDE, carried, motion

DIFFERENT_ALPHA = 0.3
"""Difference above which two alphas disagree."""
MAX_DIFFERENT_SHARE = 0.005
"""The share of a frame on which its neighbours may disagree; above it, neither is used."""


@dataclass(frozen=True)
class Looked:
    """A `frame` (H, W, 3) uint8 on which a model ran, the `alpha` (H, W) it gave, and its recurrent state, if any."""

    frame: Image
    alpha: Alpha
    remembers: dict[str, Tensor] = field(default_factory=dict)


def by_twos(frames: Iterable[Image]) -> Iterator[list[Image]]:
    """The first of `frames` alone, then two at a time; the model runs on the last of each group."""
    rest, count = iter(frames), 1
    while some := list(islice(rest, count)):
        yield some
        count = 2


def filled_in(
    looked: Iterable[tuple[list[Image], Looked]],
    shrunk: Callable[[Image], Image],
    look: Callable[[Image, Looked], Looked],
) -> Iterator[Alpha]:
    """The alpha of every frame, at its full size. `looked` holds each group of `by_twos` with the answer for its last.

    `shrunk` gives a frame at the size that the model works at; `look` runs the model on it, given the answer before.
    """
    before: Looked | None = None
    for frames, after in looked:
        if before and len(frames) == 2:
            now = shrunk(frames[0])
            alpha = between(before, now, after)
            yield guided_upsample(look(now, before).alpha if alpha is None else alpha, frames[0], now)
        yield guided_upsample(after.alpha, frames[-1], after.frame)
        before = after


def between(before: Looked, now: Image, after: Looked) -> Alpha | None:
    """The alpha (H, W) of the frame `now` between two others of its size; None if they disagree on it, as at a cut."""
    if min(now.shape[:2]) < MIN_SEARCHED_SIDE:
        return None
    first, second = (carried(one.alpha, motion(now, one.frame)) for one in (before, after))
    is_sure = np.mean(cv2.absdiff(first, second) > DIFFERENT_ALPHA) <= MAX_DIFFERENT_SHARE
    return np.float32(0.5) * (first + second) if is_sure else None
