"""Where the unknown pixels are, as boxes to solve one by one, so that cost follows the unknown area, not the photo's.

The unknown of a photo is often a thin band around a large subject: its bounding box is most of the photo. So the
picture is cut into cells, each cell shrunk to its unknown pixels and grown by a margin of context, and boxes are joined
wherever solving them together costs no more than apart. Small or compact regions end up whole in one box; a
long band becomes a chain of overlapping boxes, whose results `solve_regions` blends.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Trimap
from matting.runtime import one_core_each
from matting.solving.box import Box
from matting.solving.progress import SHARE_AT_BEGINNING, report
from matting.solving.watching import Piece, is_watched, show

Edges: TypeAlias = NDArray[np.int64]
"""(…, 4) top, left, bottom and right of many boxes at once."""
Weights: TypeAlias = NDArray[np.float64]
"""(…,) a number for each of many boxes."""
Check: TypeAlias = Callable[[Edges], NDArray[np.bool_]]
"""(…,) whether each of many boxes may be solved."""

CELLS = (128, 256, 384, 512)
"""Sides in pixels of the cells boxes are built from: fine ones follow a thin band closer, but in a wide one each must
grow far to reach what is known.
"""
IN_VAIN = 4
"""What an unknown pixel costs besides where its box could not reach a known kind: it is solved in another way first."""
MAX_JOINED_CELLS = 500
"""Cells that are joined among each other; more are joined in groups, as the time for it grows with their cube."""


def unknown_regions(
    trimap: Trimap,
    *,
    margin: int,
    known_cost: float = 1,
    known_load: float | None = None,
    largest: float = np.inf,
    with_both: bool = False,
    align: int = 8,
    cells: Sequence[int] = CELLS,
) -> list[Box]:
    """Boxes that together hold every unknown pixel, each `margin` or more pixels from the edge of one of them.

    Edges of the picture count as no edge; all others lie on multiples of `align`. Empty where nothing is unknown.

    Args:
        trimap: (H, W) uint8 of {0, 128, 255}.
        margin: pixels of context a solver needs around what it solves.
        known_cost: what a known pixel costs to solve, an unknown one costing 1. Boxes are joined where that costs no
            more than apart, and never cost more together than one box around all.
        known_load: what a known pixel weighs in memory, an unknown one weighing 1; as `known_cost` if not given.
        largest: boxes are joined and grown only up to this load, which bounds the memory a solver needs.
        with_both: grow boxes until each holds known foreground and known background, if the picture has both; one that
            would have to grow beyond `largest` stays as it is and lacks a kind.
        align: what the edges are multiples of.
        cells: sides in pixels of the squares that boxes are built from; of several the cheapest is taken.
    """
    is_unknown = trimap == UNKNOWN
    if not is_unknown.any():
        return []
    unknown = cv2.integral(is_unknown.view(np.uint8))
    wanted = [trimap == kind for kind in (BACKGROUND, FOREGROUND)] if with_both else []
    kinds = [cv2.integral(is_kind.view(np.uint8)) for is_kind in wanted if is_kind.any()]
    known_load = known_cost if known_load is None else known_load

    lacks = partial(_lacks, kinds)

    def cost(boxes: Edges) -> Weights:
        return known_cost * _area(boxes) + (1 - known_cost) * _count(unknown, boxes)

    def load(boxes: Edges) -> Weights:
        return known_load * _area(boxes) + (1 - known_load) * _count(unknown, boxes)

    def fits(boxes: Edges) -> NDArray[np.bool_]:
        return load(boxes) <= largest

    def joined(side: int) -> Edges:
        grown = _grow(_cells(is_unknown, side), trimap.shape, fits, lacks, margin=margin, align=align)
        groups = np.array_split(grown, -(-len(grown) // MAX_JOINED_CELLS))
        joined = np.concatenate([_join(group, cost, fits) for group in groups])
        around = _union(joined.min(axis=0), joined.max(axis=0))
        return around[None] if fits(around) and cost(around) <= cost(joined).sum() else joined

    def price(boxes: Edges) -> tuple[float, float]:
        """By how much the largest box is too large, and what all cost."""
        in_vain = _count(unknown, boxes[lacks(boxes)]).sum()
        return max(0.0, float(load(boxes).max() - largest)), float(cost(boxes).sum() + IN_VAIN * in_vain)

    return [Box(*map(int, edges)) for edges in min(map(joined, cells), key=price)]


def solve_regions(
    trimap: Trimap,
    solve: Callable[[Box], NDArray[np.floating[Any]]],
    boxes: list[Box],
    *,
    margin: int,
    cost: Callable[[Box], float] = lambda box: box.area,
    before: float = 0,
    at_once: int = 1,
) -> Alpha:
    """The alpha (H, W) of `trimap`: 0 and 1 where it knows, elsewhere what `solve(box)` (of `box.size`) gives.

    Where boxes overlap their results are blended, and the outer half of each margin, which lacks context, counts
    for nothing. `boxes` and `margin` as for and from `unknown_regions`. Where `at_once` is more than one, so many are
    solved at a time, each on one core. Each box is reported to progress.py by its `cost`, those begun counting half;
    work that costs `before` is done. watching.py gets each box, where its results count.
    """
    total = np.zeros(trimap.shape, np.float32)
    weight = np.zeros(trimap.shape, np.float32)
    boxes = sorted(boxes, key=cost, reverse=True)
    costs = [cost(box) for box in boxes]
    whole, finished = before + sum(costs), list[float]()
    share = max(SHARE_AT_BEGINNING, before / whole if boxes else 0)
    report(share)

    def solve_one(box: Box) -> NDArray[np.floating[Any]]:
        alpha = solve(box)
        finished.append(cost(box))
        return alpha

    with one_core_each(solve_one, boxes, at_once) if at_once > 1 else nullcontext(map(solve_one, boxes)) as solved:
        for box, alpha in zip(boxes, solved, strict=True):
            ramp = _ramp(box, trimap.shape, margin)
            total[box.slices] += ramp * alpha
            weight[box.slices] += ramp
            if is_watched():
                seen = _inset(box, trimap.shape, margin)
                show(Piece(seen, _blended(total[seen.slices].copy(), weight[seen.slices], trimap[seen.slices])))
            begun = costs[len(finished) : len(finished) + at_once - 1]
            share = max(share, (before + sum(finished) + sum(begun) / 2) / whole)
            report(share)
    return _blended(total, weight, trimap)


def _blended(total: Alpha, weight: Alpha, trimap: Trimap) -> Alpha:
    """Weighted sums and their weights, in `total`'s own memory: the alpha, 0 and 1 where `trimap` knows."""
    np.divide(total, weight, out=total, where=weight > 0)
    total[trimap == BACKGROUND] = 0
    total[trimap == FOREGROUND] = 1
    return total


def _lacks(kinds: list[NDArray[np.int32]], boxes: Edges) -> NDArray[np.bool_]:
    """(…,) whether each of `boxes` holds none of a kind; `kinds` are integral images of where each kind is."""
    lacking = np.zeros(len(boxes), bool)
    for kind in kinds:
        lacking |= _count(kind, boxes) == 0
    return lacking


def _cells(unknown: NDArray[np.bool_], side: int) -> Edges:
    """The smallest box around the unknown pixels of each `side` × `side` square that has any."""
    boxes = []
    for top in range(0, unknown.shape[0], side):
        band = unknown[top : top + side]
        for left in np.unique(np.flatnonzero(band.any(axis=0)) // side) * side:
            square = band[:, left : left + side]
            rows, columns = np.flatnonzero(square.any(axis=1)), np.flatnonzero(square.any(axis=0))
            boxes.append((top + rows[0], left + columns[0], top + rows[-1] + 1, left + columns[-1] + 1))
    return np.array(boxes, np.int64).reshape(-1, 4)


def _grow(boxes: Edges, size: tuple[int, ...], fits: Check, lacks: Check, *, margin: int, align: int) -> Edges:
    """`boxes` with `margin` around them, doubled for those that still lack a known kind and may grow."""
    limits = np.array([*size, *size])

    def around(margins: NDArray[np.int64]) -> Edges:
        starts = (boxes[:, :2] - margins) // align * align
        stops = -((-boxes[:, 2:] - margins) // align) * align
        grown: Edges = np.clip(np.concatenate([starts, stops], axis=1), 0, limits)
        return grown

    margins = np.full((len(boxes), 1), margin)
    least = around(margins)
    while True:
        grown = around(margins)
        lacking = lacks(grown)
        growing = lacking & fits(grown)
        if not growing.any():
            return np.where(lacking[:, None] | ~fits(grown)[:, None], least, grown)
        margins[growing] = 2 * margins[growing] + 1


def _join(boxes: Edges, cost: Callable[[Edges], Weights], fits: Check) -> Edges:
    """`boxes` after joining, best saving first, pairs that together cost no more than apart, and fit."""
    boxes = boxes.copy()

    def savings(index: int) -> Weights:
        both = _union(boxes, boxes[index])
        saved: Weights = np.where(fits(both), costs + costs[index] - cost(both), -1)
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


def _inset(box: Box, size: tuple[int, ...], margin: int) -> Box:
    """`box` without the outer half of its margin: where `_ramp` is above 0."""
    half = -(-margin // 2)
    return Box(
        box.top + half * (box.top > 0),
        box.left + half * (box.left > 0),
        box.bottom - half * (box.bottom < size[0]),
        box.right - half * (box.right < size[1]),
    )
