"""One person's visit: a dataset and files of its own in a folder of its own, which is removed in the end."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from threading import RLock
from time import time

from annotation.store import Store, StoreError, open_store
from annotation.visits.limits import Limits
from annotation.visits.meter import Meters

OVER = "Your visit is over, and its pictures are erased. Reload the page to begin anew."
_CURRENT: ContextVar["Visit | None"] = ContextVar("visit", default=None)


class VisitOverError(StoreError):
    """Nothing is kept for this visit any more."""

    def __init__(self) -> None:
        super().__init__(OVER)


class Visit:
    """What belongs to one visitor. Its folder is made when there is something to keep."""

    def __init__(self, folder: Path, scratch: Path, limits: Limits) -> None:
        """`folder` is for what survives a restart, `scratch` for what only the running app needs."""
        self.folder, self.scratch, self.limits = folder, scratch, limits
        self.used = time()
        """When the visitor last did something, in seconds since 1970."""
        self.is_over = False
        self.files: set[Path] = set()
        """The files outside of the folder that the visitor gave or was shown."""
        self.live_seconds = 0.0
        self.ends: set[Callable[[], None]] = set()
        """Each ends a connection of the visitor."""
        self.running = 0
        self.changing = RLock()
        self._store: Store | None = None
        self._meters = Meters()

    @property
    def name(self) -> str:
        """What tells it apart from others, in names of files and queues; not its secret."""
        return self.folder.name

    @property
    def store(self) -> Store:
        """The visit's dataset; VisitOverError once everything is erased."""
        with self.changing:
            self.check_open()
            if self._store is None:
                self._store = open_store(self.folder, database=f"sqlite:///{self.folder / 'dataset.db'}",
                                         files=str(self.folder / "files"))  # fmt: skip
            return self._store

    @property
    def has_store(self) -> bool:
        """Whether the dataset was opened since the app started."""
        return self._store is not None

    def scratch_home(self) -> Path:
        """The scratch folder, made if it is not there; VisitOverError once everything is erased."""
        with self.changing:
            self.check_open()
            self.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
            return self.scratch

    def check_open(self) -> None:
        """VisitOverError once everything is erased."""
        if self.is_over:
            raise VisitOverError

    def touch(self) -> None:
        """The visitor does something."""
        self.used = time()

    def close(self) -> None:
        """Let go of the dataset; from now on nothing is kept for the visit."""
        with self.changing:
            self.is_over = True
            if self._store is not None:
                self._store.close()
        for end in list(self.ends):
            end()

    def wait_for(self, name: str) -> float:
        """Count one more of what the limit `name` counts: 0 if it is allowed, else the seconds until it is."""
        return self._meters.wait_for(name, getattr(self.limits, name))

    def charge(self, name: str) -> None:
        """Count once what the limit `name` bounds by minute or hour; LimitError if it is reached."""
        if self.wait_for(name):
            raise self.limits.reached(name)

    def check(self, name: str, wanted: float) -> None:
        """LimitError if `wanted` is more than the limit `name`."""
        if wanted > getattr(self.limits, name):
            raise self.limits.reached(name)

    def check_disk(self, more_bytes: int = 0) -> None:
        """LimitError if the visit keeps as much as it may, or would with `more_bytes`."""
        if self.disk_bytes() + more_bytes > 1e6 * self.limits.disk_megabytes:
            raise self.limits.reached("disk_megabytes")

    def disk_bytes(self) -> int:
        """What the visit keeps on the disk."""
        return sum(map(size_of, [*files_below(self.folder), *files_below(self.scratch), *list(self.files)]))

    def spend_live(self, seconds: float) -> None:
        """Count seconds of Live; LimitError if they are used up."""
        self.live_seconds += seconds
        self.check("live_minutes", self.live_seconds / 60)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Inside, one more thing is worked on for the visitor; LimitError if there are too many."""
        with self.changing:
            self.check("solves_at_once", self.running + 1)
            self.running += 1
        try:
            yield
        finally:
            with self.changing:
                self.running -= 1


def size_of(path: Path) -> int:
    """Bytes of a file; 0 if there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below `folder`, while others may come and go."""
    return (Path(place) / name for place, _, names in os.walk(folder) for name in names)


def current() -> Visit | None:
    """The visit that the running request, event or connection belongs to; None when the app is not a demo."""
    return _CURRENT.get()


def charge(name: str) -> None:
    """See Visit.charge, of the current visit; nothing if there is none."""
    if visit := current():
        visit.charge(name)


def check(name: str, wanted: float) -> None:
    """See Visit.check, of the current visit; nothing if there is none."""
    if visit := current():
        visit.check(name, wanted)


@contextmanager
def working() -> Iterator[None]:
    """See Visit.working, of the current visit; nothing if there is none."""
    visit = current()
    if visit is None:
        yield
        return
    with visit.working():
        yield


@contextmanager
def inside(visit: Visit | None) -> Iterator[None]:
    """Inside, `visit` is the current one."""
    token = _CURRENT.set(visit)
    try:
        yield
    finally:
        _CURRENT.reset(token)
