"""Models for a live picture: small frames in, alphas of the same small size out, nothing enlarged.

Where the picture is shown, its own full resolution brings the edges back.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np

from matting.arrays import Alpha, Image
from matting.models import modnet, rvm
from matting.resize import resize
from matting.runtime import onnx_network
from matting.weights import find_weights

Follow: TypeAlias = Callable[[Iterable[Image]], Iterator[Alpha]]
"""follow(frames) gives the alpha of each frame in turn; what it carries from frame to frame is local to the call."""


@dataclass(frozen=True)
class LiveModel:
    """A model that keeps up. `sides` are the short sides of a frame it may be shown.

    Below the first the answers are no longer worth having, however fast they come.
    """

    title: str
    weights: str
    load: Callable[[], Follow]
    sides: tuple[int, ...]
    multiple: int


@cache
def load_modnet() -> Follow:
    """MODNet, which looks at each frame alone."""
    network = onnx_network(find_weights("modnet"))

    def follow(frames: Iterable[Image]) -> Iterator[Alpha]:
        for frame in frames:
            (output,) = network(input=modnet.encode(frame, min(frame.shape[:2])))
            yield resize(modnet.as_alpha(output), frame.shape[:2])

    return follow


@cache
def load_rvm() -> Follow:
    """RVM, which remembers the frames before; its coarse pass runs at half the frame's size."""
    network = onnx_network(find_weights("rvm"))
    ratio = np.array([0.5], np.float32)

    def follow(frames: Iterable[Image]) -> Iterator[Alpha]:
        shape: tuple[int, ...] = ()
        for frame in frames:
            if frame.shape != shape:
                shape, state = frame.shape, rvm.empty_state()
            _, alpha, *values = network(src=rvm.encode(frame), downsample_ratio=ratio, **state)
            state = dict(zip(rvm.STATES, values, strict=True))
            yield rvm.decode(alpha, frame)

    return follow


LIVE_MODELS = {
    "modnet": LiveModel("MODNet", "modnet", load_modnet, sides=(192, 224, 256, 320, 384, 512), multiple=32),
    "rvm": LiveModel("RVM", "rvm", load_rvm, sides=(192, 240, 288, 336, 384, 432, 512), multiple=4),
}
