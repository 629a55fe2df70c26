"""Selecting a thing by clicks: a photo is encoded once, then each set of points is answered in a moment.

MobileSAM: Zhang et al. 2023, arXiv 2306.14289; see matting/networks/mobile_sam.py.
"""

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import Alpha, Image, check_image
from matting.resize import resize
from matting.runtime import Network, Tensor, torch_network
from matting.solving.box import Box
from matting.trimap import distance_to
from matting.weights import find_weights

MOBILE_SAM = "mobile-sam"
SIDE = 1024
"""The long side at which a photo is encoded."""
SCORE_MARGIN = 0.2
"""How much lower than the best candidate's the score of a larger one may be; measured in docs/log/models.md."""
DEEP_SIDES = 0.03
"""Distance from the edge, as a multiple of √(area of the selection), from which a point means another thing."""
SPECK_SHARE = 0.01
"""The smallest islands and holes, as a share of the selection."""
CORNERS = (2, 3)
"""The labels of a box's corners: the first, the last."""
BOX_ROOM = 0.1
"""How far a thing may reach beyond its box, as a share of the box's sides."""
MEAN, DEVIATION = np.array([[123.675, 116.28, 103.53], [58.395, 57.12, 57.375]], np.float32)
"""ImageNet's, in grey levels of red, green and blue."""


class Point(NamedTuple):
    """A pixel of the photo, in or outside the thing."""

    x: int
    y: int
    is_foreground: bool = True


class Selector:
    """One photo, encoded: 4 MB, some seconds of computing."""

    def __init__(self, image: Image) -> None:
        """Encode `image` (H, W, 3) uint8 RGB; the weights are fetched if needed.

        Raises:
            ValueError: `image` is not one.
            WeightsError: the weights cannot be obtained.
        """
        encoder, self._decoder = networks()
        self.size = check_image(image).shape[:2]
        scale = SIDE / max(self.size)
        self._shown = (max(1, round(self.size[0] * scale)), max(1, round(self.size[1] * scale)))
        (self._features,) = encoder(image=encode(resize(image, self._shown)))
        self._found: dict[tuple[Any, ...], NDArray[np.bool_]] = {}

    def select(self, points: Sequence[Point]) -> NDArray[np.bool_]:
        """(H, W) bool: the things under the foreground `points` without those under the others, in the order clicked.

        Each foreground point only adds, each other one only removes. Far from the edge of the selection so far, that is
        a thing of its own; near it, the network's answer to all points so far, a better edge.
        """
        points = [self.shown(point) for point in points]
        selection = self.find(points[:1], SCORE_MARGIN, must_fit=True)
        if not selection.any():
            selection = self.find(points[:1], SCORE_MARGIN)
        for index, point in enumerate(points[1:], 1):
            if is_deep(point, selection):
                others = [Point(*other[:2], False) for other in points[:index] if other[2] != point.is_foreground]
                thing = self.find(
                    [Point(*point[:2]), *others], SCORE_MARGIN if point.is_foreground else 0, must_fit=True
                )
                selection = selection | thing if point.is_foreground else selection & ~thing
            elif selection[point.y, point.x] != point.is_foreground:
                better = self.find(points[: index + 1], SCORE_MARGIN)
                selection = selection | better if point.is_foreground else selection & better
        return self.enlarge(tidied(selection, points))

    def fill(self, box: Box) -> NDArray[np.bool_]:
        """Bool, as the network sees the photo: the thing that fills `box`, in pixels of the photo, and hardly more.

        It is the candidate with the highest score: a box, unlike a point, says how much is meant.
        """
        across, down = self._shown[1] / self.size[1], self._shown[0] / self.size[0]
        left, top, right, bottom = box.left * across, box.top * down, box.right * across, box.bottom * down
        corners = np.array([[[left, top], [right, bottom]]], np.float32)
        logits, scores = self._decoder(features=self._features, points=corners, labels=np.array([CORNERS], np.float32))
        found = self.mask(logits[0, 1 + scores[0, 1:].argmax()])
        aside, above = BOX_ROOM * (right - left), BOX_ROOM * (bottom - top)
        rows = slice(max(0, math.floor(top - above)), math.ceil(bottom + above))
        columns = slice(max(0, math.floor(left - aside)), math.ceil(right + aside))
        mask = np.zeros(self._shown, bool)
        mask[rows, columns] = found[rows, columns]
        return tidied(mask, []) if mask.any() else mask

    def shown(self, point: Point) -> Point:
        """`point`, in the network's pixels."""
        (height, width), (rows, columns) = self.size, self._shown
        return Point((2 * point.x + 1) * columns // (2 * width), (2 * point.y + 1) * rows // (2 * height), point[2])

    def find(self, points: Sequence[Point], doubt: float, *, must_fit: bool = False) -> NDArray[np.bool_]:
        """Bool, as the network sees the photo: the largest candidate scored at most `doubt` below the best one.

        A point means many things: a button, the shirt, the person. A cut-out is nearly always of the whole.
        `must_fit` leaves only those with every point on the right side, if need be nothing.
        """
        key = (*points, doubt, must_fit)
        if key not in self._found:
            logits, scores, fits = self.candidates(points)
            scores = np.where(fits | (not must_fit), scores, -np.inf)
            sizes = np.where(scores >= scores.max() - doubt, (logits > 0).sum(axis=(1, 2)), -1)
            is_there = bool(np.isfinite(scores).any())
            self._found[key] = self.mask(logits[sizes.argmax()]) if is_there else np.zeros(self._shown, bool)
        return self._found[key]

    def candidates(self, points: Sequence[Point]) -> tuple[Tensor, Tensor, NDArray[np.bool_]]:
        """The whole, a part and a part of that: logits (3, 256, 256) of the padded photo, positive where selected;
        scores (3,), about their IoU; and which of them (3,) have all `points`, as shown, on the right side.

        A fourth, which the network makes for several points, is left out: it measured worse than these even there.
        """
        labels = np.array([point.is_foreground for point in points])
        places = np.array([point[:2] for point in points], np.float32) + 0.5
        logits, scores = self._decoder(
            features=self._features, points=places[None], labels=labels[None].astype(np.float32)
        )
        logits, scores = logits[0, 1:], scores[0, 1:]
        columns, rows = (places * logits.shape[-1] / SIDE).astype(int).T
        return logits, scores, ((logits[:, rows, columns] > 0) == labels).all(axis=1)

    def mask(self, logits: Tensor) -> NDArray[np.bool_]:
        """Where `logits` (256, 256) are positive on the photo as the network sees it, its padding left out."""
        height, width = self._shown
        return resize(logits, (SIDE, SIDE))[:height, :width] > 0

    def shrink(self, alpha: Alpha) -> Alpha:
        """`alpha`, which is at the size of the photo, at the size that the network sees."""
        return resize(alpha, self._shown)

    def enlarge(self, selection: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(H, W) bool: `selection`, made at the size that the network sees, at the size of the photo."""
        return resize(selection.astype(np.float32), (self.size[0], self.size[1])) >= 0.5


def is_deep(point: Point, selection: NDArray[np.bool_]) -> bool:
    """Whether `point` is on the wrong side of `selection` (H, W), and further from its edge than a brush would do."""
    wrong = selection != point.is_foreground
    depth = distance_to(~wrong)[point.y, point.x]
    return bool(depth > DEEP_SIDES * np.sqrt(np.count_nonzero(selection)))


def tidied(selection: NDArray[np.bool_], points: Sequence[Point]) -> NDArray[np.bool_]:
    """`selection` (H, W) without a decoder's specks and pinholes, save those with a point of their own."""
    smallest = SPECK_SHARE * np.count_nonzero(selection)
    inside = large_parts(selection, smallest, [point for point in points if point.is_foreground])
    return ~large_parts(~inside, smallest, [point for point in points if not point.is_foreground])


def large_parts(region: NDArray[np.bool_], smallest: float, points: Sequence[Point]) -> NDArray[np.bool_]:
    """The parts of `region` (H, W), connected through sides, of at least `smallest` pixels or with one of `points`."""
    _, parts, numbers, _ = cv2.connectedComponentsWithStats(region.astype(np.uint8), connectivity=4)
    is_kept = numbers[:, cv2.CC_STAT_AREA] >= smallest
    is_kept[[parts[point.y, point.x] for point in points]] = True
    is_kept[0] = False  # outside the region
    return is_kept[parts]  # type: ignore[no-any-return]


@cache
def networks() -> tuple[Network, Network]:
    """The image encoder and the decoder, loaded once."""
    # not above: torch takes seconds to import
    from matting.networks.mobile_sam import MobileSAM
    from matting.networks.weights_file import load_network

    network = load_network(MobileSAM, find_weights(MOBILE_SAM))
    return torch_network(network.image_encoder), torch_network(network)


def encode(image: Image) -> Tensor:
    """(1, 3, 1024, 1024): a photo whose long side is 1024, padded with zeros at the bottom or the right."""
    square = np.zeros((SIDE, SIDE, 3), np.float32)
    square[: image.shape[0], : image.shape[1]] = (image - MEAN) / DEVIATION
    return np.ascontiguousarray(square.transpose(2, 0, 1))[None]
