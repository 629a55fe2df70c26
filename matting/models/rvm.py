"""Robust Video Matting: people in motion (Lin et al., WACV 2022, arXiv 2108.11515), here also on a still."""

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np

from matting.arrays import Alpha, Image, Trimap, to_float
from matting.models.base import Follow, Live, Model
from matting.resize import pad_to_multiple, resize, within
from matting.runtime import Tensor, onnx_network
from matting.solving.guided_upsampling import guided_upsample
from matting.temporal.interpolation import Looked, by_twos, filled_in
from matting.weights import find_weights

STATES = ("r1i", "r2i", "r3i", "r4i")
SETTLING_FRAMES = 4
"""How often a still is repeated before its answer counts: the recurrent state starts empty."""
LONG_SIDE = 432
"""The long side, in pixels, at which the network sees frames."""
NO_SHRINKING = np.ones(1, np.float32)
"""No shrinking inside the network: its own upsampling costs more and blurs more than ours."""


@cache
def follow_live() -> Follow:
    """Frame by frame, each with the state of the frames before; the coarse pass runs at half the frame's size."""
    network = onnx_network(find_weights("rvm"))
    ratio = np.array([0.5], np.float32)

    def follow(frames: Iterable[Image]) -> Iterator[Alpha]:
        shape: tuple[int, ...] = ()
        for frame in frames:
            if frame.shape != shape:
                shape, state = frame.shape, empty_state()
            _, alpha, *values = network(src=encode(frame), downsample_ratio=ratio, **state)
            state = dict(zip(STATES, values, strict=True))
            yield decode(alpha, frame)

    return follow


class RVMModel(Model):
    """People, steadier from frame to frame than any still model. Its weights are GPL-3.0."""

    name = "rvm"
    title = "RVM: people in video (GPL-3.0)"
    is_for_video = True
    live = Live("RVM", follow_live, sides=(192, 240, 288, 336, 384, 432, 512), multiple=4)
    weights = ("rvm",)

    def __init__(self) -> None:
        self._network = onnx_network(find_weights("rvm"))

    def estimate(self, image: Image, trimap: Trimap | None) -> Alpha:  # noqa: ARG002
        """See Model.estimate."""
        small = shrunk(image)
        seen = self._look(small, None)
        for _ in range(SETTLING_FRAMES - 1):
            seen = self._look(small, seen)
        return guided_upsample(seen.alpha, image, small)

    def follow(self, frames: Iterable[Image]) -> Iterator[Alpha]:
        """The alpha (H, W) float32 of each frame (H, W, 3) uint8 in turn; the recurrent state is local to this call."""
        return filled_in(self._looked(frames), shrunk, self._look)

    def _looked(self, frames: Iterable[Image]) -> Iterator[tuple[list[Image], Looked]]:
        before: Looked | None = None
        for some in by_twos(frames):
            before = self._look(shrunk(some[-1]), before)
            yield some, before

    def _look(self, small: Image, before: Looked | None) -> Looked:
        state = before.remembers if before else empty_state()
        _, alpha, *values = self._network(src=encode(small), downsample_ratio=NO_SHRINKING, **state)
        return Looked(small, decode(alpha, small), dict(zip(STATES, values, strict=True)))


def shrunk(frame: Image) -> Image:
    """A frame at the size that the network sees."""
    return resize(frame, within((frame.shape[0], frame.shape[1]), LONG_SIDE))


def empty_state() -> dict[str, Tensor]:
    """The network's recurrent state before its first frame, by the names of its inputs."""
    return {name: np.zeros((1, 1, 1, 1), np.float32) for name in STATES}


def encode(image: Image) -> Tensor:
    """(H, W, 3) uint8 → (1, 3, h, w) float32 in [0, 1], grown to multiples of 4 at the bottom and right."""
    return np.ascontiguousarray(to_float(pad_to_multiple(image, 4)).transpose(2, 0, 1)[None])


def decode(alpha: Tensor, image: Image) -> Alpha:
    """The network's (1, 1, h, w) alpha → (H, W) float32 in [0, 1]."""
    height, width = image.shape[:2]
    return np.clip(alpha[0, 0, :height, :width], 0, 1)
