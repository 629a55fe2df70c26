"""Times that only go forward, even if recordings were joined end to end and the clock starts again in the middle."""

from fractions import Fraction

RESTART_SECONDS = Fraction(1, 10)
"""A clock that jumps back by more than this many seconds has started again; by less, it is only unsteady."""


class Clock:
    """The times of one stream, counted from `start`, in units of `unit` seconds."""

    def __init__(self, start: Fraction, unit: Fraction) -> None:
        self._shift = -round(start / unit)
        self._back = round(RESTART_SECONDS / unit)
        self._last: int | None = None

    def __call__(self, time: int | None, step: int) -> int:
        """The time to use for the file's `time`; if it has none or the clock starts again, `step` after the last."""
        if self._last is None:
            self._last = 0 if time is None else time + self._shift
            return self._last
        due = self._last + step
        if time is None:
            self._last = due
        else:
            if time + self._shift < self._last - self._back:
                self._shift = due - time
            self._last = max(time + self._shift, self._last + 1)
        return self._last
