"""Times that only go forward, also where recordings were put one behind the other and the clock starts again."""

from fractions import Fraction

RESTART_SECONDS = Fraction(1, 10)
"""Seconds by which a clock that jumps back has begun again; by less, it is only unsteady."""


class Clock:
    """The times of one stream, counted from `start`, in units of `unit` seconds."""

    def __init__(self, start: Fraction, unit: Fraction) -> None:
        self._shift = -round(start / unit)
        self._back = round(RESTART_SECONDS / unit)
        self._last: int | None = None

    def __call__(self, time: int | None, step: int) -> int:
        """The time to use where the file says `time`; `step` after the last where it says none or begins again."""
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
