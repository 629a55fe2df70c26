"""Making what was written durable: flushed to the disk, one by one or many at a time."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SYNC_THREADS = 16
"""How many files are flushed to the disk at a time."""


def sync_all(paths: Iterable[Path]) -> None:
    """`sync` of each, several at a time."""
    every = list(paths)
    with ThreadPoolExecutor(SYNC_THREADS) as pool:
        list(pool.map(sync_each, (every[start::SYNC_THREADS] for start in range(min(SYNC_THREADS, len(every))))))


def sync_each(paths: Iterable[Path]) -> None:
    """`sync` of each, one after the other."""
    for path in paths:
        sync(path)


def sync(path: Path) -> None:
    """Make a file's content, or a folder's names, durable. Windows does the latter itself and cannot open folders."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
