"""A draft in memory, and the news that its browser tabs receive."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from threading import RLock
from time import monotonic
from typing import TypeAlias

from annotation.correction.resolving import Patch
from annotation.correction.session import Session
from annotation.correction.uncertainty import Unsure
from annotation.store.tables.drafts import Draft
from annotation.strokes.boxes import is_empty
from annotation.strokes.retouching import is_retouch
from annotation.strokes.stroke import Stroke
from matting.arrays import Alpha
from matting.models.mobile_sam import Selector
from matting.solving.box import Box
from matting.weights.credit import Credit


@dataclass(frozen=True)
class Painted:
    """A stroke with its number; `tab` is the browser tab in which it was painted."""

    stroke: Stroke
    number: int
    tab: str


@dataclass(frozen=True)
class Tabs:
    """The number of browser tabs that have the draft open."""

    count: int


@dataclass(frozen=True)
class Lacking:
    """Why nothing can be solved yet, as a sentence."""

    reason: str


News: TypeAlias = Painted | Patch | Tabs | Unsure | Lacking
Listener: TypeAlias = Callable[[News], None]


@dataclass(frozen=True)
class Finished:
    """The alpha of the whole picture by `solver` after `strokes` strokes, including undo and redo."""

    solver: str
    strokes: int
    alpha: Alpha
    credit: Credit


@dataclass
class OpenDraft:
    """A draft in memory. Its session's lock guards everything that no other lock guards."""

    stored: Draft
    session: Session
    listeners: dict[str, Listener] = field(default_factory=dict)
    used: float = 0.0
    """When a browser tab last asked for it, by the monotonic clock."""
    painted: float = 0.0
    """When the last stroke came, by the monotonic clock."""
    served: dict[str, float] = field(default_factory=dict)
    """When each thread last checked whether there is work for it here, by the monotonic clock."""
    unsure_at: int = -1
    """The number of strokes when the uncertain places were last published."""
    unsure: Unsure | None = None
    selector: Selector | None = None
    """The photo encoded for clicks, from the first click on; see annotation.correction.clicking."""
    selecting: RLock = field(default_factory=RLock)
    """Held while the photo is encoded or a click is answered, so that each click builds on those before it."""
    finished: Finished | None = None
    finishing: RLock = field(default_factory=RLock)
    """Held while the whole picture is solved."""

    def publish(self, news: News) -> None:
        """Pass `news` to every browser tab."""
        for listener in list(self.listeners.values()):
            listener(news)

    def publish_alpha(self, box: Box) -> None:
        """Send the alpha in `box`, if any stroke changes the alpha itself: the browser cannot work that out."""
        session = self.session
        if any(map(is_retouch, session.strokes)) and not is_empty(box):
            self.publish(Patch(box, session.alpha[box.slices].copy(), "fine", len(session.strokes)))


def is_fresh(open_draft: OpenDraft) -> bool:
    """Whether a stroke is still without its first answer."""
    return not is_empty(open_draft.session.fresh)


def is_rough(open_draft: OpenDraft) -> bool:
    """Whether a stroke has been answered only coarsely."""
    return any(quality != "idle" for _, quality in open_draft.session.waiting[:1])


def in_turn(
    open_drafts: Iterable[OpenDraft], is_urgent: Callable[[OpenDraft], bool], thread: str
) -> Iterator[OpenDraft]:
    """The drafts in the order in which a thread serves them: urgent ones first, then those that have waited longest."""
    for open_draft in sorted(open_drafts, key=lambda one: (not is_urgent(one), one.served.get(thread, 0.0))):
        open_draft.served[thread] = monotonic()
        yield open_draft
