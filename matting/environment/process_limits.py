"""Memory and time that a process may take for one thing. Imports little, so that a new process soon begins."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")


def bounded(function: Callable[[Any], Result], argument: Any, more_bytes: int, seconds: float) -> Result:
    """`function(argument)`, with MemoryError beyond so many bytes more; this process ends if it takes longer."""
    with bounded_memory(more_bytes), bounded_time(seconds):
        return function(argument)


@contextmanager
def bounded_memory(more_bytes: int) -> Iterator[None]:
    """Inside, this process may take so much more address space, where the system can hold it to that (Linux)."""
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
    """Inside, the system ends this process after so many seconds, in whatever code it is."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
