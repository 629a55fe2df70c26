"""Limits on the memory and time of a process for one task. Imports little, so that a new process starts quickly."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")


def bounded(function: Callable[[Any], Result], argument: Any, more_bytes: int, seconds: float) -> Result:
    """`function(argument)`; MemoryError if that takes over `more_bytes` more, and after `seconds` this process ends."""
    with bounded_memory(more_bytes), bounded_time(seconds):
        return function(argument)


@contextmanager
def bounded_memory(more_bytes: int) -> Iterator[None]:
    """Inside, this process may take only `more_bytes` more of address space, where the system enforces that (Linux)."""
    try:
        import resource

        now = resource.getpagesize() * int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(ValueError):  # it may have less than that already
        resource.setrlimit(resource.RLIMIT_AS, (now + more_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def bounded_time(seconds: float) -> Iterator[None]:
    """Inside, the system ends this process after `seconds`, whatever code is running."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
