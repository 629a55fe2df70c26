"""A lock that one process holds at a time: others are refused at once, and the lock's file is gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout


class InUseError(ValueError):
    """Another process holds the lock."""


@contextmanager
def held(lock: Path) -> Iterator[None]:
    """Hold the file `lock`; its folder is made, and removed again if nothing else was written to it.

    Raises:
        InUseError: another process holds it.
        OSError: its folder cannot be written to.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    file = FileLock(lock, timeout=0)
    try:
        file.acquire()
    except Timeout as error:
        raise InUseError(f"{lock} is held by another process") from error
    try:
        yield
    finally:
        with suppress(OSError):  # on Windows, a file in use stays
            lock.unlink()
        file.release()
        with suppress(OSError):  # not empty
            lock.parent.rmdir()
