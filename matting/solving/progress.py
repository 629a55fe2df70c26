"""How far a long solve is, told to whoever asked to hear it, without every model handing it on.

with heard(lambda share: print(f"{share:.0%}")):
    alpha = load_model("studio")(image, trimap)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import TypeAlias

Listener: TypeAlias = Callable[[float], None]
"""Takes the share that is done, 0 to 1, the same perhaps several times. What it raises ends the solve."""

SHARE_AT_BEGINNING = 0.001
"""The share told when work begins: until then it waits for its turn, or for a process that loads what it needs."""
SHARE_BEFORE_ESTIMATE = 0.05
"""Share of the work before which the pace says little."""

_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard(listener: Listener) -> Iterator[None]:
    """Inside the block, where its context is, `listener` hears how far a solve is after each of its parts."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def tell(share: float) -> None:
    """Say that `share` (0 to 1) of the work is done; nothing happens if nobody listens."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(share)


def parts(count: int) -> list[Listener]:
    """A listener for each of `count` parts of equal size, in whatever threads: who listens here hears of their sum."""
    listener, shares = _LISTENER.get(), [0.0] * count

    def part(index: int) -> Listener:
        def hear(share: float) -> None:
            shares[index] = share
            if listener is not None:
                listener(sum(shares) / count)

        return hear

    return [part(index) for index in range(count)]


class TimeLeft:
    """How long the work will still take, from the shares that were told and when they were."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._first = self._last = (0.0, clock())

    def after(self, share: float) -> float | None:
        """Seconds left when `share` has just been told; None before the pace tells.

        The pace is that since the work began. A share told again is no news: then the time goes on.
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
