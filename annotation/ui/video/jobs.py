"""Where videos are made: a folder for each video with its settings, kept after an interruption to continue from.

The same video with the same settings finds the same folder, from any tab and after a restart.
"""

import hashlib
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Lock
from uuid import uuid4

from annotation.visits.visit import current
from matting.video.rendering import Settings, record

KEPT_SECONDS = 7 * 24 * 3600.0
"""Seconds that unfinished work is kept if nobody continues it."""
ENDING_SECONDS = 60.0
"""Seconds that a cancelled run gets to finish its frame."""

_running: dict[str, Event] = {}
_in_work: defaultdict[Path, Lock] = defaultdict(Lock)


@contextmanager
def job_folder(videos: Path, source: Path, settings: Settings) -> Iterator[Path]:
    """The folder below `videos` in which `source` is made with `settings`, one run at a time; removed on success.

    In a demo it is below the visit's own folder.

    Raises:
        ValueError: another run has been at the same work for a minute.
    """
    if visit := current():
        videos = visit.folder / "videos"
    forget_old(videos)
    folder = videos / hashlib.sha256(record(source, settings).encode()).hexdigest()[:24]
    lock = _in_work[folder]
    if not lock.acquire(timeout=ENDING_SECONDS):
        raise ValueError("This video is already being made in another tab.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.release()


@contextmanager
def stoppable() -> Iterator[tuple[str, Callable[[], bool]]]:
    """(the name of a run, whether `stop` was called with it)."""
    run = uuid4().hex
    _running[run] = Event()
    try:
        yield run, _running[run].is_set
    finally:
        del _running[run]


def stop(run: str | None) -> None:
    """Let the run of that name end soon; nothing happens if it has ended."""
    if event := _running.get(run or ""):
        event.set()


def forget_old(videos: Path) -> None:
    """Remove unfinished work that nobody continued."""
    for folder in videos.glob("*"):
        with suppress(FileNotFoundError):  # another run may have just finished with it
            if time.time() - max(path.stat().st_mtime for path in (folder, *folder.glob(".partial-*"))) > KEPT_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
