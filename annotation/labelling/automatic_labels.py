"""Automatic first alphas for the samples still to do, one by one in the background."""

import io
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from annotation.correction.whole_picture import label_apart
from annotation.store import (
    Effort,
    EncodedContent,
    Filter,
    StaleSaveError,
    State,
    Store,
    StoreError,
    count_unlabelled,
    next_sample,
    save_revision,
)
from annotation.store.credits import credited
from matting.arrays import Image
from matting.files import read_image
from matting.solving.progress import reporting_to
from matting.solving.time_left import Pace
from matting.weights import WeightsError
from matting.weights.credit import Credit

log = logging.getLogger(__name__)


class StoppedError(Exception):
    """Labelling was stopped."""


def prelabel(
    store: Store,
    label: Callable[[Image], tuple[EncodedContent, Credit]],
    *,
    go_on: Callable[[], bool] = lambda: True,
    follow: Callable[[int], object] = lambda _: None,
) -> int:
    """Give each sample to do that has no revision the alpha that `label` makes, with trimap and colours; returns how
    many.

    `follow(how many)` is called after each.

    They stay "to do": nobody has looked at them. A sample that somebody saves meanwhile keeps that save.
    """
    done, last = 0, 0
    while go_on() and (sample := next_sample(store, last, Filter(states=[State.TO_DO]))):
        last = sample.id
        if sample.current:
            continue
        image = read_image(io.BytesIO(store.files.get(sample.image)))
        content, credit = label(image)
        effort = Effort(tool="prelabel", **credited([credit]))
        try:
            save_revision(store, sample.id, content, parent=0, effort=effort, keeps_state=True)
            done += 1
            follow(done)
        except StaleSaveError:
            log.info("sample %d was saved by somebody while it was pre-labelled", sample.id)
    return done


class Prelabelling:
    """A run of `prelabel` in its own thread, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._done, self._total = 0, 0
        self._pace = Pace()
        self._problem = ""

    @property
    def words(self) -> str:
        """How far along it is, or how it ended; "" before it was started."""
        counted = f"{self._done} labelled"
        if self.is_running:
            return f"Labelling: {self._pace.words(self._done, self._total)}"
        if self._thread is None:
            return ""
        if self._problem:
            return f"⚠️ {self._problem}; {counted} before that."
        return f"Stopped: {counted}." if self._stop.is_set() else f"Done: {counted}, every sample to do has an alpha."

    @property
    def share(self) -> float:
        """The share that is done, 0 to 1."""
        return self._done / max(1, self._total)

    @property
    def is_running(self) -> bool:
        """Whether it is still running."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, store: Store, model: str) -> None:
        """Start, unless it is already running."""
        with self._lock:
            if not self.is_running:
                self._done, self._total, self._problem = 0, count_unlabelled(store), ""
                self._pace = Pace()
                self._stop.clear()
                self._thread = threading.Thread(target=self._run, args=(store, model), daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Stop within a second: after the current sample, or in the middle of it if its photo is large."""
        self._stop.set()

    def _run(self, store: Store, model: str) -> None:
        def listen(_: float) -> None:
            if self._stop.is_set():
                raise StoppedError

        try:
            with reporting_to(listen), suppress(StoppedError):
                prelabel(store, partial(label_apart, model), go_on=lambda: not self._stop.is_set(), follow=self._follow)
        except (StoreError, ValueError, OSError, WeightsError) as error:
            self._problem = str(error)
            log.warning("pre-labelling stopped: %s", error)

    def _follow(self, done: int) -> None:
        self._done = done
