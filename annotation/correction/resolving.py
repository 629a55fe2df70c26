"""Re-solving only what a stroke can change: first coarsely, then finely piece by piece, then the outskirts when idle.

A stroke marks its surroundings `fresh`. `answer` solves them coarsely, on a thread of its own, so it waits for no older
work. `refine` does one bounded piece at a time, and drops a result that a newer stroke has made out of date. What is
exported is solved once more as a whole, so no result depends on the order of strokes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from annotation.correction.session import Quality, Session, rough_alpha
from annotation.strokes.boxes import EMPTY, around, common, grown, is_empty, moved, union
from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Image, Trimap
from matting.models.base import impose
from matting.resize import resize
from matting.solving.box import Box
from matting.solving.guided_upsampling import NARROW, guided_upsample
from matting.solving.regions import unknown_regions
from matting.trimap import distance_to, shrink_trimap

Solve: TypeAlias = Callable[[Image, Trimap], Alpha]

REACH = 40
"""Pixels around a stroke in which the alpha is solved again at once."""
OUTSKIRTS = 160
"""Pixels around a stroke in which it is solved again when idle."""
CONTEXT = 64
"""Pixels of context around a box."""
REACHED = 32
"""Pixels seen on each side of the nearest known foreground or background, if a box and its context hold none."""
FAR_PIXELS = 2_000_000
"""Pixels beyond which the nearest known one is not looked for: so large a crop is shrunk in any case."""
FIRST_PIXELS = 14_000
"""The most pixels, after shrinking, for a first answer: 0.03 s of one core for the engine."""
MOST_PIXELS = 150_000
"""The most pixels, context included, for any other step: 0.21 s. A crop that must be larger to hold known foreground
and background is shrunk to this many. That is only for display while painting; what is exported is never shrunk.
"""
CELL = (128,)
"""The side, in pixels, of the cells that pieces are built from: small, so that the next piece comes soon."""
PIECE_PIXELS = 256**2
"""The pixels, without context, that one step of refining aims at."""


@dataclass(frozen=True)
class Patch:
    """New alpha for a box of the picture, after `number` strokes."""

    box: Box
    alpha: Alpha
    quality: Quality
    number: int


def answer(session: Session, solve: Solve) -> Patch | None:
    """The first new alpha for the strokes that have none yet; None if there are no such strokes.

    What is left to refine is added to the session's list. The session's lock is not held while solving.
    """
    with session.lock:
        if is_empty(session.fresh):
            return None
        everything = around(session.trimap)
        box = common(grown(session.fresh, REACH), everything)
        session.outskirts = union(session.outskirts, common(grown(session.fresh, OUTSKIRTS), everything))
        session.fresh = EMPTY
        crop = Crop(session, box)
        is_small = crop.seen.area <= FIRST_PIXELS
        if not is_small:
            session.waiting = [*steps(session.trimap, crop), *session.waiting]
    return crop.patch(crop.solved(solve, most=FIRST_PIXELS), "fine" if is_small else "coarse")


def refine(session: Session, solve: Solve, *, is_idle: bool = True) -> Patch | None:
    """The next piece that is only approximate so far, solved finely; None if there is none, or if a stroke changed it.

    In the latter case the result is dropped, and the piece stays on the list. `is_idle` means that nobody has painted
    for a moment, so that the outskirts may be solved.
    """
    with session.lock:
        if is_idle and not session.waiting and not is_empty(session.outskirts):
            session.waiting = [(piece, "idle") for piece in pieces(session.trimap, session.outskirts)]
            session.outskirts = EMPTY
        if not session.waiting or not (is_idle or session.waiting[0][1] != "idle"):
            return None
        box, quality = session.waiting.pop(0)
        crop = Crop(session, box)
    alpha = crop.solved(solve, most=MOST_PIXELS)
    with session.lock:
        if crop.is_outdated:
            session.waiting.insert(0, (box, quality))
            return None
        return crop.patch(alpha, quality)


class Crop:
    """A `box` of a session to solve and the context around it, as both are now."""

    def __init__(self, session: Session, box: Box) -> None:
        self.session, self.box, self.number = session, box, len(session.strokes)
        self.seen = with_both_sides(session.trimap, common(grown(box, CONTEXT), around(session.trimap)))
        self.trimap = session.trimap[self.seen.slices].copy()

    def solved(self, solve: Solve, *, most: int) -> Alpha:
        """The alpha of box and context, solved in at most about `most` pixels."""
        return solve_crop(self.session.image[self.seen.slices], self.trimap, solve, most=most)

    @property
    def is_outdated(self) -> bool:
        """Whether a stroke has changed box or context."""
        return not np.array_equal(self.trimap, self.session.trimap[self.seen.slices])

    def patch(self, alpha: Alpha, quality: Quality) -> Patch:
        """Write `alpha`, which is that of box and context, into the session within the box."""
        box, seen = self.box, self.seen
        inner = alpha[box.top - seen.top : box.bottom - seen.top, box.left - seen.left : box.right - seen.left]
        with self.session.lock:
            changed = self.session.put(box, inner)
            return Patch(changed, self.session.alpha[changed.slices].copy(), quality, self.number)


def steps(trimap: Trimap, crop: Crop) -> list[tuple[Box, Quality]]:
    """What is left to do after a coarse answer for `crop`: all of it in one step, if it is too large for that
    shrunk, and then piece by piece.
    """
    if crop.seen.area <= MOST_PIXELS:
        return [(crop.box, "fine")]
    found = pieces(trimap, crop.box)
    whole: list[tuple[Box, Quality]] = [(crop.box, "coarse")] if len(found) > 1 else []
    return [*whole, *((piece, "fine") for piece in found)]


def pieces(trimap: Trimap, box: Box) -> list[Box]:
    """Boxes within `box` that hold all its unknown pixels, each small enough for one step, the middle ones first."""
    if box.area <= PIECE_PIXELS:
        return [box]
    found = [
        common(box, Box(b.top + box.top, b.left + box.left, b.bottom + box.top, b.right + box.left))
        for b in unknown_regions(trimap[box.slices], margin=0, largest=PIECE_PIXELS, cells=CELL)
    ]
    middle = ((box.top + box.bottom) / 2, (box.left + box.right) / 2)
    return sorted(found, key=lambda b: np.hypot((b.top + b.bottom) / 2 - middle[0], (b.left + b.right) / 2 - middle[1]))


def with_both_sides(trimap: Trimap, box: Box) -> Box:
    """`box`, extended to the nearest known foreground and to the nearest known background, if it holds none."""
    for kind in (FOREGROUND, BACKGROUND):
        if not (trimap[box.slices] == kind).any():
            box = union(box, around_nearest(trimap, box, kind))
    return box


def around_nearest(trimap: Trimap, box: Box, kind: int) -> Box:
    """REACHED pixels around the pixel of `kind` that is nearest to `box`, or nearly so; empty if there is none.

    If it is far, everything between it and `box` on all sides.
    """
    everything, wide, margin = around(trimap), box, CONTEXT
    while not (found := trimap[wide.slices] == kind).any():
        if wide == everything:
            return EMPTY
        wide, margin = common(grown(box, margin), everything), 2 * margin
    if found.size > FAR_PIXELS:
        return wide
    is_in_box = np.zeros(found.shape, bool)
    is_in_box[moved(box, -wide.left, -wide.top).slices] = True
    away = np.where(found, distance_to(is_in_box), np.inf)
    row, column = map(int, np.unravel_index(away.argmin(), away.shape))
    pixel = moved(Box(row, column, row + 1, column + 1), wide.left, wide.top)
    return common(grown(pixel, REACHED), everything)


def solve_crop(image: Image, trimap: Trimap, solve: Solve, *, most: int) -> Alpha:
    """The alpha of a crop, shrunk to about `most` pixels for the solve if it has more.

    The alpha of a shrunk crop is enlarged along the picture's edges.
    """
    if not (trimap == UNKNOWN).any() or not ((trimap == FOREGROUND).any() and (trimap == BACKGROUND).any()):
        return rough_alpha(trimap)
    scale = min(1.0, float(np.sqrt(most / trimap.size)))
    if scale == 1.0:
        return solve(np.ascontiguousarray(image), trimap)
    size = max(8, round(trimap.shape[0] * scale)), max(8, round(trimap.shape[1] * scale))
    image = np.ascontiguousarray(image)
    shrunk = resize(image, size)
    small = solve(shrunk, shrink_trimap(trimap, size))
    return impose(guided_upsample(small, image, shrunk, radius=NARROW), trimap)
