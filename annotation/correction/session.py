"""One image being corrected: its strokes, the trimap they make, its alpha, and where that alpha is out of date.

No user interface and no database. One thread at a time: threads that share a session must hold its `lock`.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from threading import RLock
from typing import Literal, TypeAlias

import numpy as np

from annotation.strokes.boxes import EMPTY, around, common, is_empty, union
from annotation.strokes.raster import base_of, bounds, paint, replay, replay_box
from annotation.strokes.retouching import Retouching, is_retouch, spread
from annotation.strokes.stroke import CARRIED, Stroke, counting, seconds_spent
from matting.arrays import FOREGROUND, UNKNOWN, Alpha, Image, Trimap, check_alpha, check_image, check_trimap
from matting.models.base import impose
from matting.solving.box import Box
from matting.trimap import unknown_share

UNSOLVED = 0.5
"""The alpha shown before anything is solved."""

Quality: TypeAlias = Literal["coarse", "fine", "idle"]
"""coarse: to be replaced soon; idle: from the outskirts, or from the first pass over the whole picture."""


class Session:
    """`image`, and the trimap that `strokes` make of the `automatic` one. Strokes are only ever added."""

    def __init__(
        self,
        image: Image,
        automatic: Trimap,
        *,
        strokes: Iterable[Stroke] = (),
        starts: Mapping[str, Trimap] | None = None,
        alpha: Alpha | None = None,
    ) -> None:
        """`starts` holds the trimaps that "start" strokes name.

        `alpha`, if known, belongs to the automatic trimap; the carried strokes have already changed it.
        """
        self.image = check_image(image)
        self.automatic = check_trimap(automatic, image.shape[:2])
        self.starts = dict(starts or {})
        self.strokes = list(strokes)
        self.trimap = replay(self.automatic, self.strokes, self.starts)
        self.lock = RLock()
        self.solved = rough_alpha(self.trimap)
        """The solver's alpha, (H, W) float32."""
        if alpha is not None:
            self.solved = impose(check_alpha(alpha, image.shape[:2]), self.trimap)
        is_carried = alpha is not None and any(stroke.author == CARRIED for stroke in self.strokes)
        self.has_carried = (np.ones if is_carried else np.zeros)(self.trimap.shape, bool)
        """Where `solved` is still the alpha that the carried strokes have changed, (H, W) bool."""
        self.retouching = Retouching(self.image)
        self.alpha = self.solved
        """The same after the strokes that change the alpha itself; without such strokes, the same array."""
        self.retouch(around(self.trimap))
        self.fresh: Box = EMPTY
        """What has changed since the last re-solve; see annotation.correction.resolving."""
        self.waiting: list[tuple[Box, Quality]] = []
        """Boxes whose alpha is still only approximate, each with the quality it will have."""
        self.outskirts: Box = around(self.trimap)
        """What is to be solved again when nobody paints."""

    def add(self, stroke: Stroke) -> Box:
        """Add one stroke; the box of pixels it may have changed.

        Raises:
            ValueError: an undo or redo names a missing stroke, or a "start" names a missing trimap.
        """
        self.check_target(stroke)
        before = counting(self.strokes)
        self.strokes.append(stroke)
        previous = self.trimap[self.place(stroke).slices].copy() if stroke.does else None
        if stroke.kind in ("undo", "redo", "start"):
            box = self.switch(stroke, before)
        else:
            box = paint(self.trimap, stroke, base_of(self.automatic, before, self.starts))
        if is_empty(box):
            return box
        if previous is None or not np.array_equal(previous, self.trimap[box.slices]):
            self.fresh = union(self.fresh, box)
        return self.show(box, self.solved[box.slices])

    def place(self, stroke: Stroke) -> Box:
        """The box of pixels that a brush or polygon can paint."""
        if stroke.kind not in ("brush", "polygon"):
            return EMPTY
        box = common(bounds(stroke), around(self.trimap))
        return EMPTY if is_empty(box) else box

    def put(self, box: Box, solved: Alpha) -> Box:
        """Take the solver's alpha `solved` (h, w) for `box`; the box of pixels whose alpha may have changed."""
        self.has_carried[box.slices] = False
        return self.show(box, solved)

    def show(self, box: Box, solved: Alpha) -> Box:
        """Like `put`, for an alpha that no solver gave: it stands in for an answer, or is already there."""
        self.solved[box.slices] = impose(solved, self.trimap[box.slices])
        return self.retouch(box)

    def retouch(self, box: Box) -> Box:
        """Apply the retouching strokes again after a change in `box`; the box in which the alpha may have changed."""
        paints = counting(self.strokes)
        if not any(map(is_retouch, paints)):
            self.alpha = self.solved
            return box
        if self.alpha is self.solved:
            self.alpha = self.solved.copy()
        box = common(spread(paints, box), around(self.trimap))
        retouched = self.retouching.retouched(self.solved, paints, box, has_carried=self.has_carried)
        self.alpha[box.slices] = impose(retouched, self.trimap[box.slices])
        return box

    def finished(self, solved: Alpha, paints: Sequence[Stroke], trimap: Trimap) -> Alpha:
        """A solver's answer to the whole picture, `solved` (H, W), with the strokes `paints` applied to it."""
        return impose(self.retouching.retouched(solved, paints, around(trimap)), trimap)

    def check_target(self, stroke: Stroke) -> None:
        """Raise ValueError unless what `stroke` refers to exists."""
        if stroke.kind == "start":
            if stroke.target not in self.starts:
                raise ValueError(f"stroke {stroke.id} starts from a trimap {stroke.target!r} that is not stored")
            check_trimap(self.starts[stroke.target], self.image.shape[:2])
        elif stroke.kind in ("undo", "redo") and stroke.target not in {
            earlier.id for earlier in self.strokes if earlier.kind not in ("undo", "redo")
        }:
            raise ValueError(f"{stroke.kind} {stroke.id} names stroke {stroke.target!r}, which does not exist")

    def switch(self, stroke: Stroke, before: list[Stroke]) -> Box:
        """Make the trimap again after an undo, redo or "start"; only in the switched stroke's box if that is enough."""
        after = counting(self.strokes)
        switched = {paint.id for paint in before} ^ {paint.id for paint in after}
        changed = [paint for paint in (*before, *after) if paint.id in switched]
        if not changed:
            return EMPTY
        if stroke.kind == "start" or any(paint.kind in ("island", "start") for paint in changed + after):
            previous = self.trimap
            self.trimap = replay(self.automatic, self.strokes, self.starts)
            painted = [self.place(paint) for paint in changed if any(map(is_retouch, self.strokes))]
            return reduce(union, painted, difference(previous, self.trimap))
        box = self.place(changed[0])
        if not is_empty(box):
            self.trimap[box.slices] = replay_box(self.automatic, after, box)
        return box

    @property
    def unknown_share(self) -> float:
        """The share of pixels still unknown, 0 to 1."""
        return unknown_share(self.trimap)

    @property
    def seconds(self) -> float:
        """Time spent painting, pauses over 30 seconds left out."""
        return seconds_spent(self.strokes)

    @property
    def stroke_count(self) -> int:
        """The number of strokes that count, without undone ones."""
        return len(counting(self.strokes))


def rough_alpha(trimap: Trimap) -> Alpha:
    """The alpha to show before anything is solved: 0, 1, and ½ where unknown."""
    alpha: Alpha = (trimap == FOREGROUND).astype(np.float32)
    alpha[trimap == UNKNOWN] = UNSOLVED
    return alpha


def difference(before: Trimap, after: Trimap) -> Box:
    """The smallest box outside which both are equal."""
    changed = before != after
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if not len(rows):
        return EMPTY
    return Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
