"""Where the unknown pixels are, as boxes to solve one by one, so that cost follows the unknown area, not the photo's.

The unknown of a photo is often a thin band around a large subject: its bounding box is most of the photo. So the
picture is cut into cells, each cell shrunk to its unknown pixels and grown by a margin of context, and boxes are joined
wherever solving them together costs no more than apart. Small or compact regions end up whole in one box; a
long band becomes a chain of overlapping boxes, whose results `solve_regions` blends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Trimap
from matting.progress import tell

Edges: TypeAlias = NDArray[np.int64]
"""(…, 4) top, left, bottom and right of many boxes at once."""

CELL = 128
"""Side in pixels of the cells boxes are built from; a finer grid follows a band closer, but takes longer to join."""


@dataclass(frozen=True)
class Box:
    """Rows top … bottom - 1 and columns left … right - 1 of a picture."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """To index an array: `image[box.slices]`."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def size(self) -> tuple[int, int]:
        """(height, width)."""
        return self.bottom - self.top, self.right - self.left

    @property
    def area(self) -> int:
        """In pixels."""
        return (self.bottom - self.top) * (self.right - self.left)


def unknown_regions(
    trimap: Trimap,
    *,
    margin: int,
    known_cost: float = 1,
    largest: float = np.inf,
    with_both: bool = False,
    align: int = 8,
) -> list[Box]:
    """Boxes that together hold every unknown pixel, each `margin` or more pixels from the edge of one of them.

    Edges of the picture count as no edge; all others lie on multiples of `align`. Empty where nothing is unknown.

    Args:
        trimap: (H, W) uint8 of {0, 128, 255}.
        margin: pixels of context a solver needs around what it solves.
        known_cost: what a known pixel costs to solve, an unknown one costing 1. Boxes are joined where that costs no
            more than apart, and never cost more together than one box around all.
        largest: boxes are joined only up to this cost, which bounds the memory a solver needs.
        with_both: grow boxes until each holds known foreground and known background, if the picture has both.
        align: what the edges are multiples of.
    """
    tight = _cells(trimap == UNKNOWN)
    if not len(tight):
        return []
    unknown = cv2.integral((trimap == UNKNOWN).view(np.uint8))

    def cost(boxes: Edges) -> NDArray[np.float64]:
        return known_cost * _area(boxes) + (1 - known_cost) * _count(unknown, boxes)

    joined = _join(_grow(tight, trimap, margin=margin, with_both=with_both, align=align), cost, largest=largest)
    around = _union(joined.min(axis=0), joined.max(axis=0))
    if cost(around) <= min(largest, cost(joined).sum()):
        joined = around[None]
    return [Box(*map(int, edges)) for edges in joined]


def solve_regions(
    trimap: Trimap, solve: Callable[[Box], NDArray[np.floating[Any]]], boxes: list[Box], *, margin: int
) -> Alpha:
    """The alpha (H, W) of `trimap`: 0 and 1 where it knows, elsewhere what `solve(box)` (of `box.size`) gives.

    Where boxes overlap their results are blended, and the outer half of each margin, which lacks context, counts
    for nothing. `boxes` and `margin` as for and from `unknown_regions`. matting.progress
    hears of each box.
    """
    total = np.zeros(trimap.shape, np.float32)
    weight = np.zeros(trimap.shape, np.float32)
    for done, box in enumerate(boxes):
        tell(done / len(boxes))
        ramp = _ramp(box, trimap.shape, margin)
        total[box.slices] += ramp * solve(box)
        weight[box.slices] += ramp
    unknown = (trimap == UNKNOWN) & (weight > 0)
    alpha: Alpha = (trimap == FOREGROUND).astype(np.float32)
    alpha[unknown] = total[unknown] / weight[unknown]
    return alpha


def _cells(unknown: NDArray[np.bool_]) -> Edges:
    """The smallest box around the unknown pixels of each CELL × CELL square that has any."""
    boxes = []
    for top in range(0, unknown.shape[0], CELL):
        band = unknown[top : top + CELL]
        for left in np.unique(np.flatnonzero(band.any(axis=0)) // CELL) * CELL:
            square = band[:, left : left + CELL]
            rows, columns = np.flatnonzero(square.any(axis=1)), np.flatnonzero(square.any(axis=0))
            boxes.append((top + rows[0], left + columns[0], top + rows[-1] + 1, left + columns[-1] + 1))
    return np.array(boxes, np.int64).reshape(-1, 4)


def _grow(boxes: Edges, trimap: Trimap, *, margin: int, with_both: bool, align: int) -> Edges:
    """`boxes` with `margin` around them, doubled for those that must still reach either known kind."""
    margins = np.full((len(boxes), 1), margin)
    limits = np.array([*trimap.shape, *trimap.shape])
    kinds = [cv2.integral((trimap == kind).view(np.uint8)) for kind in (BACKGROUND, FOREGROUND)] if with_both else []
    while True:
        starts = (boxes[:, :2] - margins) // align * align
        stops = -((-boxes[:, 2:] - margins) // align) * align
        grown: Edges = np.clip(np.concatenate([starts, stops], axis=1), 0, limits)
        lacking = np.zeros(len(boxes), bool)
        for kind in kinds:
            lacking |= (_count(kind, grown) == 0) & (kind[-1, -1] > 0)
        if not lacking.any():
            return grown
        margins[lacking] = 2 * margins[lacking] + 1


def _join(boxes: Edges, cost: Callable[[Edges], NDArray[np.float64]], *, largest: float) -> Edges:
    """`boxes` after joining, best saving first, pairs that together cost no more than apart nor than `largest`."""
    boxes = boxes.copy()

    def savings(index: int) -> NDArray[np.float64]:
        joined = cost(_union(boxes, boxes[index]))
        saved = np.where(joined <= np.maximum(largest, costs), costs + costs[index] - joined, -1)
        saved[index] = -1
        return saved

    costs = cost(boxes)
    saving = np.stack([savings(index) for index in range(len(boxes))])
    alive = np.ones(len(boxes), bool)
    while saving.max() >= 0:
        keep, drop = map(int, np.unravel_index(int(saving.argmax()), saving.shape))
        boxes[keep] = _union(boxes[keep], boxes[drop])
        costs[keep] = cost(boxes[keep])
        alive[drop] = False
        saving[keep] = saving[:, keep] = np.where(alive, savings(keep), -1)
        saving[drop] = saving[:, drop] = -1
    return boxes[alive]


def _union(first: Edges, second: Edges) -> Edges:
    """The smallest boxes around both."""
    starts, stops = np.minimum(first[..., :2], second[..., :2]), np.maximum(first[..., 2:], second[..., 2:])
    return np.concatenate([starts, stops], axis=-1)


def _count(integral: NDArray[np.int32], boxes: Edges) -> NDArray[np.int32]:
    """How many pixels each box holds of those summed in `integral` (H + 1, W + 1)."""
    top, left, bottom, right = np.moveaxis(boxes, -1, 0)
    counted: NDArray[np.int32] = (
        integral[bottom, right] - integral[top, right] - integral[bottom, left] + integral[top, left]
    )
    return counted


def _area(boxes: Edges) -> NDArray[np.int64]:
    """How many pixels each box holds."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def _ramp(box: Box, size: tuple[int, ...], margin: int) -> NDArray[np.float32]:
    """(height, width) of `box`: 0 in the outer half of its margin, rising to 1 inside; picture edges do not fade."""
    half = max(margin / 2, 0.5)
    sides = []
    for start, stop, length in ((box.top, box.bottom, size[0]), (box.left, box.right, size[1])):
        position = np.arange(start, stop, dtype=np.float32) + 0.5
        before = np.inf if start == 0 else position - start
        after = np.inf if stop == length else stop - position
        sides.append(np.clip((np.minimum(before, after) - margin + half) / half, 0, 1) * np.ones_like(position))
    return np.minimum(sides[0][:, None], sides[1][None, :]).astype(np.float32)
