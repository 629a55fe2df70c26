"""Strokes that change the alpha itself. They are applied again to every new answer of the solver, so none is lost.

An alpha is computed in whole numbers, 0 to FULL, so that the same strokes give the same bits on every machine. The
trimap is unknown under such a stroke; a later ordinary stroke undoes what it covers.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import dropwhile
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from annotation.strokes.boxes import EMPTY, around, common, grown, is_empty, moved, union
from annotation.strokes.raster import bounds, covered
from annotation.strokes.stroke import CARRIED, Stroke
from matting.arrays import Alpha, Image
from matting.solving.box import Box

Integers: TypeAlias = NDArray[np.int64]
Inside: TypeAlias = NDArray[np.bool_]

FULL = 65535
SOFTENED = 8
"""A brush softens by means over windows that reach its radius divided by this number to each side, at least 1 pixel."""
MOST_SOFTENED = 12
"""The furthest, in pixels, that such a window reaches to each side."""
SAMPLES = 8
"""How many points of a stroke give the colours of its side of an edge."""
DISTINCT = 60
"""The least difference of two colours, summed over their channels of 0 to 255, that counts as an edge."""
RIM = 2
"""How far, in pixels, a soft edge reaches beyond the pixels that are clearly on the stroke's side."""


def is_retouch(stroke: Stroke) -> bool:
    """Whether `stroke` changes the alpha itself."""
    return bool(stroke.does)


def window(stroke: Stroke) -> int:
    """How far, in pixels, `stroke` looks around each pixel that it changes."""
    return max(1, min(MOST_SOFTENED, stroke.radius // SOFTENED)) if stroke.does == "soften" else 0


def spread(paints: Iterable[Stroke], box: Box) -> Box:
    """`box`, grown by the distance over which the strokes `paints`, one after the other, spread a change in it."""
    for stroke in paints:
        if window(stroke) and not is_empty(common(bounds(stroke), box)):
            box = grown(box, window(stroke))
    return box


class Retouching:
    """The retouching strokes of one `image` (H, W, 3) uint8."""

    def __init__(self, image: Image) -> None:
        self.image = image
        self.sides: dict[str, tuple[Box, Integers]] = {}
        """The boxes and `beyond_edge` of the strokes that stop at an edge, by stroke id."""

    def retouched(
        self, solved: Alpha, paints: Sequence[Stroke], box: Box, *, has_carried: Inside | None = None
    ) -> Alpha:
        """The alpha (h, w) in `box` after `paints`, the strokes that count, on the `solved` alpha (H, W).

        Where `has_carried` (H, W), the carried strokes have changed the `solved` alpha already.
        """
        alpha = solved[box.slices].copy()
        touched = common(reduce(union, map(bounds, filter(is_retouch, paints)), EMPTY), box)
        if not is_empty(touched):
            alpha[moved(touched, -box.left, -box.top).slices] = self.within(touched, solved, paints, has_carried)
        return alpha

    def within(self, box: Box, solved: Alpha, paints: Sequence[Stroke], has_carried: Inside | None) -> Alpha:
        """The same as `retouched`, for a `box` that is touched."""
        seen = common(spread(reversed(paints), box), around(solved))
        below = np.round(solved[seen.slices] * np.float32(FULL)).astype(np.int64)
        alpha, is_touched = below.copy(), np.zeros(below.shape, bool)
        for stroke in dropwhile(lambda stroke: not is_retouch(stroke), paints):
            place = common(bounds(stroke), seen) if stroke.kind in ("brush", "polygon") else EMPTY
            if is_empty(place):
                continue
            points = np.asarray(stroke.points, np.int64) - (place.left, place.top)
            inside, here = covered(points, stroke, place.size), moved(place, -seen.left, -seen.top)
            if has_carried is not None and stroke.author == CARRIED:
                inside = inside & ~has_carried[place.slices]
            changed = self.changed(stroke, alpha, here, place) if stroke.does else below[here.slices]
            alpha[here.slices][inside] = changed[inside]
            is_touched[here.slices][inside] = bool(stroke.does)
        inner = moved(box, -seen.left, -seen.top).slices
        return np.where(is_touched[inner], (alpha[inner] / FULL).astype(np.float32), solved[box.slices])

    def changed(self, stroke: Stroke, alpha: Integers, here: Box, place: Box) -> Integers:
        """The pixels `here` of `alpha`, which lie at `place` in the picture, after `stroke`."""
        before = alpha[here.slices]
        if stroke.does == "alpha":
            return np.full_like(before, round(stroke.value * FULL / 255))
        if stroke.does == "soften":
            return softened(alpha, here, window(stroke))
        if stroke.does == "sharpen":
            return np.clip(2 * before - FULL // 2, 0, FULL)
        kept = self.kept(stroke, place)
        return np.minimum(before, kept) if stroke.does == "erase" else np.maximum(before, FULL - kept)

    def kept(self, stroke: Stroke, place: Box) -> Integers:
        """`beyond_edge` of a stroke at a `place` within its box; computed once per stroke."""
        if stroke.id not in self.sides:
            box = common(bounds(stroke), around(self.image))
            self.sides[stroke.id] = box, beyond_edge(self.image[box.slices], stroke, box)
        box, kept = self.sides[stroke.id]
        return kept[moved(place, -box.left, -box.top).slices]


def softened(alpha: Integers, here: Box, reach: int) -> Integers:
    """The means over square windows around the pixels `here`; at the border of `alpha` the windows are smaller."""
    seen = common(grown(here, reach), around(alpha))
    sums = np.zeros((seen.size[0] + 1, seen.size[1] + 1), np.int64)
    sums[1:, 1:] = alpha[seen.slices].cumsum(0).cumsum(1)
    rows, columns = np.arange(here.top, here.bottom), np.arange(here.left, here.right)
    top, bottom = np.maximum(rows - reach, seen.top) - seen.top, np.minimum(rows + reach + 1, seen.bottom) - seen.top
    left = np.maximum(columns - reach, seen.left) - seen.left
    right = np.minimum(columns + reach + 1, seen.right) - seen.left
    by_rows = sums[bottom] - sums[top]
    count = (bottom - top)[:, None] * (right - left)
    means: Integers = (by_rows[:, right] - by_rows[:, left] + count // 2) // count
    return means


def beyond_edge(image: Image, stroke: Stroke, box: Box) -> Integers:
    """How far each pixel (h, w) of `box` lies beyond the edge under `stroke`, 0 to FULL; in between on a soft edge.

    The stroke's own side has the colours under its line and is connected to it. Without an edge, everything is its own
    side.
    """
    points = [(x - box.left, y - box.top) for x, y in stroke.points]
    points = [(x, y) for x, y in points if 0 <= x < image.shape[1] and 0 <= y < image.shape[0]]
    kept = np.zeros(image.shape[:2], np.int64)
    if not points:
        return kept
    differences = difference_to(image, points)
    inside = covered(np.asarray(stroke.points, np.int64) - (box.left, box.top), stroke, box.size)
    split = split_of(differences[inside])
    if split is None:
        return kept
    low, middle, high = split
    near = (differences <= middle) & inside
    _, parts = cv2.connectedComponents(near.astype(np.uint8), connectivity=4)
    own = {int(parts[y, x]) for x, y in points} - {0}
    rim = cv2.dilate(np.isin(parts, list(own)).astype(np.uint8), np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8)) > 0
    soft = np.clip((differences - low) * FULL // (high - low), 0, FULL)
    return np.where(rim, soft, FULL)


def difference_to(image: Image, points: Sequence[tuple[int, int]]) -> Integers:
    """How much each pixel differs in colour from the most similar of SAMPLES of `points`, 0 to 765."""
    chosen = [points[at * (len(points) - 1) // max(1, SAMPLES - 1)] for at in range(SAMPLES)]
    colours = image.astype(np.int64)
    samples = [colours[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].reshape(-1, 3) for x, y in dict.fromkeys(chosen)]
    return np.min([np.abs(colours - each.sum(0) // len(each)).sum(2) for each in samples], axis=0)  # type: ignore[no-any-return]


def split_of(differences: Integers) -> tuple[int, int, int] | None:
    """Otsu's split of `differences` into two classes: (end of the lower class, threshold, start of the upper one).

    None if they do not form two. Nobuyuki Otsu, "A threshold selection method from gray-level histograms", 1979.
    """
    counts = np.bincount(differences, minlength=2)
    levels = np.arange(len(counts))
    below, sums = counts.cumsum(), (counts * levels).cumsum()
    above, rest = below[-1] - below, sums[-1] - sums
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - rest / above) ** 2
    if not np.isfinite(between).any():
        return None
    middle = int(np.nanargmax(np.where(np.isfinite(between), between, -1)))
    lower, upper = int(sums[middle] // below[middle]), int(rest[middle] // above[middle])
    if upper - lower < DISTINCT:
        return None
    return (lower + middle) // 2, middle, max((middle + upper) // 2, (lower + middle) // 2 + 1)
