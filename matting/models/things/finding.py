"""The things of one kind in a photo, one by one: person, cat, car → masks → trimaps → alphas.

NanoDet-g puts a box around each, MobileSAM selects what fills the box, and any model for trimaps works out the edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from matting.arrays import BACKGROUND, FOREGROUND, Alpha, Image, Trimap, check_image
from matting.models.auto.agreed_mask import soft_edged
from matting.models.mobile_sam import Selector
from matting.models.things.detector import find_boxes
from matting.models.things.kinds import check_kind
from matting.solving.box import Box
from matting.trimap import Widths, default_widths, make_trimap


@dataclass(frozen=True)
class Thing:
    """One thing in a photo."""

    kind: str
    score: float
    """How sure the detector is of it, 0 to 1."""
    box: Box
    alpha: Alpha
    """(H, W) float32 in [0, 1]: what it covers, its edge only fitted to the photo's."""


def find_things(image: Image, kind: str) -> list[Thing]:
    """The things of `kind` ("person", "cat" …; see KINDS) in `image` (H, W, 3) uint8, from left to right.

    Raises:
        ValueError: `image` is malformed, or there is no such kind.
        WeightsError: the weights cannot be obtained.
    """
    kind, found = check_kind(kind), []
    boxes = find_boxes(check_image(image), kind)
    if not boxes:
        return []
    selector = Selector(image)
    for each in boxes:
        mask = selector.fill(each.box)
        if mask.any():
            found.append(Thing(kind, each.score, each.box, soft_edged(mask, image)))
    return sorted(found, key=lambda thing: thing.box.left + thing.box.right)


def trimaps_of(things: Sequence[Thing], *, inner: int | None = None, outer: int | None = None) -> list[Trimap]:
    """The trimap of each of `things`; what is surely another one of them is background.

    `inner` and `outer` are the widths of the unknown band inside and outside the edge, in pixels; if they are None,
    they follow from the thing's size.
    """
    alone = []
    for thing in things:
        alone.append(make_trimap(thing.alpha, default_widths(thing.alpha, inner=inner, outer=outer)))
    trimaps = []
    for index, thing in enumerate(things):
        trimap = alone[index]
        for other in alone[:index] + alone[index + 1 :]:
            trimap = _without(trimap, thing.alpha, other)
        trimaps.append(trimap)
    return trimaps


def trimap_beside(alpha: Alpha, others: Alpha | None, widths: Widths) -> Trimap:
    """The trimap of a thing's `alpha` (H, W); what is surely of the `others`, (H, W) all together, is background."""
    trimap = make_trimap(alpha, widths)
    return trimap if others is None else _without(trimap, alpha, make_trimap(others, widths))


def _without(trimap: Trimap, alpha: Alpha, other: Trimap) -> Trimap:
    """The `trimap` of a thing's `alpha`, with background where the trimap of the `other` is sure."""
    known: Trimap = np.where((other == FOREGROUND) & (alpha < 0.5), BACKGROUND, trimap).astype(np.uint8)
    return known


def joined(alphas: Sequence[Alpha]) -> Alpha:
    """The alpha of all together, (H, W): at each pixel the largest."""
    whole: Alpha = np.maximum.reduce(alphas)
    return whole


def trimaps_by_kind(image: Image, kind: str, *, inner: int | None = None, outer: int | None = None) -> list[Trimap]:
    """The trimap of each thing of `kind` in `image`, from left to right; see `find_things` and `trimaps_of`.

    Raises:
        ValueError: there is none, or as `find_things`.
        WeightsError: as `find_things`.
    """
    things = find_things(image, kind)
    if not things:
        raise ValueError(f"no {check_kind(kind)} was found in the photo")
    return trimaps_of(things, inner=inner, outer=outer)
