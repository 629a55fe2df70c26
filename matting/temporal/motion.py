"""The motion of a picture between two frames, and how to carry planes along it from one frame to the other."""

from typing import Any, TypeVar, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import Image

Flow = NDArray[np.float32]
"""(H, W, 2) for each pixel of the newest frame, how far away it was, in x and y, in an older one."""
Carried = TypeVar("Carried", bound=NDArray[Any])
MIN_SEARCHED_SIDE = 64
"""The shortest side of frames in which motion is estimated; on thinner strips, OpenCV 5.0 reads beyond its buffers."""
LAST_HALVING = 1
"""How often the frames are halved at the finest scale searched. The preset's 2 misses edges by more."""


def motion(now: Image, then: Image) -> Flow:
    """Where each pixel of `now` was in `then`, both (H, W, 3) uint8."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    search.setFinestScale(LAST_HALVING)
    return cast(Flow, search.calc(grey(now), grey(then), None))  # type: ignore[call-overload]


def carried(planes: Carried, flow: Flow) -> Carried:
    """`planes` (H, W) or (H, W, C) of the older frame, carried along `flow` to the newest."""
    rows, columns = np.indices(flow.shape[:2], np.float32)
    places = np.dstack([columns, rows]) + flow
    return cv2.remap(planes, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload, no-any-return]


def grey(frame: Image) -> NDArray[np.uint8]:
    """(H, W), in which motion is estimated."""
    return cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)  # type: ignore[return-value]
