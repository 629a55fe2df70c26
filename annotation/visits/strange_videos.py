"""Videos of strangers are rendered in another process, for the reason given in strange_files.py."""

from collections.abc import Generator
from contextlib import closing, suppress
from contextvars import copy_context
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import NamedTuple

from annotation.visits.strange_files import TOO_MUCH
from annotation.visits.visit import current
from matting.environment.process_limits import bounded
from matting.files import ImageError
from matting.solving.partial_results import show, watched
from matting.solving.progress import report, reporting_to
from matting.solving.separate_process import LostError, apart, asked_by
from matting.video.rendering import RenderProgress, Settings, render

MEMORY_BYTES = 6_000_000_000
"""Address space for the model, its libraries and a few frames; much of it is never filled."""
SECONDS = 3600.0


class Order(NamedTuple):
    """What to make of which file, and where."""

    source: Path
    target: Path
    settings: Settings


class ClosedError(Exception):
    """Nobody waits for the video any more."""


def rendered(order: Order) -> Generator[RenderProgress]:
    """The progress of matting.video.rendering.render, which continues where it stopped; in a demo, it runs in a process
    of its own.

    Closing the generator stops the work.

    Raises:
        ImageError: it took more than MEMORY_BYTES or SECONDS, or ended the process.
        ValueError: as `render`.
    """
    visit = current()
    if visit is None:
        yield from render(*order, resume=True)
        return
    news: SimpleQueue[RenderProgress | BaseException | None] = SimpleQueue()
    closed = Event()

    def listen(_share: float) -> None:
        if closed.is_set():
            raise ClosedError

    def work() -> None:
        try:
            with reporting_to(listen), watched(news.put), asked_by(visit.name):
                apart(bounded, render_showing, order, MEMORY_BYTES, SECONDS, is_long=True)
            news.put(None)
        except BaseException as error:  # noqa: BLE001 (it is raised below)
            news.put(error)

    thread = Thread(target=copy_context().run, args=(work,), name="video", daemon=True)
    thread.start()
    try:
        yield from told_by(news)
    except LostError as error:
        raise ImageError(TOO_MUCH) from error
    finally:
        closed.set()
        thread.join()


def told_by(news: "SimpleQueue[RenderProgress | BaseException | None]") -> Generator[RenderProgress]:
    """The progress that comes, until None; the last again if a second passes, so that whoever waits can stop."""
    last = RenderProgress(0, 0, None)
    while True:
        with suppress(Empty):
            told = news.get(timeout=1)
            if told is None:
                return
            if isinstance(told, BaseException):
                raise told
            last = told
        yield last


def render_showing(order: Order) -> None:
    """In the process: render, showing the progress after every frame."""
    with closing(render(*order, resume=True)) as rendering:
        for progress in rendering:
            show(progress)
            report(progress.done / max(progress.frames, 1))
