"""The stroke that a person who sees the true alpha would paint next: the one that repairs most error."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from annotation.raster import paint
from annotation.scribbles import Stroke
from matting.arrays import UNKNOWN, Alpha, Trimap
from matting.trimap import distance_to

SOFT = 0.03
"""Truths nearer than this to 0 or 1 count as sure."""
RADII = (4, 8, 16, 32)
"""Brush radii a person chooses from, in pixels of a picture of 800 pixels' width."""
LONGEST = 60
"""Steps of one brush stroke, each of half a radius."""
WORTH = 0.15
"""A stroke ends where going on repairs less than this share of what its first step did."""

Mask = NDArray[np.bool_]
Errors = NDArray[np.float32]


def best_stroke(trimap: Trimap, alpha: Alpha, truth: Alpha, *, avoid: Mask, name: str) -> Stroke | None:
    """The candidate that repairs most, or None if none repairs anything. Places to `avoid` were tried in vain."""
    error = np.abs(alpha - truth)
    error[avoid] = 0
    found = [(repaired(stroke, trimap, error, truth), stroke) for stroke in candidates(trimap, error, truth, name)]
    gain, stroke = max(found, key=lambda each: each[0], default=(0.0, None))
    return stroke if gain > 0 else None


def repaired(stroke: Stroke, trimap: Trimap, error: Errors, truth: Alpha) -> float:
    """How much error a stroke takes away where it paints: exact for sure labels, all of it hoped for with unknown."""
    after = trimap.copy()
    box = paint(after, stroke, trimap)
    changed = after[box.slices] != trimap[box.slices]
    before = error[box.slices][changed]
    if stroke.label == "unknown":
        return float(before.sum()) - 0.02 * float(changed.sum())
    value = 1.0 if stroke.label == "foreground" else 0.0
    return float((before - np.abs(truth[box.slices][changed] - value)).sum())


def candidates(trimap: Trimap, error: Errors, truth: Alpha, name: str) -> Iterator[Stroke]:
    """For each label, brush strokes of several radii and a lasso, where they repair most."""
    scale = max(1.0, truth.shape[1] / 800)
    places = {
        "foreground": (truth > 1 - SOFT, trimap != 255),
        "background": (truth < SOFT, trimap != 0),
        "unknown": ((truth > SOFT) & (truth < 1 - SOFT), trimap != UNKNOWN),
    }
    for label, (right, changeable) in places.items():
        wrong = np.where(right & changeable, error, 0).astype(np.float32)
        if wrong.max() < 0.02:
            continue
        room = distance_to(~right) if label != "unknown" else np.full(truth.shape, np.inf, np.float32)
        for radius in (max(1, round(scale * radius)) for radius in RADII):
            points = brush_path(wrong, room >= radius, radius)
            if points:
                yield Stroke(name, "brush", label, radius, points)
        outline = lasso(wrong, room, label)
        if outline:
            yield Stroke(name, "polygon", label, 0, outline)


def brush_path(wrong: Errors, allowed: Mask, radius: int) -> tuple[tuple[int, int], ...]:
    """A path of the brush's middle through `allowed`, from the place where it repairs most, going on while it pays."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)).astype(np.float32)
    left = wrong.copy()
    worth = np.where(allowed, cv2.filter2D(left, -1, disc, borderType=cv2.BORDER_CONSTANT), 0)
    start = np.unravel_index(int(worth.argmax()), worth.shape)
    first = float(worth[start])
    if first <= 0:
        return ()
    ends = [(int(start[1]), int(start[0]))] * 2
    paths: list[list[tuple[int, int]]] = [[ends[0]], []]
    wipe(left, ends[0], radius)
    for side in (0, 1):
        here = ends[side]
        while len(paths[0]) + len(paths[1]) < LONGEST:
            following = next_step(left, allowed, disc, here, radius)
            if following is None or following[0] < WORTH * first:
                break
            here = following[1]
            wipe(left, here, radius)
            paths[side].append(here)
    return tuple(paths[1][::-1] + paths[0])


def next_step(
    left: Errors, allowed: Mask, disc: Errors, here: tuple[int, int], radius: int
) -> tuple[float, tuple[int, int]] | None:
    """(error under the brush, its middle) of the best place half a radius on; None if there is none."""
    stride = max(2, radius)
    best: tuple[float, tuple[int, int]] | None = None
    for angle in np.arange(16) * np.pi / 8:
        x, y = round(here[0] + stride * np.cos(angle)), round(here[1] + stride * np.sin(angle))
        if not (0 <= x < left.shape[1] and 0 <= y < left.shape[0]) or not allowed[y, x]:
            continue
        top, side = max(0, y - radius), max(0, x - radius)
        seen = left[top : y + radius + 1, side : x + radius + 1]
        mask = disc[top - y + radius :, side - x + radius :][: seen.shape[0], : seen.shape[1]]
        value = float((seen * mask).sum())
        if best is None or value > best[0]:
            best = (value, (x, y))
    return best


def wipe(left: Errors, here: tuple[int, int], radius: int) -> None:
    """What the brush at `here` repairs is repaired."""
    cv2.circle(left, here, radius, 0, -1)


def lasso(wrong: Errors, room: NDArray[np.float32], label: str) -> tuple[tuple[int, int], ...]:
    """The outline of the connected wrong area that holds most error, kept two pixels inside what is right."""
    area = (wrong > 0.1) & (room > 2)
    if label == "unknown":
        area = distance_to(wrong > 0.1) <= 4
    area = cv2.morphologyEx(area.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    area &= (room > 2).astype(np.uint8)
    count, parts = cv2.connectedComponents(area, connectivity=4)
    if count < 2:
        return ()
    sums = np.bincount(parts.ravel(), weights=wrong.ravel())
    sums[0] = 0
    outlines, _ = cv2.findContours(
        (parts == int(sums.argmax())).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    outline = cv2.approxPolyDP(max(outlines, key=cv2.contourArea), 1.5, closed=True)[:, 0]
    return tuple((int(x), int(y)) for x, y in outline) if len(outline) > 2 else ()
