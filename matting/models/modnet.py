"""MODNet: portrait matting without a trimap (Ke et al., AAAI 2022, arXiv 2011.11961)."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

from matting.arrays import Alpha, Image, Trimap, to_float
from matting.models.base import Follow, Live, Model
from matting.resize import resize, scaled_size
from matting.runtime import THREADS, Network, Tensor, onnx_network, torch_network
from matting.solving.guided_upsampling import guided_upsample
from matting.temporal.interpolation import Looked, by_twos, filled_in
from matting.temporal.prefetch import map_ahead
from matting.weights import find_weights

SHORT_SIDE = 512
FRAME_SIDE = 288
"""The same for the frames of a video."""
PARALLEL_FRAMES = 2
"""Frames processed at the same time; each takes some 200 MB."""
MAX_SIDE = 4 * SHORT_SIDE
MULTIPLE = 32


@cache
def follow_live() -> Follow:
    """Frame by frame, each on its own."""
    network = onnx_network(find_weights("modnet"))

    def follow(frames: Iterable[Image]) -> Iterator[Alpha]:
        for frame in frames:
            (output,) = network(input=encode(frame, min(frame.shape[:2])))
            yield resize(as_alpha(output), frame.shape[:2])

    return follow


class MODNetModel(Model):
    """People, down to the hair. Other subjects come out in pieces."""

    name = "modnet"
    title = "MODNet: people"
    is_trainable = is_for_video = True
    live = Live("MODNet", follow_live, sides=(192, 224, 256, 320, 384, 512), multiple=32)
    weights = ("modnet",)

    def __init__(self, path: Path | None = None) -> None:
        """From the weights file at `path`, such as training wrote, or from the published ones."""
        self._is_published = path is None
        self._network = onnx_network(find_weights("modnet")) if path is None else _trained_network(path)

    def estimate(self, image: Image, trimap: Trimap | None) -> Alpha:  # noqa: ARG002
        """See Model.estimate."""
        (output,) = self._network(input=encode(image))
        return decode(output, image)

    def follow(self, frames: Iterable[Image]) -> Iterator[Alpha]:
        """See Model.follow. Frames are seen smaller than photos, as there are so many of them, and several at once."""
        network = _beside_others() if self._is_published else self._network
        looked = map_ahead(lambda some: (some, _look(network, shrunk(some[-1]))), by_twos(frames), PARALLEL_FRAMES)
        return filled_in(looked, shrunk, lambda frame, _: _look(network, frame))


def shrunk(frame: Image) -> Image:
    """A frame of a video at the size that the network sees."""
    return resize(frame, scaled_size(frame.shape[:2], FRAME_SIDE, multiple_of=MULTIPLE, longest=MAX_SIDE))


def _look(network: Network, small: Image) -> Looked:
    (output,) = network(input=encode(small, min(small.shape[:2])))
    return Looked(small, as_alpha(output))


def _trained_network(path: Path) -> Network:
    # not at the top of the file: torch takes seconds to import
    from matting.networks.modnet import AlphaOnly
    from matting.networks.modnet_file import load_modnet

    return torch_network(AlphaOnly(load_modnet(path)))


@cache
def _beside_others() -> Network:
    """The network on a share of the cores: frames in parallel are faster than one after the other on all cores."""
    return onnx_network(find_weights("modnet"), threads=max(1, THREADS // PARALLEL_FRAMES))


def encode(image: Image, short_side: int = SHORT_SIDE) -> Tensor:
    """(H, W, 3) uint8 → (1, 3, h, w) float32 in [-1, 1], h and w multiples of 32, the short side near `short_side`."""
    size = scaled_size(image.shape[:2], short_side, multiple_of=MULTIPLE, longest=max(MAX_SIDE, short_side))
    small = to_float(resize(image, size)) * 2 - 1
    return np.ascontiguousarray(small.transpose(2, 0, 1)[None])


def decode(output: Tensor, image: Image) -> Alpha:
    """The network's (1, 1, h, w) output → alpha (H, W) at the size of `image`, edges kept."""
    return guided_upsample(as_alpha(output), image)


def as_alpha(output: Tensor) -> Alpha:
    """The network's (1, 1, h, w) output as an alpha (h, w) in [0, 1]."""
    alpha: Alpha = np.clip(np.nan_to_num(output[0, 0]), 0, 1)
    return alpha
