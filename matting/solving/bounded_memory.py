"""Solving a picture of any size, however much of it is unknown, in bounded memory.

Unknown pixels near known ones are solved region by region (regions.py). Pixels further away than a region may reach are
first solved in a small copy of the picture. Where the copy is sure, the regions around take its answer as known. Where
it is unsure, and nothing sure is near, its alpha is enlarged along the photo's edges. While a large picture is solved,
a watcher sees the small copy's alpha first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Image, Trimap
from matting.resize import resize
from matting.solving.box import Box
from matting.solving.guided_upsampling import guided_upsample
from matting.solving.partial_results import Piece, is_watched, show
from matting.solving.progress import SHARE_AT_BEGINNING, report
from matting.solving.region_by_region import solve_regions
from matting.solving.regions import unknown_regions
from matting.trimap import Widths, make_trimap, shrink_trimap

Solve: TypeAlias = Callable[[Image, Trimap, Box], NDArray[np.floating[Any]]]
"""(image, trimap, box) → the alpha of the box, computed from that box alone."""

BUDGET, LEAST = 1.4e9, 0.8e9
"""Bytes that one region and the whole picture's arrays may take together, and bytes that a region may always take."""
ARRAYS = 18
"""Bytes per pixel of the whole picture's arrays."""
WHOLE = 1.8e9
"""Bytes that a picture solved whole may take: it is small, and so are its arrays."""
FIRST_LOOK_PIXELS = 400_000
"""Pixels of the small copy that a watcher sees first; there is none if all regions have under WORTH times as many."""
WORTH = 4
BAND = Widths(2, 2)
"""Pixels from an edge of the small copy's alpha within which the copy is not trusted."""


@dataclass(frozen=True)
class Needs:
    """What a solver needs from its regions."""

    known_bytes: float
    """Bytes per known pixel of a region at the peak of a solve, as measured; see docs/log/solvers.md."""
    unknown_bytes: float
    """The same per unknown pixel."""
    known_cost: float
    """Time that a known pixel takes, as a multiple of an unknown one's."""
    margin: int = 64
    """Pixels of context around the unknown ones; chosen with benchmarks/solvers.py."""
    largest: float = 500_000
    """The most unknown pixels of a region, so that none takes too long; known ones count by their share of memory."""
    at_once: int = 1
    """Regions solved at the same time, each on one core; they share the memory."""

    def memory(self, trimap: Trimap) -> float:
        """Bytes that solving all of `trimap` at once takes."""
        unknown = np.count_nonzero(trimap == UNKNOWN)
        return self.known_bytes * (trimap.size - unknown) + self.unknown_bytes * unknown

    def boxes(self, trimap: Trimap) -> list[Box]:
        """Regions of `trimap`, each within its share of memory; one may have no known fore- or background."""
        return unknown_regions(
            trimap,
            margin=self.margin,
            known_cost=self.known_cost,
            known_load=self.known_bytes / self.unknown_bytes,
            largest=min(self.largest, region_bytes(trimap) / self.at_once / self.unknown_bytes),
            with_both=True,
        )


def on_crops(solve: Callable[[Image, Trimap], Alpha]) -> Solve:
    """A solver of whole pictures, turned into one that solves a box of a picture."""
    return lambda image, trimap, box: solve(image[box.slices], trimap[box.slices])


def region_bytes(trimap: Trimap) -> float:
    """Bytes that one region of `trimap` may take."""
    return max(LEAST, BUDGET - ARRAYS * trimap.size)


def solve_bounded(image: Image, trimap: Trimap, solve: Solve, needs: Needs) -> Alpha:
    """The alpha (H, W) of `image` (H, W, 3); its `trimap` (H, W) must hold known foreground and known background.

    Each finished region is reported through matting.solving.progress.
    """
    report(SHARE_AT_BEGINNING)
    boxes = needs.boxes(trimap)
    far = [box for box in boxes if lacks_a_kind(trimap, box)]
    if not far:
        return solve_regions(
            trimap,
            lambda box: solve(image, trimap, box),
            boxes,
            margin=needs.margin,
            before=first_look(image, trimap, solve, needs, boxes),
            at_once=needs.at_once,
        )
    small, known = shrunk(image, trimap, needs)
    coarse = solved_small(small, known, solve, trimap)
    rough = guided_upsample(coarse, image, small)
    seen = with_sure(trimap, coarse, far, [box for box in boxes if box not in far])

    boxes = needs.boxes(seen)
    still_far = {box for box in boxes if lacks_a_kind(seen, box)}

    def see(box: Box) -> NDArray[np.floating[Any]]:
        return rough[box.slices] if box in still_far else solve(image, seen, box)

    return solve_regions(
        seen,
        see,
        boxes,
        margin=needs.margin,
        cost=lambda box: 0 if box in still_far else box.area,
        before=coarse.size,
        at_once=needs.at_once,
    )


def lacks_a_kind(trimap: Trimap, box: Box) -> bool:
    """Whether `box` holds no known foreground or no known background."""
    held = trimap[box.slices]
    return not ((held == FOREGROUND).any() and (held == BACKGROUND).any())


def first_look(image: Image, trimap: Trimap, solve: Solve, needs: Needs, boxes: list[Box]) -> int:
    """Show a watcher the alpha of a small copy, if `boxes` will take much longer; the copy's pixels, 0 for no copy."""
    if not is_watched() or sum(box.area for box in boxes) < WORTH * FIRST_LOOK_PIXELS:
        return 0
    small, known = shrunk(image, trimap, needs, most=FIRST_LOOK_PIXELS)
    if not (known == UNKNOWN).any() or lacks_a_kind(known, Box(0, 0, *known.shape)):  # thin parts are lost
        return 0
    solved_small(small, known, solve, trimap)
    return known.size


def solved_small(small: Image, known: Trimap, solve: Solve, trimap: Trimap) -> Alpha:
    """The alpha (h, w) of a `small` copy (h, w, 3) of the picture with `trimap`; a watcher sees it."""
    alpha = solve(small, known, Box(0, 0, *known.shape)).astype(np.float32)
    alpha = np.clip(np.nan_to_num(alpha, nan=0.5), 0, 1)
    show(Piece(Box(0, 0, *trimap.shape), alpha))
    return alpha


def shrunk(image: Image, trimap: Trimap, needs: Needs, *, most: float = np.inf) -> tuple[Image, Trimap]:
    """(image, trimap), shrunk until the whole picture fits one region's share of memory; no known pixel is lost."""
    bytes_wanted = min(region_bytes(trimap), needs.largest * needs.unknown_bytes)
    scale = min(1.0, float(np.sqrt(min(bytes_wanted / needs.memory(trimap), most / trimap.size))))
    size = max(1, int(trimap.shape[0] * scale)), max(1, int(trimap.shape[1] * scale))
    return resize(image, size), shrink_trimap(trimap, size)


def with_sure(trimap: Trimap, coarse: Alpha, far: list[Box], near: list[Box]) -> Trimap:
    """`trimap`; inside boxes `far` and outside boxes `near`, what the small alpha `coarse` is sure of is known, too."""
    may_change = np.zeros(trimap.shape, bool)
    for boxes, value in ((far, True), (near, False)):
        for box in boxes:
            may_change[box.slices] = value
    may_change &= trimap == UNKNOWN
    seen = trimap.copy()
    seen[may_change] = resize(make_trimap(coarse, BAND), (trimap.shape[0], trimap.shape[1]), smooth=False)[may_change]
    return seen
