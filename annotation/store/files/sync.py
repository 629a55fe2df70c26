"""Making written files durable: they are flushed to the disk, one by one or many at a time."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SYNC_THREADS = 16
"""The number of files flushed to the disk at the same time."""


def sync_all(paths: Iterable[Path]) -> None:
    """`sync` each of `paths`, several at a time."""
    every = list(paths)
    with ThreadPoolExecutor(SYNC_THREADS) as pool:
        list(pool.map(sync_each, (every[start::SYNC_THREADS] for start in range(min(SYNC_THREADS, len(every))))))


def sync_each(paths: Iterable[Path]) -> None:
    """`sync` each of `paths`, one after another."""
    for path in paths:
        sync(path)


def sync(path: Path) -> None:
    """Make a file's content, or the names in a folder, durable. Windows does the latter itself and opens no folders."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
