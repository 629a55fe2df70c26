"""Work that a page waits for, and giving it up: by Cancel, or because the page was closed or lost.

Gradio itself lets a handler run to its end even if the page is gone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Event, Lock

import gradio as gr
from gradio.events import Dependency

from annotation.ui.events import AT_ONCE, Part
from annotation.visits.visit import current, working
from matting.solving.progress import OnProgress, reporting_to
from matting.solving.separate_process import asked_by

_waited_for: defaultdict[str, set[Event]] = defaultdict(set)
_changing = Lock()


class GivenUpError(Exception):
    """Nobody waits for the result any more."""

    def __init__(self) -> None:
        super().__init__("Cancelled.")


@contextmanager
def waited_for(request: gr.Request | None, follow: OnProgress) -> Iterator[OnProgress]:
    """Inside, `follow` gets the progress of the work; it raises GivenUpError once the page of `request` gave up.

    Gives the on_progress that does both, for functions that take one.
    """
    page, given_up = page_of(request), Event()

    def listen(share: float) -> None:
        if given_up.is_set():
            raise GivenUpError
        follow(share)

    with _changing:
        _waited_for[page].add(given_up)
    try:
        visit = current()
        with working(), reporting_to(listen), asked_by(visit.name if visit else page):
            yield listen
    finally:
        with _changing:
            _waited_for[page].discard(given_up)
            if not _waited_for[page]:
                del _waited_for[page]


def give_up(request: gr.Request) -> None:
    """The page of `request` waits for nothing any more: end what runs for it."""
    lose(page_of(request))


def lose(page: str) -> None:
    """The page of that name, see `page_of`, waits for nothing any more."""
    with _changing:
        for given_up in _waited_for.get(page, ()):
            given_up.set()


def is_awaited() -> bool:
    """Whether anybody waits for anything."""
    return bool(_waited_for)


def page_of(request: gr.Request | None) -> str:
    """The name of the page that a request came from."""
    return (request and request.session_hash) or ""


def cancel_button() -> Part:
    """The button that ends what can take minutes; it is shown while that runs."""
    cancel = gr.Button("Cancel", size="sm", min_width=90, scale=0, visible=False)
    cancel.click(give_up, **AT_ONCE)
    return cancel


@dataclass(frozen=True)
class Switches:
    """The buttons that start what can take minutes, and Cancel: only those of use now can be pressed."""

    starts: Sequence[Part]
    cancel: Part
    is_hidden: bool = True
    """Whether Cancel is out of sight while nothing runs, and not only disabled."""

    def begin(self, start: Part) -> Dependency:
        """The event of `start`, one of `starts`, after which only Cancel is of use."""
        begun: Dependency = start.click(partial(self._turned, is_busy=True), None, self._all, **AT_ONCE)
        return begun

    def end(self, step: Dependency) -> None:
        """After `step`, all but Cancel are of use. Its `then` would not run after a failure."""
        self.end_on(step.success)
        self.end_on(step.failure)

    def end_on(self, event: Callable[..., Dependency]) -> None:
        """On `event`, all but Cancel are of use."""
        event(partial(self._turned, is_busy=False), None, self._all, **AT_ONCE)

    @property
    def _all(self) -> list[Part]:
        return [*self.starts, self.cancel]

    def _turned(self, *, is_busy: bool) -> list[gr.Button]:
        cancel = gr.Button(visible=is_busy) if self.is_hidden else gr.Button(interactive=is_busy)
        return [*(gr.Button(interactive=not is_busy) for _ in self.starts), cancel]
