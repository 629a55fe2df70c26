"""Rows of a long measurement, each saved as it comes, so that an interrupted one can continue.

A hidden file beside the JSON has a line for each row and what it was measured on. It is removed when all is done.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from matting.metrics.tables import Row, write_json
from matting.weights import sha256_of


class KeptRows:
    """The rows so far, in order. Without a `path` they are kept in memory only."""

    def __init__(self, path: Path | None, *, dataset: Path, trimap: str | None) -> None:
        """Rows for the JSON file at `path`; OSError if nothing can be written there."""
        self.rows: list[Row] = []
        self.taken_over = 0
        self._path, self._dataset, self._trimap = path, dataset, trimap
        self._earlier = dict[str, Row]()
        if path is not None and path.is_dir():
            raise IsADirectoryError(f"--json takes a file, but {path} is a folder")
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._notes = path.with_name(f".{path.name}.rows")
            with self._notes.open("a+b") as file:
                file.seek(0)
                self._earlier = dict(filter(None, map(_read, file.read().splitlines())))

    def take_over(self, key: str) -> bool:
        """Take the row of an interrupted run that was measured on the very same things, if there is one."""
        if key not in self._earlier:
            return False
        self.rows.append(self._earlier[key])
        self.taken_over += 1
        return True

    def add(self, key: str, row: Row) -> None:
        """Keep a new row; it is on the disk before this returns. OSError if that fails; the rows before it are safe."""
        self.rows.append(row)
        if self._path is None:
            return
        with self._notes.open("ab") as file:
            file.write(b"\n" + json.dumps({"key": key, "row": row}).encode())  # end a line that a kill cut off
            file.flush()
            os.fsync(file.fileno())
        write_json(self._path, self.rows, dataset=self._dataset, trimap=self._trimap)

    def finish(self, *, is_complete: bool) -> None:
        """Write the JSON; once all rows are there, the hidden file is removed."""
        if self._path is None:
            return
        if self.rows:
            write_json(self._path, self.rows, dataset=self._dataset, trimap=self._trimap)
        if is_complete or not self._notes.stat().st_size:
            self._notes.unlink()


def key_of(what: Iterable[object], files: Iterable[Path]) -> str:
    """The identity of a row: names and choices in `what`, and the bytes of `files`; OSError if one is unreadable."""
    parts = [*map(str, what), *map(sha256_of, files)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _read(line: bytes) -> tuple[str, Row] | None:
    """A line's key and row; None for a line that was cut off."""
    try:
        kept = json.loads(line)
        return kept["key"], dict(kept["row"])
    except (ValueError, TypeError, KeyError):
        return None
