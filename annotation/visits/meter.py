"""Counting what happened lately."""

from collections import deque
from collections.abc import Callable
from threading import Lock
from time import monotonic

SECONDS = {"minute": 60.0, "hour": 3600.0}
MAX_METERS = 20_000
"""Meters kept at once; beyond that, all counts start over."""


class Meter:
    """How often something happened within the last `seconds`. Safe to share between threads."""

    def __init__(self, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self.seconds, self.clock = seconds, clock
        self.times: deque[float] = deque()
        self.changing = Lock()

    def wait_for(self, most: int) -> float:
        """Count one more: 0 if it is allowed, else the seconds until it is."""
        with self.changing:
            now = self.clock()
            while self.times and self.times[0] <= now - self.seconds:
                self.times.popleft()
            if len(self.times) >= most:
                return self.times[0] + self.seconds - now
            self.times.append(now)
            return 0.0


class Meters:
    """A meter for each of many names, which end in the unit that they count by: strokes_a_minute."""

    def __init__(self) -> None:
        self.meters: dict[str, Meter] = {}
        self.changing = Lock()

    def wait_for(self, name: str, most: int, whose: str = "") -> float:
        """Like Meter.wait_for, for what is called `name`, counted separately for each `whose`."""
        with self.changing:
            if len(self.meters) > MAX_METERS:
                self.meters.clear()
            meter = self.meters.setdefault(f"{name} {whose}", Meter(SECONDS[name.rpartition("_")[2]]))
        return meter.wait_for(most)
