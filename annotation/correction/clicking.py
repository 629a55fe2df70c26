"""Clicks on an object in an open draft: the weights are fetched once a person agrees, and the photo is encoded once.

What a click selects is stored as a trimap, so opening the draft again needs no weights and no computing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from annotation.correction.open_draft import OpenDraft
from annotation.correction.selecting import clicked, select_clicked
from annotation.correction.workspace import Workspace, stroke_named
from annotation.strokes.raster import base_of
from annotation.strokes.stroke import counting
from matting.models.mobile_sam import MOBILE_SAM, Point, Selector
from matting.weights import WEIGHTS, WeightsError, find_weights

State: TypeAlias = Literal["absent", "downloading", "encoding", "ready", "failed"]
"""absent: the weights are not on this machine; encoding: the photo is being encoded."""


@dataclass(frozen=True)
class Readiness:
    """How far a draft is from answering clicks."""

    state: State
    share: float = 0.0
    """The share of a download that is done, 0 to 1."""
    text: str = ""
    """What would be downloaded, or what failed, for people to read."""


OnReadiness: TypeAlias = Callable[[Readiness], None]


def prepare(open_draft: OpenDraft, on_readiness: OnReadiness, *, may_download: bool) -> None:
    """Make `open_draft` ready for clicks and report each state on the way. It takes seconds; a download, minutes."""
    weights = WEIGHTS[MOBILE_SAM]
    if open_draft.selector is None and not weights.is_present:
        if not may_download:
            on_readiness(Readiness("absent", text=f"MobileSAM, {weights.size / 1e6:.0f} MB, {weights.licence}"))
            return
        on_readiness(Readiness("downloading"))
        try:
            find_weights(MOBILE_SAM, lambda _text, share: on_readiness(Readiness("downloading", share)))
        except WeightsError as error:
            on_readiness(Readiness("failed", text=str(error)))
            return
    try:
        encoded(open_draft, on_readiness)
    except (ValueError, WeightsError) as error:
        on_readiness(Readiness("failed", text=str(error)))


def encoded(open_draft: OpenDraft, on_readiness: OnReadiness) -> Selector:
    """The photo of `open_draft`, encoded now if it was not before. `on_readiness` gets "encoding", if so, and "ready".

    Raises:
        ValueError, WeightsError: the weights cannot be read.
    """
    if open_draft.selector is None:
        on_readiness(Readiness("encoding"))
    with open_draft.selecting:
        if open_draft.selector is None:
            open_draft.selector = Selector(open_draft.session.image)
    on_readiness(Readiness("ready"))
    return open_draft.selector


def click(
    workspace: Workspace, open_draft: OpenDraft, stroke_id: str, point: Point, tab: str, on_readiness: OnReadiness
) -> int:
    """Select with one more `point`; the number of the stroke that records it. A click sent twice counts once.

    Raises:
        ValueError: the point is not in the photo, or nothing can be selected with it.
        StoreError: it could not be stored, so it does not count.
        WeightsError: the weights are not on this machine.
    """
    session = open_draft.session
    height, width = session.image.shape[:2]
    if not (0 <= point.x < width and 0 <= point.y < height):
        raise ValueError(f"a click must be in the photo of {width} × {height} pixels, but is at {point.x}, {point.y}")
    if open_draft.selector is None and not WEIGHTS[MOBILE_SAM].is_present:
        raise WeightsError(f"a click needs {WEIGHTS[MOBILE_SAM].file}, which is not here yet")
    selector = encoded(open_draft, on_readiness)
    with open_draft.selecting:
        with session.lock:
            strokes = list(session.strokes)
        if known := stroke_named(strokes, stroke_id):
            return workspace.paint(open_draft, known, tab)
        trimap = select_clicked(selector, [*clicked(strokes), point])
        if np.array_equal(trimap, base_of(session.automatic, counting(strokes), session.starts)):
            raise ValueError("That click changes nothing. Paint what is missing or too much there.")
        return workspace.start_over(open_draft, trimap, stroke_id, tab, click=point)
