"""Progress of a long solve, reported to a caller who asks for it, without every model passing it on.

with reporting_to(lambda share: print(f"{share:.0%}")):
    alpha = load_model("studio")(image, trimap)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import NamedTuple, TypeAlias

OnProgress: TypeAlias = Callable[[float], None]
"""Called with the share that is done, 0 to 1, sometimes with the same share again. If it raises, the solve ends."""

SHARE_AT_BEGINNING = 0.001
"""The share reported when work begins. Until then, the work waits for its turn or for a process to load."""
SHARE_BEFORE_ESTIMATE = 0.05
"""Share of the work before which the time left cannot be estimated."""


class Standing(NamedTuple):
    """Where a task stands in line."""

    place: int
    """1 for the next."""
    seconds: float | None
    """Roughly how long it will wait; None if that is not known yet."""


_STANDING: ContextVar[Standing | None] = ContextVar("standing", default=None)
_ON_PROGRESS: ContextVar[OnProgress | None] = ContextVar("on_progress", default=None)


@contextmanager
def reporting_to(on_progress: OnProgress) -> Iterator[None]:
    """Inside the block, `on_progress` is called with the share done after each part of a solve."""
    token = _ON_PROGRESS.set(on_progress)
    try:
        yield
    finally:
        _ON_PROGRESS.reset(token)


def report(share: float) -> None:
    """Report that `share` (0 to 1) of the work is done; without an on_progress, do nothing."""
    on_progress = _ON_PROGRESS.get()
    if on_progress is not None:
        on_progress(share)


def report_waiting(standing: Standing) -> None:
    """Report that nothing is done yet because the work waits in line."""
    token = _STANDING.set(standing)
    try:
        report(0)
    finally:
        _STANDING.reset(token)


def standing() -> Standing | None:
    """For an on_progress: where the work stands in line; None if it does not wait."""
    return _STANDING.get()


def parts(count: int) -> list[OnProgress]:
    """An on_progress for each of `count` parts of equal size, in any threads; the present one gets their sum."""
    on_progress, shares = _ON_PROGRESS.get(), [0.0] * count

    def part(index: int) -> OnProgress:
        def report_part(share: float) -> None:
            shares[index] = share
            if on_progress is not None:
                on_progress(sum(shares) / count)

        return report_part

    return [part(index) for index in range(count)]


class TimeLeft:
    """How much longer the work will take, from the shares reported and their times."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._first = self._last = (0.0, clock())

    def after(self, share: float) -> float | None:
        """Seconds left when `share` has just been reported; None while they cannot be estimated.

        The pace is the average since the work began. If the same share is reported again, the time left still falls.
        """
        now = self._clock()
        if share < self._last[0] or not self._first[0]:
            self._first = self._last = (share, now)
        elif share > self._last[0]:
            self._last = (share, now)
        done, seconds = (last - first for last, first in zip(self._last, self._first, strict=True))
        if done < SHARE_BEFORE_ESTIMATE:
            return None
        return max(0.0, seconds * (1 - self._last[0]) / done - (now - self._last[1]))
