"""All visits: begun, found by their secret, erased at once or after some time without use."""

import hashlib
import logging
import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from pathlib import Path
from threading import Event, RLock, Thread
from time import time

from annotation.visits.limits import Limits
from annotation.visits.visit import Visit, files_below, inside

SWEEP_SECONDS = 30.0
"""Seconds between two looks for visits that are over."""
STRAY_SECONDS = 60.0
"""Seconds without a change after which a file that was never shown to anybody is removed, such as a broken upload."""
MAX_VISITS = 5000
"""Visits remembered at once; with more, those that keep nothing are forgotten first."""

log = logging.getLogger(__name__)


class Visits:
    """The visits whose folders lie in `home`. Those that a restart interrupted go on."""

    def __init__(self, home: Path, scratch: Path, cache: Path, limits: Limits) -> None:
        """`scratch` is for what only the running app needs, `cache` for the page's uploads and what it shows."""
        self.home, self.scratch, self.cache, self.limits = home, scratch, cache, limits
        self.ending: list[Callable[[Visit], None]] = []
        """Each ends what runs for a visit, before it is erased."""
        self.open: dict[str, Visit] = {}
        self.owners: dict[str, Visit] = {}
        """The owner of each name: of a page, an upload, an event."""
        self.public: frozenset[Path] = frozenset()
        """The files of the cache that are everybody's, such as the examples."""
        self.changing = RLock()
        self.stopped = Event()
        for folder in home.glob("*"):
            visit = self.visit(folder.name)
            visit.used = folder.stat().st_mtime
            self.open[folder.name] = visit

    def start(self) -> None:
        """From now on, erase what has not been used for too long. What is already in the cache is everybody's."""
        self.public = frozenset(path.resolve() for path in files_below(self.cache))
        Thread(target=self._keep_sweeping, name="visits", daemon=True).start()

    def begin(self) -> tuple[str, Visit]:
        """A new visit, and the secret that proves it."""
        secret = secrets.token_urlsafe(32)
        visit = self.visit(name_of(secret))
        with self.changing:
            if len(self.open) >= MAX_VISITS:
                self._forget_empty()
            self.open[visit.name] = visit
        return secret, visit

    def visit(self, name: str) -> Visit:
        """A visit of that name, not listed yet."""
        return Visit(self.home / name, self.scratch / name, self.limits)

    def find(self, secret: str) -> Visit | None:
        """The visit that `secret` proves; None if there is none or it is over."""
        with self.changing:
            return self.open.get(name_of(secret)) if secret else None

    def owns(self, visit: Visit, kind: str, name: str) -> bool:
        """Whether the page, upload or event of that name is the visit's.

        A browser names its pages and uploads: the first that uses a name has it. The app names events.
        """
        with self.changing:
            if kind == "event":
                return self.owners.get(f"event {name}") is visit
            return self.owners.setdefault(f"{kind} {name}", visit) is visit

    def give_event(self, visit: Visit, name: str) -> None:
        """The app has begun the event of that name for the visit."""
        with self.changing:
            self.owners[f"event {name}"] = visit

    def owned(self, visit: Visit, kind: str) -> list[str]:
        """The names of that kind that belong to the visit."""
        with self.changing:
            names = [name for name, owner in self.owners.items() if owner is visit]
        return [name.removeprefix(f"{kind} ") for name in names if name.startswith(f"{kind} ")]

    def claim(self, visit: Visit, path: Path) -> None:
        """A file of the cache belongs to the visit; it is removed at once if the visit is over."""
        file = path.resolve()
        if file in self.public or not file.is_relative_to(self.cache.resolve()):
            return
        with self.changing:
            visit.files.add(file)
            if visit.is_over:
                self._remove_files(visit)

    def may_see(self, visit: Visit, path: Path) -> bool:
        """Whether the file of the cache is the visit's or everybody's."""
        file = path.resolve()
        return file in self.public or file in visit.files

    def erase(self, visit: Visit) -> None:
        """Remove everything of the visit from the disk, and end what runs for it."""
        with inside(visit):
            for end in self.ending:
                end(visit)
        visit.close()
        with self.changing:
            self.open.pop(visit.name, None)
            self.owners = {name: owner for name, owner in self.owners.items() if owner is not visit}
            self._remove_files(visit)
        for folder in (visit.folder, visit.scratch):
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self) -> None:
        """Erase the visits that are over, and what late work left behind for visits already erased."""
        now = time()
        for visit in list(self.open.values()):
            if visit.used < now - 60 * self.limits.kept_minutes:
                self.erase(visit)
            elif visit.folder.exists():
                note_use(visit)
        for folder in chain(self.home.glob("*"), self.scratch.glob("*")):
            if folder.name not in self.open:
                shutil.rmtree(folder, ignore_errors=True)
        kept = {file for visit in list(self.open.values()) for file in list(visit.files)} | self.public
        for path in files_below(self.cache):
            if path.resolve() not in kept and is_older(path, now - STRAY_SECONDS):
                self._remove(path)

    def _keep_sweeping(self) -> None:
        while not self.stopped.wait(SWEEP_SECONDS):
            try:
                self.sweep()
            except Exception:
                log.exception("could not erase what is over")

    def _remove_files(self, visit: Visit) -> None:
        """Remove the visit's files, except those that are another visitor's too: the same photo, given twice."""
        others = {file for other in self.open.values() if other is not visit for file in other.files}
        for file in visit.files - others:
            self._remove(file)
        visit.files.clear()

    def _remove(self, path: Path) -> None:
        """Remove a file of the cache, and the folder it leaves empty."""
        path.unlink(missing_ok=True)
        if path.parent != self.cache.resolve():
            with suppress(OSError):
                path.parent.rmdir()

    def _forget_empty(self) -> None:
        for visit in sorted(self.open.values(), key=lambda one: one.used)[: MAX_VISITS // 10]:
            if not visit.folder.exists() and not visit.files:
                self.open.pop(visit.name)


def name_of(secret: str) -> str:
    """The name of a visit's folder; who reads it does not learn the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()[:32]


def note_use(visit: Visit) -> None:
    """Record when the visit was last used, so that it is known after a restart."""
    os.utime(visit.folder, (visit.used, visit.used))


def is_older(path: Path, moment: float) -> bool:
    """Whether the file last changed before `moment` (not st_mtime: a copy can carry its original's)."""
    try:
        return path.stat().st_ctime < moment
    except OSError:
        return False
