"""Showing the first results of long work before it is done."""

import math
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TypeVar, cast

Item = TypeVar("Item")
Drawn = TypeVar("Drawn")
Result = TypeVar("Result")

REST_SECONDS = 0.5
"""The least time a page gets to draw what it was shown."""


def as_it_comes(
    work: Callable[[Callable[[Item], None]], Result], draw: Callable[[Item], Drawn]
) -> Generator[Drawn, None, Result]:
    """Do `work` in a thread of its own, in the caller's context; yields what it hands on, drawn; returns its result.

    If more is handed on than the caller can show, only the last is yielded.
    """
    news: SimpleQueue[tuple[bool, Item | None]] = SimpleQueue()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(copy_context().run, work, lambda item: news.put((True, item)))
        running.add_done_callback(lambda _: news.put((False, None)))
        shown = -math.inf
        while (latest := _latest(news, shown + REST_SECONDS))[0]:
            yield draw(cast(Item, latest[1]))
            shown = monotonic()
        return running.result()


def _latest(news: SimpleQueue[tuple[bool, Item | None]], due: float) -> tuple[bool, Item | None]:
    """The last news until `due`, or the first after it; at once, the news that there are no more items."""
    latest = news.get()
    while latest[0]:
        try:
            latest = news.get(timeout=max(0, due - monotonic()))
        except Empty:
            break
    return latest
