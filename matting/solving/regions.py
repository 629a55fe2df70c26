"""Where the unknown pixels are, as boxes to solve one by one, so that cost follows the unknown area, not the photo's.

The unknown of a photo is often a thin band around a large subject, and its bounding box is most of the photo. So the
picture is cut into square cells. Each cell is shrunk to its unknown pixels and grown by a margin of context, and boxes
are joined if solving them together costs no more than apart. A small or compact region ends up in one box; a long band
becomes a chain of overlapping boxes, which region_by_region.py solves and blends.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Trimap
from matting.solving.box import Box

Edges: TypeAlias = NDArray[np.int64]
"""(N, 4) the top, left, bottom and right of many boxes."""
Numbers: TypeAlias = NDArray[np.float64]
"""(N,) one number for each of many boxes."""
Integral: TypeAlias = NDArray[np.int32]
"""(H + 1, W + 1) the sums of a mask over all pixels above and to the left."""

CELLS = (128, 256, 384, 512)
"""Sides, in pixels, of the cells to try. Small cells follow a thin band more closely; in a wide band, each of them must
grow far to reach known pixels.
"""
UNREACHED_COST = 4
"""The extra cost of an unknown pixel whose box reaches no known foreground or background: it is solved twice."""
MAX_JOINED_CELLS = 500
"""The most cells joined with each other; more are joined in groups: the time grows with the cube of their number."""


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
    """Boxes that together hold every unknown pixel, each at least `margin` pixels inside the edges of one of them.

    The picture's own edges need no margin; all other edges lie on multiples of `align`. Empty if nothing is unknown.

    Args:
        trimap: (H, W) uint8 of {0, 128, 255}.
        margin: the pixels of context that a solver needs around what it solves.
        known_cost: the time that a known pixel takes, as a multiple of an unknown one's. Boxes are joined if that costs
            no more than apart, and all together never cost more than one box around everything.
        known_load: the memory that a known pixel takes, as a multiple of an unknown one's; by default `known_cost`.
        largest: the load up to which boxes are joined and grown, which bounds the memory of a solve.
        with_both: grow each box until it holds known foreground and known background, if the picture has both. A box
            that would have to grow beyond `largest` stays small and lacks one of them.
        align: a number that the edges are multiples of. cells: sides, in pixels, of the cells to try; the cheapest
        result is taken.
    """
    is_unknown = trimap == UNKNOWN
    if not is_unknown.any():
        return []
    prices = _Prices.of(
        trimap,
        known_cost=known_cost,
        known_load=known_cost if known_load is None else known_load,
        largest=largest,
        with_both=with_both,
    )

    def boxes_of(side: int) -> Edges:
        return _joined(_grown(_cells(is_unknown, side), trimap.shape, prices, margin=margin, align=align), prices)

    return [Box(*map(int, edges)) for edges in min(map(boxes_of, cells), key=prices.total)]


@dataclass(frozen=True)
class _Prices:
    """What boxes of a trimap cost to solve, and which may be solved at all."""

    unknown: Integral
    kinds: tuple[Integral, ...]
    """The kinds of known pixel that each box should hold."""
    known_cost: float
    known_load: float
    largest: float

    @classmethod
    def of(cls, trimap: Trimap, *, known_cost: float, known_load: float, largest: float, with_both: bool) -> "_Prices":
        """The prices of `trimap`; a kind that it does not have is not required of its boxes."""
        wanted = [trimap == kind for kind in (BACKGROUND, FOREGROUND)] if with_both else []
        kinds = tuple(_integral(is_kind) for is_kind in wanted if is_kind.any())
        return cls(_integral(trimap == UNKNOWN), kinds, known_cost, known_load, largest)

    def cost(self, boxes: Edges) -> Numbers:
        """The time that each box takes, in unknown pixels."""
        return self.known_cost * _area(boxes) + (1 - self.known_cost) * _count(self.unknown, boxes)

    def load(self, boxes: Edges) -> Numbers:
        """The memory that each box takes, in unknown pixels."""
        return self.known_load * _area(boxes) + (1 - self.known_load) * _count(self.unknown, boxes)

    def fits(self, boxes: Edges) -> NDArray[np.bool_]:
        """(N,) whether each box is small enough to be solved."""
        return self.load(boxes) <= self.largest

    def lacks(self, boxes: Edges) -> NDArray[np.bool_]:
        """(N,) whether each box holds no pixel of one of the kinds."""
        lacking = np.zeros(len(boxes), bool)
        for kind in self.kinds:
            lacking |= _count(kind, boxes) == 0
        return lacking

    def total(self, boxes: Edges) -> tuple[float, float]:
        """(by how much the largest box is too large, the cost of all boxes): the smaller, the better."""
        unreached = _count(self.unknown, boxes[self.lacks(boxes)]).sum()
        excess = max(0.0, float(self.load(boxes).max() - self.largest))
        return excess, float(self.cost(boxes).sum() + UNREACHED_COST * unreached)


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


def _grown(boxes: Edges, size: tuple[int, ...], prices: _Prices, *, margin: int, align: int) -> Edges:
    """`boxes` with `margin` around them, or more if that brings in a missing foreground or background."""
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
        lacking, fitting = prices.lacks(grown), prices.fits(grown)
        growing = lacking & fitting
        if not growing.any():
            return np.where((lacking | ~fitting)[:, None], least, grown)
        margins[growing] = 2 * margins[growing] + 1


def _joined(boxes: Edges, prices: _Prices) -> Edges:
    """`boxes`, joined wherever that costs no more; one box around all of them if that is cheapest."""
    groups = np.array_split(boxes, -(-len(boxes) // MAX_JOINED_CELLS))
    joined = np.concatenate([_join(group, prices.cost, prices.fits) for group in groups])
    around = _union(joined.min(axis=0), joined.max(axis=0))[None]
    is_cheapest = prices.fits(around)[0] and prices.cost(around)[0] <= prices.cost(joined).sum()
    return around if is_cheapest else joined


def _join(boxes: Edges, cost: Callable[[Edges], Numbers], fits: Callable[[Edges], NDArray[np.bool_]]) -> Edges:
    """`boxes`, with pairs joined that fit and cost no more together than apart, the largest saving first."""
    boxes = boxes.copy()

    def savings(index: int) -> Numbers:
        both = _union(boxes, boxes[index])
        saved: Numbers = np.where(fits(both), costs + costs[index] - cost(both), -1)
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


def _integral(mask: NDArray[np.bool_]) -> Integral:
    return np.asarray(cv2.integral(mask.view(np.uint8)))


def _count(integral: Integral, boxes: Edges) -> NDArray[np.int32]:
    """The number of pixels in each box, of those that `integral` counts."""
    top, left, bottom, right = np.moveaxis(boxes, -1, 0)
    counted: NDArray[np.int32] = (
        integral[bottom, right] - integral[top, right] - integral[bottom, left] + integral[top, left]
    )
    return counted


def _area(boxes: Edges) -> NDArray[np.int64]:
    """The number of pixels in each box."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])
