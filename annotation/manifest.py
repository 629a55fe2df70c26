"""The manifest of an export: which revisions it holds, and every file with its sha256. JSON, one line a file."""

import hashlib
import json
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from annotation.layouts.base import Items, Layout
from annotation.store import StoreError

MANIFEST = "manifest.json"
FILES = '"files": {\n'


@dataclass(frozen=True, slots=True)
class Done:
    """One file of an export, as its manifest lists it."""

    sha256: str
    size: int
    identity: str


class Earlier:
    """What an earlier export holds, at 40 bytes a file."""

    def __init__(self, files: Iterable[tuple[str, Done]]) -> None:
        keys, sums = array("Q"), bytearray()
        for path, done in files:
            keys.append(key_of(path, done.identity))
            sums += bytes.fromhex(done.sha256)
        order = np.argsort(np.array(keys, np.uint64))
        self._keys = np.array(keys, np.uint64)[order]
        self._sums = np.frombuffer(bytes(sums), np.uint8).reshape(-1, 32)[order]

    def find(self, path: str, identity: str) -> str:
        """The sha256 of the file with that path and identity; "" where there was none."""
        key = np.uint64(key_of(path, identity))
        place = int(np.searchsorted(self._keys, key))
        is_there = place < len(self._keys) and self._keys[place] == key
        return self._sums[place].tobytes().hex() if is_there else ""


def key_of(path: str, identity: str) -> int:
    """A number for a file; two could share one only by chance, and then the sha256 of the file would differ."""
    return int.from_bytes(hashlib.sha256(f"{path}\0{identity}".encode()).digest()[:8], "big")


def manifest_lines(layout: Layout, items: Items, files: Iterable[tuple[str, Done]]) -> Iterator[bytes]:
    """The manifest's content, in parts."""
    yield f'{{\n"layout": {json.dumps(layout.name)},\n"samples": ['.encode()
    for number, item in enumerate(items):
        record = {"sample": item.sample.id, "revision": item.revision.number}
        yield (b",\n" if number else b"\n") + json.dumps(record).encode()
    yield f"\n],\n{FILES}".encode()
    for number, (path, done) in enumerate(files):
        line = f"{json.dumps(path)}: {json.dumps(asdict(done))}"
        yield (b",\n" if number else b"") + line.encode()
    yield b"\n}\n}\n"


def read_manifest(folder: Path) -> Iterator[tuple[str, Done]]:
    """The files of an export; none where there is no export. StoreError where the manifest is not what was written."""
    try:
        with (folder / MANIFEST).open(encoding="utf-8") as lines:
            while next(lines) != FILES:
                pass
            while (line := next(lines)) != "}\n":
                ((path, fields),) = json.loads("{" + line.removesuffix("\n").removesuffix(",") + "}").items()
                yield path, Done(**fields)
    except FileNotFoundError:
        return
    except (ValueError, TypeError, KeyError, AttributeError, StopIteration) as error:
        raise StoreError(f"{folder / MANIFEST} is damaged; remove the folder and export again") from error


def check_export(folder: Path) -> Iterator[str]:
    """One sentence for each file of an export that is missing, added or changed."""
    listed = set()
    for path, done in read_manifest(folder):
        listed.add(path)
        try:
            if hashlib.sha256((folder / path).read_bytes()).hexdigest() != done.sha256:
                yield f"{path} is not what was exported"
        except OSError:
            yield f"{path} is missing"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    yield from (f"{path} does not belong to the export" for path in sorted(found - listed - {MANIFEST}))
