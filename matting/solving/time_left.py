"""The pace of work on many items, and the time left, in words."""

from collections.abc import Callable
from time import monotonic


class Pace:
    """The pace of work that has just begun."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock, self._begun = clock, clock()

    def words(self, done: int, total: int) -> str:
        """Text such as "12 of 40, 1.5 a second, 19 s left"; the count alone until something is done."""
        seconds = self._clock() - self._begun
        if not done or seconds <= 0:
            return f"{done} of {total}"
        rate = done / seconds
        pace = f"{rate:.1f} a second" if rate >= 1 else f"{60 * rate:.1f} a minute"
        return f"{done} of {total}, {pace}, {duration(max(0, total - done) / rate)} left"


def duration(seconds: float) -> str:
    """`seconds` as "48 s" or "3 min 07 s"."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
