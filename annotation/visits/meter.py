"""Counting what happened lately."""

from collections import deque
from collections.abc import Callable
from threading import Lock
from time import monotonic


class Meter:
    """How often something happened within the last `seconds`. Safe to share between threads."""

    def __init__(self, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self.seconds, self.clock = seconds, clock
        self.times: deque[float] = deque()
        self.changing = Lock()

    def wait_for(self, most: int) -> float:
        """0 if it may happen once more, which then counts; else the seconds until it may."""
        with self.changing:
            now = self.clock()
            while self.times and self.times[0] <= now - self.seconds:
                self.times.popleft()
            if len(self.times) >= most:
                return self.times[0] + self.seconds - now
            self.times.append(now)
            return 0.0
