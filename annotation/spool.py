"""Long lists kept on the disk instead of in memory, so that an import or export may be of any length."""

import pickle
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Generic, TypeVar

Kept = TypeVar("Kept")
ITEMS_IN_MEMORY = 256
"""How many items are in memory at a time."""


class Spool(Generic[Kept]):
    """What was appended, in order; it can be read any number of times, and at most one batch is in memory.

    The file has no name and is gone with this object, also after kill -9 (on Windows, when the disk is cleaned up).
    """

    def __init__(self, items: Iterable[Kept] = ()) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as this)
        self._places: list[tuple[int, int]] = []
        self._last: list[Kept] = []
        for item in items:
            self.append(item)

    def append(self, item: Kept) -> None:
        """Add `item` at the end; changes made to it later may be lost."""
        self._last.append(item)
        if len(self._last) == ITEMS_IN_MEMORY:
            content = pickle.dumps(self._last, pickle.HIGHEST_PROTOCOL)
            self._places.append((self._file.seek(0, 2), len(content)))
            self._file.write(content)
            self._last = []

    def __len__(self) -> int:
        return ITEMS_IN_MEMORY * len(self._places) + len(self._last)

    def __iter__(self) -> Iterator[Kept]:
        for position, size in self._places:
            self._file.seek(position)
            yield from pickle.loads(self._file.read(size))
        yield from self._last


def batches(items: Iterable[Kept], size: int = ITEMS_IN_MEMORY) -> Iterator[list[Kept]]:
    """`items` in lists of `size`, the last one shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
