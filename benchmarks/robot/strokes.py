"""The stroke that a person who saw the true alpha would paint next: the one that repairs most error."""

from collections.abc import Iterator, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from annotation.strokes.raster import paint
from annotation.strokes.stroke import Stroke
from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Trimap
from matting.trimap import distance_to

SOFT = 0.03
"""True alphas nearer than this to 0 or 1 count as sure."""
RADII = (4, 8, 16, 32)
"""The brush radii to choose from, in pixels of a picture with a long side of 800."""
REACHES = (4, 12, 36)
"""The distances, in the same pixels, of a lasso from what is wrong; further out, it holds more places."""
CORNERS = 100
"""The most corners of a lasso; a finer outline is simplified."""
DOUBT = 0.03
"""The error that a person expects to remain at a pixel that the solver decides."""
LONGEST = 60
"""The most steps of one brush stroke, each of one radius."""
WORTH = 0.15
"""A stroke ends when the next step would repair less than this share of what its first step did."""

Mask = NDArray[np.bool_]
Errors = NDArray[np.float32]


def best_stroke(
    trimap: Trimap, alpha: Alpha, truth: Alpha, *, vain: Mapping[str, Mask], name: str
) -> tuple[float, Stroke] | None:
    """(error repaired, stroke) of the candidate that repairs most, None if none repairs anything.

    `vain` holds, for each label, the pixels on which it was tried in vain.
    """
    error = np.abs(alpha - truth)
    found = []
    for stroke in candidates(trimap, error, truth, vain, name):
        after = trimap.copy()
        box = paint(after, stroke, trimap)
        gain = repaired(after[box.slices], trimap[box.slices], error[box.slices], truth[box.slices])
        found.append((gain, stroke))
    best = max(found, key=lambda each: each[0], default=None)
    return best if best and best[0] > 0 else None


def repaired(after: Trimap, before: Trimap, error: Errors, truth: Alpha) -> float:
    """The error that goes away where the trimap changes: exact for sure labels; for unknown, all of it but DOUBT."""
    changed = after != before
    left = np.where(after == UNKNOWN, np.float32(DOUBT), np.abs(truth - (after == FOREGROUND)))
    return float((error - left)[changed].sum())


def candidates(trimap: Trimap, error: Errors, truth: Alpha, vain: Mapping[str, Mask], name: str) -> Iterator[Stroke]:
    """For each label, brush strokes of several radii and lassos, tight and generous, where they repair most."""
    scale = max(truth.shape) / 800
    places = {
        "foreground": (truth > 1 - SOFT, trimap != FOREGROUND),
        "background": (truth < SOFT, trimap != BACKGROUND),
        "unknown": ((truth > SOFT) & (truth < 1 - SOFT), trimap != UNKNOWN),
    }
    for label, (right, changeable) in places.items():
        wrong = np.where(right & changeable & ~vain[label], error, 0).astype(np.float32)
        if wrong.max() < 0.02:
            continue
        room = distance_to(~right) if label != "unknown" else np.full(truth.shape, np.inf, np.float32)
        for radius in (max(1, round(scale * radius)) for radius in RADII):
            points = brush_path(wrong, room >= radius, radius)
            if points:
                yield Stroke(name, "brush", label, radius, points)
        for reach in (max(2, round(scale * reach)) for reach in REACHES):
            outline = lasso(wrong, room, reach)
            if outline:
                yield Stroke(name, "polygon", label, 0, outline)


def brush_path(wrong: Errors, allowed: Mask, radius: int) -> tuple[tuple[int, int], ...]:
    """A path of the brush's centre through `allowed`, from the place where it repairs most, while it is worth it."""
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
    """(error under the brush, its centre) of the best place one radius further; None if there is none."""
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
    """Remove the error that the brush at `here` repairs."""
    cv2.circle(left, here, radius, 0, -1)


def lasso(wrong: Errors, room: NDArray[np.float32], reach: int) -> tuple[tuple[int, int], ...]:
    """The outline of the wrong area that holds most error; places up to 2 × `reach` apart count as one area.

    It stays two pixels away from places where the label would be wrong.
    """
    near = (distance_to(wrong > 0.1) <= reach) & (room > 2)
    count, parts = cv2.connectedComponents(near.astype(np.uint8), connectivity=4)
    if count < 2:
        return ()
    sums = np.bincount(parts.ravel(), weights=wrong.ravel())
    sums[0] = 0
    outlines, _ = cv2.findContours(
        (parts == int(sums.argmax())).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
    )
    whole, slack = max(outlines, key=cv2.contourArea), 1.5
    while len(outline := cv2.approxPolyDP(whole, slack, closed=True)[:, 0]) > CORNERS:
        slack *= 1.3
    return tuple((int(x), int(y)) for x, y in outline) if len(outline) > 2 else ()
