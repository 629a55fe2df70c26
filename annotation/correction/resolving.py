"""Re-solving only what a stroke can change: a fast coarse answer, the fine one piece by piece, the outskirts when idle.

A stroke marks its surroundings `fresh`: `answer` solves them coarsely, on a thread of its own, so that it waits for no
older work. `refine` does one bounded piece of that work at a time, and drops a result that a newer stroke overtook.
What is exported is solved as a whole once more, so no result depends on the order of strokes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from annotation.correction.session import Quality, Session, rough_alpha
from annotation.strokes.boxes import EMPTY, around, common, grown, is_empty, union
from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Image, Trimap
from matting.models.base import impose
from matting.resize import resize
from matting.solving.box import Box
from matting.solving.regions import unknown_regions
from matting.trimap import shrink_trimap

Solve: TypeAlias = Callable[[Image, Trimap], Alpha]

REACH = 40
"""How far in pixels a stroke changes the alpha around it at once."""
OUTSKIRTS = 160
"""How far it is looked at again when idle."""
CONTEXT = 64
"""Pixels around a box that its solve sees."""
FIRST_PIXELS = 14_000
"""Pixels of the reduced picture that the first answer is solved in: 0.03 s of one core for the engine."""
MOST_PIXELS = 100_000
"""Pixels that any other step's crop is solved in, context included: 0.14 s. Where both known kinds are only to be seen
in a larger one, what is shown while painting is solved at the size that has no more; what is exported never is."""
CELL = (128,)
"""Side in pixels of the squares that pieces are built from: small, so that a first answer comes soon."""
PIECE_PIXELS = 190**2
"""Pixels that one step of refining aims at, without its context."""


@dataclass(frozen=True)
class Patch:
    """New alpha for a box of the picture, as `number` strokes make it."""

    box: Box
    alpha: Alpha
    quality: Quality
    number: int


def answer(session: Session, solve: Solve) -> Patch | None:
    """The first new alpha after the strokes that have none yet; None when there are no such strokes.

    What they leave to refine is put on the session's list. Its lock is not held while solving.
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
    """The next piece of what is only approximate, as `answer`; None when there is none, or when a stroke changed it.

    Then its result is worth nothing, and it is put back. `is_idle` tells that nobody painted for a moment, so that
    the outskirts may be looked at.
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
    """A `box` of a session to solve, and around it what its solve sees, as both are now."""

    def __init__(self, session: Session, box: Box) -> None:
        self.session, self.box, self.number = session, box, len(session.strokes)
        self.seen = with_both_sides(session.trimap, common(grown(box, CONTEXT), around(session.trimap)))
        self.trimap = session.trimap[self.seen.slices].copy()

    def solved(self, solve: Solve, *, most: int) -> Alpha:
        """The alpha of what is seen, solved in at most about `most` pixels."""
        return solve_crop(self.session.image[self.seen.slices], self.trimap, solve, most=most)

    @property
    def is_outdated(self) -> bool:
        """Whether a stroke changed what was seen."""
        return not np.array_equal(self.trimap, self.session.trimap[self.seen.slices])

    def patch(self, alpha: Alpha, quality: Quality) -> Patch:
        """Put the `alpha` of what is seen into the session, where it is within the box."""
        box, seen = self.box, self.seen
        inner = alpha[box.top - seen.top : box.bottom - seen.top, box.left - seen.left : box.right - seen.left]
        with self.session.lock:
            self.session.alpha[box.slices] = impose(inner, self.session.trimap[box.slices])
            return Patch(box, self.session.alpha[box.slices].copy(), quality, self.number)


def steps(trimap: Trimap, crop: Crop) -> list[tuple[Box, Quality]]:
    """What a coarse answer for `crop` leaves to do: all of it as finely as one step can, then piece by piece."""
    whole: list[tuple[Box, Quality]] = [(crop.box, "coarse")] if crop.seen.area > MOST_PIXELS else []
    return [*whole, *((piece, "fine") for piece in pieces(trimap, crop.box))]


def pieces(trimap: Trimap, box: Box) -> list[Box]:
    """Boxes within `box` that hold all its unknown pixels, each small enough for a step; nearest its middle first."""
    if box.area <= PIECE_PIXELS:
        return [box]
    found = [
        common(box, Box(b.top + box.top, b.left + box.left, b.bottom + box.top, b.right + box.left))
        for b in unknown_regions(trimap[box.slices], margin=0, largest=PIECE_PIXELS, cells=CELL)
    ]
    middle = ((box.top + box.bottom) / 2, (box.left + box.right) / 2)
    return sorted(found, key=lambda b: np.hypot((b.top + b.bottom) / 2 - middle[0], (b.left + b.right) / 2 - middle[1]))


def with_both_sides(trimap: Trimap, box: Box) -> Box:
    """`box`, grown by doubling its margin until it holds known foreground and background, or the whole picture."""
    margin, everything = CONTEXT, around(trimap)
    while box != everything:
        seen = trimap[box.slices]
        if (seen == FOREGROUND).any() and (seen == BACKGROUND).any():
            break
        box = common(grown(box, margin), everything)
        margin *= 2
    return box


def solve_crop(image: Image, trimap: Trimap, solve: Solve, *, most: int) -> Alpha:
    """The alpha of a crop, solved at the size at which no more than about `most` pixels are left."""
    if not (trimap == UNKNOWN).any() or not ((trimap == FOREGROUND).any() and (trimap == BACKGROUND).any()):
        return rough_alpha(trimap)
    scale = min(1.0, float(np.sqrt(most / trimap.size)))
    if scale == 1.0:
        return solve(np.ascontiguousarray(image), trimap)
    size = max(8, round(trimap.shape[0] * scale)), max(8, round(trimap.shape[1] * scale))
    small = solve(resize(np.ascontiguousarray(image), size), shrink_trimap(trimap, size))
    return impose(resize(small, (trimap.shape[0], trimap.shape[1])), trimap)
