"""MatAnyone 2: the subject of a video's first frame, followed through all others (Yang et al., CVPR 2026)."""

import math
from collections.abc import Iterable, Iterator
from copy import copy
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from matting.arrays import Alpha, Image, Trimap, check_size
from matting.models.auto.model import AutoModel
from matting.models.base import impose
from matting.models.encoding import encode_image
from matting.models.published.base import TorchNetwork
from matting.resize import pad_to_multiple, resize, within
from matting.runtime import Tensor
from matting.solving.guided_upsampling import guided_upsample

if TYPE_CHECKING:
    from torch import Tensor as TorchTensor
    from torch import nn

MULTIPLE = 16
MAX_PIXELS = 1280 * 720
"""Pixels of the largest frame that the network sees as it is; docs/log/video.md has what that costs."""
SUBJECT = 0.5
"""The alpha from which a pixel of the first frame belongs to its rough mask."""
CLOSED_PIXELS = 10
"""Holes and gaps of that mask up to about this width are closed, as published."""
MEMORY = ("sensory", "summaries", "keys", "sharpness", "values", "alpha", "features", "value", "age")
"""What the network remembers from frame to frame, by the names of its inputs."""
LEFT_OUT = (
    "aux_computer.",
    "mask_decoder.pred_seg.",
    "object_transformer.mask_pred.3.",
    "object_transformer.spatial_pe.",
    "object_summarizer.pos_enc.",
)
"""What the file holds that only training needs, or that is worked out here."""


class MatAnyone2Model(TorchNetwork):
    """Whoever the alpha of the first frame shows, through a whole video: that given, or else what `auto` finds."""

    name = "matanyone2"
    title = "MatAnyone 2: one subject in video"
    weights = ("matanyone2",)
    is_trainable = False
    is_for_video = True
    run_up_frames = None
    first: Alpha | None = None
    """The alpha of the first frame, in the model that `starting_from` gave."""

    @classmethod
    def load(cls, path: Path) -> "nn.Module":
        """See TorchNetwork.load."""
        from matting.networks.weights_file import load_network

        return load_network(cls.build, path, read=_read)

    @staticmethod
    def build() -> "nn.Module":
        """See TorchNetwork.build."""
        from matting.networks.published.matanyone.network import MatAnyone2

        return MatAnyone2()

    @cached_property
    def _finder(self) -> AutoModel:
        return AutoModel()

    def starting_from(self, alpha: Alpha) -> "MatAnyone2Model":
        """See Model.starting_from."""
        bound = copy(self)
        bound.first = alpha
        return bound

    def estimate(self, image: Image, trimap: Trimap | None) -> Alpha:
        """See Model.estimate: what `auto` finds, followed through a video of this one frame."""
        found = impose(self._finder(image), trimap)
        return next(self._followed([image], found)) if (found >= SUBJECT).any() else found * 0

    def follow(self, frames: Iterable[Image]) -> Iterator[Alpha]:
        """See Model.follow.

        Raises:
            ValueError: the first frame shows no subject, or its alpha has another size; says so.
        """
        frames = iter(frames)
        first = next(frames, None)
        if first is None:
            return
        alpha = self._finder(first) if self.first is None else self.first
        check_size(alpha, first.shape[:2], "the alpha of the first frame")
        if not (alpha >= SUBJECT).any():
            raise ValueError(
                f"{self.name} follows the subject of the first frame, but found none; give the alpha of frame 0 as a "
                "corrected frame (on the command line: --corrected 0=alpha.png)"
            )
        yield from self._followed(chain([first], frames), alpha)

    def _followed(self, frames: Iterable[Image], alpha: Alpha) -> Iterator[Alpha]:
        """The alphas of `frames`, the first of which roughly has this `alpha`."""
        memory: dict[str, Tensor] = {}
        for frame in frames:
            small = resize(frame, size_within(frame.shape[:2]))
            picture = encode_image(pad_to_multiple(small, MULTIPLE))
            start = memory or {"mask": encode_mask(resize(alpha, small.shape[:2]))}
            answer, *values = self._network(image=picture, **start)
            memory = dict(zip(MEMORY, values, strict=True))
            yield guided_upsample(answer[0, 0, : small.shape[0], : small.shape[1]], frame, small)


def size_within(size: tuple[int, int]) -> tuple[int, int]:
    """`size` (height, width), shrunk to at most MAX_PIXELS."""
    return within(size, int(max(size) * (MAX_PIXELS / math.prod(size)) ** 0.5))


def encode_mask(alpha: Alpha) -> Tensor:
    """The network's rough mask (1, 1, h, w), 0 or 1, from an alpha (H, W)."""
    mask = (alpha >= SUBJECT).astype(np.uint8)
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (CLOSED_PIXELS, CLOSED_PIXELS))
    closed = cv2.erode(cv2.dilate(mask, ellipse), ellipse).astype(np.float32)
    return pad_to_multiple(closed, MULTIPLE)[None, None]


def _read(path: Path) -> "dict[str, TorchTensor]":
    """The tensors of a file, without those that are left out."""
    from matting.networks.weights_file import read_tensors

    return {name: value for name, value in read_tensors(path).items() if not name.startswith(LEFT_OUT)}
