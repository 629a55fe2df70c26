"""Solving a picture box by box, and blending the results where boxes overlap."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, Alpha, Trimap
from matting.runtime import one_core_each
from matting.solving.box import Box
from matting.solving.partial_results import Piece, is_watched, show
from matting.solving.progress import SHARE_AT_BEGINNING, report


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
    """The alpha (H, W) of `trimap`: 0 and 1 where it is known, elsewhere from `solve(box)`, which has `box.size`.

    Results are blended where boxes overlap. The outer half of each margin lacks context and does not count. `boxes` and
    `margin` belong together, as in `unknown_regions`. With `at_once` above one, that many boxes are solved at the same
    time, each on one core.

    Progress is reported by the `cost` of boxes: a box just begun counts half, and earlier work counts `before`. A
    watcher is shown the part of each box that counts.
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
    """The alpha from weighted sums and their weights, 0 and 1 where `trimap` is known. Overwrites `total`."""
    np.divide(total, weight, out=total, where=weight > 0)
    total[trimap == BACKGROUND] = 0
    total[trimap == FOREGROUND] = 1
    return total


def _ramp(box: Box, size: tuple[int, ...], margin: int) -> NDArray[np.float32]:
    """(height, width) weights in `box`: 0 in the outer half of its margin, rising to 1 inside, without a fade at the
    picture's own edges.
    """
    half = max(margin / 2, 0.5)
    sides = []
    for start, stop, length in ((box.top, box.bottom, size[0]), (box.left, box.right, size[1])):
        position = np.arange(start, stop, dtype=np.float32) + 0.5
        before = np.inf if start == 0 else position - start
        after = np.inf if stop == length else stop - position
        sides.append(np.clip((np.minimum(before, after) - margin + half) / half, 0, 1) * np.ones_like(position))
    return np.minimum(sides[0][:, None], sides[1][None, :]).astype(np.float32)


def _inset(box: Box, size: tuple[int, ...], margin: int) -> Box:
    """`box` without the outer half of its margin: the part where `_ramp` is above 0."""
    half = -(-margin // 2)
    return Box(
        box.top + half * (box.top > 0),
        box.left + half * (box.left > 0),
        box.bottom - half * (box.bottom < size[0]),
        box.right - half * (box.right < size[1]),
    )
