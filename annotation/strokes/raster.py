"""Strokes → trimap, with integers only, so that the browser (strokes/raster.js) paints exactly the same pixels.

A brush of radius r paints every pixel whose centre is less than r + ½ away from the line through its points: in each
row, one run of pixels per segment. A polygon paints its inside, by the even-odd rule, and its outline.
"""

from collections.abc import Mapping, Sequence
from math import isqrt

import cv2
import numpy as np
from numpy.typing import NDArray

from annotation.strokes.boxes import EMPTY, around, common, grown, is_empty, moved
from annotation.strokes.stroke import Stroke, counting
from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Trimap
from matting.solving.box import Box

VALUES = {"background": BACKGROUND, "unknown": UNKNOWN, "foreground": FOREGROUND}
Integers = NDArray[np.int64]


def bounds(stroke: Stroke) -> Box:
    """The box around all pixels that a brush or polygon can paint; it may reach beyond the picture."""
    xs, ys = zip(*stroke.points, strict=True)
    reach = stroke.radius if stroke.kind == "brush" else 0
    return grown(Box(min(ys), min(xs), max(ys) + 1, max(xs) + 1), reach)


def replay(automatic: Trimap, strokes: Sequence[Stroke], starts: Mapping[str, Trimap] | None = None) -> Trimap:
    """The trimap (H, W) uint8 that `strokes`, including undo and redo, make of the `automatic` one.

    `starts` holds the trimaps that strokes of kind "start" name.
    """
    paints = counting(strokes)
    base = base_of(automatic, paints, starts or {})
    trimap = base.copy()
    for stroke in paints:
        paint(trimap, stroke, base)
    return trimap


def replay_box(base: Trimap, paints: Sequence[Stroke], box: Box) -> Trimap:
    """The pixels of `box` after `paints`, none of them an island, on `base`; used to undo one stroke."""
    trimap = base[box.slices].copy()
    for stroke in paints:
        if stroke.kind != "start" and not is_empty(common(bounds(stroke), box)):
            paint(trimap, stroke, base[box.slices], origin=(box.left, box.top))
    return trimap


def base_of(automatic: Trimap, paints: Sequence[Stroke], starts: Mapping[str, Trimap]) -> Trimap:
    """The trimap below the strokes: that of the last "start" among `paints`, else `automatic`."""
    names = [stroke.target for stroke in paints if stroke.kind == "start"]
    return starts[names[-1]] if names else automatic


def paint(trimap: Trimap, stroke: Stroke, base: Trimap, *, origin: tuple[int, int] = (0, 0)) -> Box:
    """Paint `stroke` into `trimap`, in place; the box that it may have changed.

    The label "automatic" restores `base`. `origin` is the image pixel (x, y) that is pixel (0, 0) of both arrays.
    """
    if stroke.kind == "start":
        return EMPTY
    if stroke.kind == "island":
        return fill_island(trimap, stroke, base)
    points = np.asarray(stroke.points, np.int64) - np.asarray(origin, np.int64)
    box = common(moved(bounds(stroke), -origin[0], -origin[1]), around(trimap))
    if is_empty(box):
        return EMPTY
    inside = covered(points - (box.left, box.top), stroke, box.size)
    put(trimap[box.slices], inside, stroke.label, base[box.slices])
    return box


def put(trimap: Trimap, inside: NDArray[np.bool_], label: str, base: Trimap) -> None:
    """Give the pixels `inside` the value of `label`, in place."""
    if label == "automatic":
        trimap[inside] = base[inside]
    else:
        trimap[inside] = VALUES[label]


def fill_island(trimap: Trimap, stroke: Stroke, base: Trimap) -> Box:
    """Give the label of `stroke` to the unknown pixels that are connected to its point through their sides."""
    x, y = stroke.points[0]
    if not (0 <= x < trimap.shape[1] and 0 <= y < trimap.shape[0]) or trimap[y, x] != UNKNOWN:
        return EMPTY
    island = np.zeros((trimap.shape[0] + 2, trimap.shape[1] + 2), np.uint8)
    flags = 4 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY
    left, top, width, height = cv2.floodFill(trimap.copy(), island, (x, y), 0, 0, 0, flags)[3]
    box = Box(top, left, top + height, left + width)
    put(trimap[box.slices], island[1:-1, 1:-1][box.slices] == 1, stroke.label, base[box.slices])
    return box


def covered(points: Integers, stroke: Stroke, size: tuple[int, int]) -> NDArray[np.bool_]:
    """(H, W) bool: the pixels that a brush or polygon through `points` (N, 2) paints."""
    if stroke.kind == "polygon":
        outline = np.concatenate([points, points[:1]])
        return inside_polygon(points, size) | covered_by_runs(*runs_of_line(outline, 0), size)
    return covered_by_runs(*runs_of_line(points, stroke.radius), size)


def covered_by_runs(rows: Integers, lefts: Integers, rights: Integers, size: tuple[int, int]) -> NDArray[np.bool_]:
    """(H, W) bool: the union of runs, each with its row and left ≤ x ≤ right."""
    height, width = size
    seen = (rows >= 0) & (rows < height) & (lefts <= rights) & (rights >= 0) & (lefts < width)
    rows, lefts, rights = rows[seen], np.maximum(lefts[seen], 0), np.minimum(rights[seen], width - 1)
    cells = height * (width + 1)
    depth = np.zeros(cells, np.int32)
    np.add.at(depth, rows * (width + 1) + lefts, 1)
    np.subtract.at(depth, rows * (width + 1) + rights + 1, 1)
    return np.cumsum(depth, out=depth).reshape(height, width + 1)[:, :width] > 0


def runs_of_line(points: Integers, radius: int) -> tuple[Integers, Integers, Integers]:
    """Rows, lefts and rights of the runs that a round brush paints along `points`: discs and strips."""
    steps = np.arange(-radius, radius + 1)
    halves = np.array([isqrt(radius * radius + radius - int(step) * int(step)) for step in steps], np.int64)
    rows = (points[:, 1, None] + steps).ravel()
    lefts, rights = (points[:, 0, None] - halves).ravel(), (points[:, 0, None] + halves).ravel()
    strips = runs_of_strips(points[:-1], points[1:], radius)
    return tuple(np.concatenate(pair) for pair in zip((rows, lefts, rights), strips, strict=True))  # type: ignore[return-value]


def runs_of_strips(starts: Integers, ends: Integers, radius: int) -> tuple[Integers, Integers, Integers]:
    """The runs of each segment's rectangle: 0 ≤ (p − start) · d ≤ d · d, and 2 |(p − start) × d| < (2r + 1) |d|."""
    moved = (starts != ends).any(axis=1)
    starts, ends = starts[moved], ends[moved]
    upward = (ends[:, 1] < starts[:, 1]) | ((ends[:, 1] == starts[:, 1]) & (ends[:, 0] < starts[:, 0]))
    starts, ends = np.where(upward[:, None], ends, starts), np.where(upward[:, None], starts, ends)
    counts = ends[:, 1] - starts[:, 1] + 2 * radius + 1
    segment = np.repeat(np.arange(len(counts)), counts)
    row = np.arange(len(segment)) - np.repeat(np.cumsum(counts) - counts, counts) - radius
    dx, dy = (ends - starts)[segment].T
    squared = dx * dx + dy * dy
    widest = [isqrt((2 * radius + 1) ** 2 * (int(x) ** 2 + int(y) ** 2) - 1) for x, y in (ends - starts).tolist()]
    across = np.array(widest, np.int64)[segment]
    left, right = between(2 * dx * row - across, 2 * dx * row + across, 2 * dy)
    first, last = between(-row * dy, squared - row * dy, dx)
    x = starts[segment, 0]
    return starts[segment, 1] + row, x + np.maximum(left, first), x + np.minimum(right, last)


def between(low: Integers, high: Integers, factor: Integers) -> tuple[Integers, Integers]:
    """The least and greatest integer x with low ≤ factor · x ≤ high; if `factor` is 0, all of them, or none, as (1,
    0)."""
    endless = np.int64(1 << 20)
    sign = np.where(factor < 0, -1, 1)
    low, high = np.where(factor < 0, -high, low), np.where(factor < 0, -low, high)
    divisor = np.maximum(factor * sign, 1)
    holds = (low <= 0) & (high >= 0)
    least = np.where(factor == 0, np.where(holds, -endless, 1), -(-low // divisor))
    greatest = np.where(factor == 0, np.where(holds, endless, 0), high // divisor)
    return least, greatest


def inside_polygon(points: Integers, size: tuple[int, int]) -> NDArray[np.bool_]:
    """(H, W) bool: the pixels inside the closed outline through `points` (N, 2), by the even-odd rule."""
    height, width = size
    toggles = np.zeros(height * (width + 1), np.uint8)
    for (x0, y0), (x1, y1) in zip(points.tolist(), np.roll(points, -1, axis=0).tolist(), strict=True):
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        rows = np.arange(max(y0, 0), min(y1, height))
        crossing = x0 - (-(rows - y0) * (x1 - x0) // (y1 - y0)) if len(rows) else rows
        np.add.at(toggles, rows * (width + 1) + np.clip(crossing, 0, width), 1)
    parity = np.cumsum(toggles.reshape(height, width + 1), axis=1, dtype=np.uint8)[:, :width] % 2
    return parity == 1  # type: ignore[no-any-return]
