"""The drafts open on this server: loaded from the store, shared by browser tabs, re-solved by two threads.

A stroke is stored before it is published. All browser tabs of a draft get the strokes in the order of their numbers.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from io import BytesIO
from threading import Condition, Lock, Thread
from time import monotonic, time
from typing import Any
from weakref import WeakValueDictionary

from annotation.correction.open_draft import Lacking, Listener, OpenDraft, Painted, Tabs, in_turn, is_fresh, is_rough
from annotation.correction.resolving import Patch, Solve, answer, refine
from annotation.correction.selecting import select
from annotation.correction.session import Session
from annotation.correction.uncertainty import find_unsure
from annotation.store import Drafts
from annotation.store.adding import persistently
from annotation.store.appearances import pixels_digest
from annotation.store.credits import to_text
from annotation.store.tables.drafts import Draft
from annotation.strokes.stroke import Stroke
from annotation.visits.visit import current
from matting.arrays import UNKNOWN, Alpha, Image, Trimap, check_trimap, to_uint8, to_uint16
from matting.files import encode_image, read_alpha, read_image, read_trimap
from matting.models.base import missing
from matting.models.mobile_sam import Point
from matting.resize import resize, within
from matting.weights.credit import Credit

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
"""Seconds without a stroke after which slower work may begin."""
LACKING = "No {} is known yet, so the edge cannot be worked out: paint some, a stroke is enough."
LARGE_PIXELS = 16_000_000
"""Pixels above which photos are loaded one at a time: several would not fit into memory together."""
KEPT_WITHOUT_TABS = 2
"""The number of drafts kept in memory after their last browser tab has left, so that a reload is quick."""


class Workspace:
    """All open drafts, and two threads that re-solve them: one answers strokes, the other refines the answers."""

    def __init__(self, drafts: Drafts, solve: Solve) -> None:
        self.drafts = drafts
        self.solve = solve
        self.open_drafts: dict[str, OpenDraft] = {}
        self.loading: WeakValueDictionary[str, Lock] = WeakValueDictionary()
        """A lock for each draft that is being loaded, so that other drafts need not wait."""
        self.loading_large = Lock()
        self.changed = Condition()
        self.threads: list[Thread] = []

    def begin(
        self,
        image: Image,
        automatic: Trimap,
        *,
        name: str,
        file: bytes = b"",
        alpha: Alpha | None = None,
        answers: Sequence[Credit] = (),
        base: int | None = None,
        sample: int | None = None,
    ) -> str:
        """Make a draft of `image` and its `automatic` trimap; the draft's id. `file` is the image's own file, if any.

        `answers` led to the trimap and `alpha`. `sample` and `base` are the sample and revision they come from, if any.
        """
        check_trimap(automatic, image.shape[:2])
        if visit := current():
            visit.check("photo_megapixels", image.shape[0] * image.shape[1] / 1e6)
            visit.check("open_drafts", self.drafts.count_unfinished() + 1)
            visit.check_disk(image.nbytes)
        size = (image.shape[0], image.shape[1])
        return self.drafts.begin(
            name=name,
            image=file or encode_image(image, ".png"),
            automatic=encode_image(automatic, ".png"),
            alpha=b"" if alpha is None else encode_image(to_uint16(alpha), ".png"),
            thumbnail=encode_image(resize(image, within(size, 320)), ".jpg"),
            size=size,
            answers=to_text(answers),
            pixels=pixels_digest(image),
            base=base,
            sample=sample,
        )

    def open(self, draft_id: str, secret: str) -> OpenDraft:
        """The draft, loaded if necessary; NotYoursError unless `secret` is its owner's."""
        draft = self.drafts.open(draft_id, secret)
        with self.changed:
            loading = self.loading.setdefault(draft_id, Lock())
        with loading:
            found = self.known(draft_id)
            if found is None:
                found = OpenDraft(draft, self.load_in_turn(draft), used=monotonic())
                with self.changed:
                    self.open_drafts[draft_id] = found
        self.forget_unused()
        return found

    def known(self, draft_id: str) -> OpenDraft | None:
        """The draft, if it is in memory; it then stays there for a while."""
        with self.changed:
            found = self.open_drafts.get(draft_id)
            if found is not None:
                found.used = monotonic()
            return found

    def load_in_turn(self, draft: Draft) -> Session:
        """Like `load`, but with large photos one at a time. Smaller ones do not wait for them."""
        with self.loading_large if draft.width * draft.height > LARGE_PIXELS else nullcontext():
            return self.load(draft)

    def load(self, draft: Draft) -> Session:
        """The session of a stored draft, its strokes replayed."""
        strokes = self.drafts.strokes(draft.id)
        starts = {stroke.target: self.read_start(stroke.target) for stroke in strokes if stroke.kind == "start"}
        alpha = read_alpha(BytesIO(self.drafts.files.get(draft.alpha))) if draft.alpha else None
        image = read_image(BytesIO(self.drafts.files.get(draft.image)))
        return Session(image, self.read_start(draft.automatic), strokes=strokes, starts=starts, alpha=alpha)

    def read_start(self, name: str) -> Trimap:
        """The stored trimap `name`."""
        return read_trimap(BytesIO(self.drafts.files.get(name)))

    def forget_unused(self) -> None:
        """Drop the drafts that no browser tab has open or asked for within a minute. They stay in the store."""
        with self.changed:
            unused = [
                draft for draft in self.open_drafts.values() if not draft.listeners and monotonic() - draft.used > 60
            ]
            unused.sort(key=lambda draft: draft.used, reverse=True)
            for open_draft in unused[KEPT_WITHOUT_TABS:]:
                del self.open_drafts[open_draft.stored.id]

    def forget(self, draft_ids: Iterable[str]) -> None:
        """Drop these drafts from memory, open or not."""
        with self.changed:
            for draft_id in draft_ids:
                self.open_drafts.pop(draft_id, None)

    def join(self, open_draft: OpenDraft, tab: str, listener: Listener) -> None:
        """Send all news of the draft to `listener` from now on. All browser tabs get their new number."""
        with open_draft.session.lock:
            open_draft.listeners[tab] = listener
            if open_draft.unsure is not None:
                listener(open_draft.unsure)
            open_draft.publish(Tabs(len(open_draft.listeners)))
        with self.changed:
            self.start_threads()
            self.changed.notify_all()

    def leave(self, open_draft: OpenDraft, tab: str) -> None:
        """Note that a browser tab is gone."""
        with open_draft.session.lock:
            open_draft.listeners.pop(tab, None)
            open_draft.used = monotonic()
            open_draft.publish(Tabs(len(open_draft.listeners)))

    def paint(self, open_draft: OpenDraft, stroke: Stroke, tab: str) -> int:
        """Store `stroke`, paint it and publish it; its number. One sent again is only acknowledged to its browser tab.

        Raises:
            ValueError: it refers to something that does not exist.
            StoreError: it could not be stored, so it does not count.
        """
        with open_draft.session.lock:
            open_draft.session.check_target(stroke)
            number, is_new = self.drafts.append(open_draft.stored.id, stroke)
            if is_new:
                box = open_draft.session.add(stroke)
                open_draft.painted = monotonic()
            news = Painted(stroke, number, tab)
            if is_new:
                open_draft.publish(news)
                open_draft.publish_alpha(box)
            elif tab in open_draft.listeners:
                open_draft.listeners[tab](news)
        with self.changed:
            self.changed.notify_all()
        return number

    def select(self, open_draft: OpenDraft, stroke_id: str, tab: str) -> int:
        """Put a new automatic trimap of what the strokes mark below them; the number of the stroke that records it.

        If it is requested twice, it is made once.

        Raises:
            ValueError: there is no foreground stroke.
        """
        with open_draft.session.lock:
            strokes = list(open_draft.session.strokes)
        if known := stroke_named(strokes, stroke_id):
            return self.paint(open_draft, known, tab)
        return self.start_over(open_draft, select(open_draft.session.image, strokes), stroke_id, tab)

    def start_over(
        self, open_draft: OpenDraft, trimap: Trimap, stroke_id: str, tab: str, *, click: Point | None = None
    ) -> int:
        """Put a new automatic `trimap` below the strokes; the number of the stroke that records it, and its `click`."""
        fields: dict[str, Any] = {"time": round(time() * 1000)}
        if click:
            fields |= {"label": "foreground" if click.is_foreground else "background", "points": (click[:2],)}

        def attempt() -> int:
            name = self.drafts.files.put(encode_image(trimap, ".png"))
            with open_draft.session.lock:
                open_draft.session.starts[name] = trimap
                return self.paint(open_draft, Stroke(stroke_id, "start", target=name, **fields), tab)

        return persistently(attempt)

    def start_threads(self) -> None:
        """Begin re-solving in the background."""
        if not self.threads:
            for do, is_urgent in ((self.answer, is_fresh), (self.refine, is_rough)):
                self.threads.append(Thread(target=self.work_on, args=(do, is_urgent), name=do.__name__, daemon=True))
                self.threads[-1].start()

    def work_on(self, do: Callable[[OpenDraft], bool], is_urgent: Callable[[OpenDraft], bool]) -> None:
        """For ever, call `do` for the drafts that somebody has open, urgent ones first; sleep when idle."""
        while True:
            with self.changed:
                looked_at = [open_draft for open_draft in self.open_drafts.values() if open_draft.listeners]
            if not any(map(do, in_turn(looked_at, is_urgent, do.__name__))):
                with self.changed:
                    if not any(map(is_urgent, looked_at)):
                        self.changed.wait(timeout=IDLE_SECONDS / 2)

    def answer(self, open_draft: OpenDraft) -> bool:
        """Publish the first new alpha after a stroke; whether there was anything to do."""
        return self.publish_patch(open_draft, lambda: answer(open_draft.session, self.solve))

    def refine(self, open_draft: OpenDraft) -> bool:
        """Publish one more piece of a draft's alpha; whether there was anything to do."""
        is_idle = monotonic() - open_draft.painted > IDLE_SECONDS
        is_done = self.publish_patch(open_draft, lambda: refine(open_draft.session, self.solve, is_idle=is_idle))
        if not is_done and is_idle:
            self.point_out(open_draft)
        return is_done

    def publish_patch(self, open_draft: OpenDraft, make: Callable[[], Patch | None]) -> bool:
        """Publish the patch that `make` gives; whether it gave one."""
        try:
            patch = make()
        except Exception:
            log.exception("could not re-solve draft %s", open_draft.stored.id)
            return False
        if patch is None:
            return False
        with open_draft.session.lock:
            open_draft.publish(patch)
        with self.changed:
            self.changed.notify_all()
        return True

    def point_out(self, open_draft: OpenDraft) -> None:
        """Publish where a stroke helps most, once after the last stroke."""
        session = open_draft.session
        with session.lock:
            number = len(session.strokes)
            if open_draft.unsure_at == number:
                return
            open_draft.unsure_at = number
            alpha, trimap, strokes = session.alpha.copy(), session.trimap.copy(), list(session.strokes)
        if (lacks := missing(trimap)) and (trimap == UNKNOWN).any():
            with session.lock:
                open_draft.publish(Lacking(LACKING.format(lacks)))
        try:
            unsure = find_unsure(session.image, alpha, trimap, self.solve, strokes)
        except Exception:
            log.exception("could not tell where draft %s needs a stroke", open_draft.stored.id)
            return
        with session.lock:
            open_draft.unsure = unsure
            open_draft.publish(unsure)


def stroke_named(strokes: Sequence[Stroke], stroke_id: str) -> Stroke | None:
    """The stroke with that id, if there is one."""
    return next((stroke for stroke in strokes if stroke.id == stroke_id), None)


def alpha_bytes(alpha: Alpha) -> bytes:
    """An alpha in 8 bits, for display."""
    return to_uint8(alpha).tobytes()
