"""Interpolated frames: a model looks at every other frame of a video, where the frame between follows from both.

Their alphas are carried to the frame between along with the motion of the picture. Where they disagree, the model looks
at that frame, too.
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
"""Difference of two alphas from which they do not say the same."""
MAX_DIFFERENT_SHARE = 0.005
"""The share of a frame on which both sides may say something else before neither is believed."""


@dataclass(frozen=True)
class Looked:
    """A `frame` (H, W, 3) uint8 a model looked at, the `alpha` (H, W) found, and what the model `remembers`, if any."""

    frame: Image
    alpha: Alpha
    remembers: dict[str, Tensor] = field(default_factory=dict)


def by_twos(frames: Iterable[Image]) -> Iterator[list[Image]]:
    """The first of `frames` alone, then two at a time: the last of each is one to look at."""
    rest, count = iter(frames), 1
    while some := list(islice(rest, count)):
        yield some
        count = 2


def filled_in(
    looked: Iterable[tuple[list[Image], Looked]],
    shrunk: Callable[[Image], Image],
    look: Callable[[Image, Looked], Looked],
) -> Iterator[Alpha]:
    """The alpha of every frame, enlarged to its size: `looked` are the frames `by_twos`, the last of each looked at.

    `shrunk` gives a frame at the size a model works at, `look` what the model says of it after what it saw before.
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
    """The alpha (H, W) of the frame `now` between two others of its size; None after a cut or where all moves fast."""
    if min(now.shape[:2]) < MIN_SEARCHED_SIDE:
        return None
    first, second = (carried(one.alpha, motion(now, one.frame)) for one in (before, after))
    is_sure = np.mean(cv2.absdiff(first, second) > DIFFERENT_ALPHA) <= MAX_DIFFERENT_SHARE
    return np.float32(0.5) * (first + second) if is_sure else None
