"""The motion of a picture between two frames, and what lies in one carried to where it is in the other."""

from typing import Any, TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import Image

Flow = NDArray[np.float32]
"""(H, W, 2) how far, in x and y, each pixel of the newest frame lies from where it was in an older one."""
Carried = TypeVar("Carried", bound=NDArray[Any])
MIN_SEARCHED_SIDE = 64
"""The shortest side on which motion is searched; OpenCV 5.0 reads beyond its buffers on thinner strips."""
LAST_HALVING = 1
"""How often the frames are halved where the search ends: once, where the preset has twice and misses edges by more."""


def motion(now: Image, then: Image) -> Flow:
    """Where each pixel of `now` was in `then`, both (H, W, 3) uint8."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    search.setFinestScale(LAST_HALVING)
    return cast(Flow, search.calc(grey(now), grey(then), None))  # type: ignore[call-overload]


def carried(planes: Carried, flow: Flow) -> Carried:
    """`planes` (H, W) or (H, W, C) of the older frame, where the newest has its pixels by `flow`."""
    rows, columns = np.indices(flow.shape[:2], np.float32)
    places = np.dstack([columns, rows]) + flow
    return cv2.remap(planes, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload, no-any-return]


def grey(frame: Image) -> NDArray[np.uint8]:
    """(H, W): what motion is searched in."""
    return cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)  # type: ignore[return-value]
