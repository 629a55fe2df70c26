"""Frames that a person corrected, as references for their neighbours: the same error is corrected there, too.

The difference between the corrected alpha and the model's own is carried to a neighbour along the motion of the
picture, and added wherever that motion is certain. The rest of the neighbour's alpha stays the model's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import Alpha, Image
from matting.resize import resize, within
from matting.temporal.motion import carried, motion

REACH_FRAMES = 30
"""Frames to either side on which a reference acts; beyond half of that, it fades."""
SEARCHED_SIDE = 640
"""The long side, in pixels, of the frames in which motion is estimated."""
MAX_ASTRAY_PIXELS = 3.0
"""Pixels, at that size, by which the way to the reference and back may miss its starting point; beyond, the motion
is not trusted.
"""
SAME_LEVELS, OTHER_LEVELS = 15.0, 40.0
"""Difference in grey levels up to which both ends of a motion look the same, and above which they do not."""


@dataclass(frozen=True)
class Reference:
    """Frame `number` (H, W, 3) uint8 of a video, its corrected `alpha` (H, W), and the `model`'s own (H, W)."""

    number: int
    frame: Image
    alpha: Alpha
    model: Alpha


def corrected(alpha: Alpha, frame: Image, number: int, references: Sequence[Reference]) -> Alpha:
    """The `alpha` (H, W) of `frame` (H, W, 3) uint8, which has this `number`, corrected by the `references` near it.

    The nearer a reference, the more it counts. If the frame is a reference itself, the result is that one's alpha.
    """
    near = [one for one in references if abs(one.number - number) < REACH_FRAMES]
    distances = [abs(one.number - number) for one in near]
    if not near or 0 in distances:
        return near[distances.index(0)].alpha if near else alpha
    fading = min(1.0, 2 - 2 * min(distances) / REACH_FRAMES) / sum(1 / distance for distance in distances)
    correction = sum(
        fading / distance * _carried_from(one, frame) for distance, one in zip(distances, near, strict=True)
    )
    return np.clip(alpha + correction, 0, 1)


def _carried_from(reference: Reference, frame: Image) -> NDArray[np.float32]:
    """(H, W) the correction of `reference`, carried to `frame`; 0 where the motion is uncertain."""
    size = (frame.shape[0], frame.shape[1])
    small = within(size, SEARCHED_SIDE)
    now, then = resize(frame, small), resize(reference.frame, small)
    there, back = motion(now, then), motion(then, now)
    miss = there + carried(back, there)
    way = np.hypot(miss[..., 0], miss[..., 1])
    look = cv2.blur(cv2.absdiff(now, carried(then, there)).max(axis=2).astype(np.float32), (5, 5))
    sure = np.clip(1.5 - 1.5 * way / MAX_ASTRAY_PIXELS, 0, 1) * np.clip(
        (OTHER_LEVELS - look) / (OTHER_LEVELS - SAME_LEVELS), 0, 1
    )
    enlarged = resize(there, size) * np.float32(size[1] / small[1])
    sureness = resize(cv2.blur(sure, (5, 5)).astype(np.float32), size)
    correction: NDArray[np.float32] = sureness * carried(reference.alpha - reference.model, enlarged)
    return correction
