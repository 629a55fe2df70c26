"""Between two runs of a model, the last alpha is carried along the motion of the picture.

A slow model's answer is for a frame that is already past. `Tracker` estimates how the picture moved from that frame to
the newest one and moves the alpha with it, frame by frame, until the next answer comes.
"""

from dataclasses import dataclass
from typing import cast

import cv2

from matting.arrays import Alpha, Image
from matting.temporal.motion import MIN_SEARCHED_SIDE, Flow, carried, grey
from matting.temporal.smoothing import stillness

STILL_SHARE = 0.6
"""The share of the carried alpha that a still pixel keeps when a new answer comes."""


@dataclass
class _Known:
    """A frame and its alpha; None while nothing is known about it yet."""

    frame: Image
    alpha: Alpha | None


class Tracker:
    """The frames of one viewer: `step` with each one, `take_newest` when a model begins to run, `learn` at its end."""

    def __init__(self) -> None:
        self._search = _new_search()
        self._newest: Image | None = None
        self._known: _Known | None = None
        self._looked_at: _Known | None = None
        self._flow: Flow | None = None
        self._shown: Alpha | None = None

    def step(self, frame: Image) -> Alpha | None:
        """The alpha (H, W) carried to `frame` (H, W, 3) uint8; None before the first answer and at a change of size."""
        if self._newest is None or self._newest.shape != frame.shape:
            self._known = self._looked_at = self._flow = None
            self._search = _new_search()
        self._newest = frame
        return self.shown()

    def shown(self) -> Alpha | None:
        """The alpha of the newest frame, as far as it is known."""
        self._shown = self._carried()
        return self._shown

    def take_newest(self) -> Image | None:
        """The newest frame, for a model to run on; the next `learn` is for it. None before the first frame."""
        if self._newest is not None:
            self._looked_at = _Known(self._newest, self._shown)
        return self._newest

    def learn(self, alpha: Alpha) -> None:
        """Take in the answer (H, W) for the frame last taken. It is ignored if the frame size changed meanwhile."""
        past, self._looked_at = self._looked_at, None
        if past is None or past.frame.shape[:2] != alpha.shape:
            return
        if self._known is not None and past.alpha is not None:
            alpha = alpha + STILL_SHARE * stillness(self._known.frame, past.frame) * (past.alpha - alpha)
        self._known, self._flow = _Known(past.frame, alpha), None

    def _carried(self) -> Alpha | None:
        """The alpha last learned, carried to the newest frame."""
        if self._known is None or self._known.alpha is None or self._newest is None:
            return None
        if self._known.frame is self._newest or min(self._newest.shape[:2]) < MIN_SEARCHED_SIDE:
            return self._known.alpha
        flow = cast(Flow, self._search.calc(grey(self._newest), grey(self._known.frame), self._flow))  # type: ignore[arg-type]
        self._flow = flow
        return carried(self._known.alpha, flow)


def _new_search() -> cv2.DISOpticalFlow:
    """A new search for each frame size: one object used for two sizes makes OpenCV 5.0 read beyond its buffers."""
    return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
