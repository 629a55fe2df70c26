"""Where the things of one kind are in a photo: a box around each, by NanoDet-g."""

import math
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import Image
from matting.models.encoding import encode_image
from matting.models.things.kinds import KINDS
from matting.resize import resize, within
from matting.runtime import Network, Tensor, torch_network
from matting.solving.box import Box
from matting.weights import find_weights

NANODET = "nanodet-g"
LONG_SIDE = 416
"""Long side of the photo as the network sees it, as in its training."""
MULTIPLE = 32
SURE = 0.3
"""The least score of a thing."""
SAME = 0.6
"""The overlap, as intersection over union, from which two boxes mean one thing."""


@dataclass(frozen=True)
class Found:
    """A box around a thing, in pixels of the photo, and how sure the network is of it, 0 to 1."""

    box: Box
    score: float


def find_boxes(image: Image, kind: str) -> list[Found]:
    """The things of `kind`, one of KINDS, in `image` (H, W, 3) uint8, the surest first.

    What looks more like something else is none of them: a cat is not a dog, though it scores as one, too.

    Raises:
        WeightsError: the weights cannot be obtained.
    """
    size = (image.shape[0], image.shape[1])
    small = resize(image, within(size, LONG_SIDE))
    scores, boxes = network()(image=encode(small))
    index = KINDS.index(kind)
    own = np.where(scores.argmax(axis=1) == index, scores[:, index], 0)
    return decode(own, boxes * (max(size) / max(small.shape)), size)


def encode(image: Image) -> Tensor:
    """(1, 3, h, w) of a small photo: blue, green, red, normalised; black at the bottom and right up to a multiple."""
    height, width = (math.ceil(side / MULTIPLE) * MULTIPLE for side in image.shape[:2])
    framed = np.zeros((height, width, 3), np.uint8)
    framed[: image.shape[0], : image.shape[1]] = image
    return np.ascontiguousarray(encode_image(framed)[:, ::-1])


def decode(scores: NDArray[np.float32], boxes: NDArray[np.float32], size: tuple[int, int]) -> list[Found]:
    """The sure ones of `boxes` (P, 4), left, top, right, bottom, each thing once, cut to a photo of `size` (H, W)."""
    corners = np.clip(boxes, 0, np.array([size[1], size[0], size[1], size[0]], np.float32))
    sides = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
    kept = cv2.dnn.NMSBoxes(sides.tolist(), scores.tolist(), SURE, SAME)
    found = []
    for index in kept:
        left, top, right, bottom = corners[index]
        box = Box(math.floor(top), math.floor(left), math.ceil(bottom), math.ceil(right))
        found.append(Found(box, float(scores[index])))
    return [each for each in found if each.box.area]


@cache
def network() -> Network:
    """NanoDet-g, loaded once."""
    from matting.networks.nanodet_file import load_nanodet  # not above: torch takes seconds to import

    return torch_network(load_nanodet(find_weights(NANODET)))
