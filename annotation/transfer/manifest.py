"""The manifest of an export, in JSON: its revisions with their licences and tags, and every file with its sha256."""

import hashlib
import json
import stat
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from annotation.layouts.base import Items, Layout
from annotation.store import StoreError

MANIFEST = "manifest.json"
FILES = '"files": {\n'
LONGEST_LINE = 100_000
"""The most characters in a line of a manifest; the line of a sample or a file has a few hundred."""
LONGEST_PATH = 1000


@dataclass(frozen=True, slots=True)
class Done:
    """One file of an export, as its manifest lists it."""

    sha256: str
    size: int
    identity: str


class Earlier:
    """The files of an earlier export, in 40 bytes each."""

    def __init__(self, files: Iterable[tuple[str, Done]]) -> None:
        keys, sums = array("Q"), bytearray()
        for path, done in files:
            keys.append(key_of(path, done.identity))
            sums += bytes.fromhex(done.sha256)
        order = np.argsort(np.array(keys, np.uint64))
        self._keys = np.array(keys, np.uint64)[order]
        self._sums = np.frombuffer(bytes(sums), np.uint8).reshape(-1, 32)[order]

    def find(self, path: str, identity: str) -> str:
        """The sha256 of the file with that path and identity; "" if there was none."""
        key = np.uint64(key_of(path, identity))
        place = int(np.searchsorted(self._keys, key))
        is_there = place < len(self._keys) and self._keys[place] == key
        return self._sums[place].tobytes().hex() if is_there else ""


def key_of(path: str, identity: str) -> int:
    """A number for a file. Two files share one only by rare chance, and then the sha256 of the file would differ."""
    return int.from_bytes(hashlib.sha256(f"{path}\0{identity}".encode()).digest()[:8], "big")


def manifest_lines(layout: Layout, items: Items, files: Iterable[tuple[str, Done]]) -> Iterator[bytes]:
    """The manifest's content, in parts."""
    yield f'{{\n"layout": {json.dumps(layout.name)},\n"samples": ['.encode()
    for number, item in enumerate(items):
        record = {
            "sample": item.sample.id,
            "revision": item.revision.number,
            "key": item.key,
            "licence": item.sample.licence,
            "weights_licence": item.revision.weights_licence,
            "tags": item.sample.tags,
        }
        yield (b",\n" if number else b"\n") + json.dumps(record).encode()
    yield f"\n],\n{FILES}".encode()
    for number, (path, done) in enumerate(files):
        line = f"{json.dumps(path)}: {json.dumps(asdict(done))}"
        yield (b",\n" if number else b"") + line.encode()
    yield b"\n}\n}\n"


def read_manifest(folder: Path) -> Iterator[tuple[str, Done]]:
    """The files of an export; none if there is no export.

    Raises:
        StoreError: the manifest cannot be read, was changed, or names a file outside the export.
    """
    try:
        with (folder / MANIFEST).open(encoding="utf-8") as lines:
            while (line := lines.readline(LONGEST_LINE)) != FILES:
                if not line:
                    raise ValueError("the list of files is missing")
            while (line := lines.readline(LONGEST_LINE)) != "}\n":
                ((path, fields),) = json.loads("{" + line.removesuffix("\n").removesuffix(",") + "}").items()
                yield checked_path(path), checked_file(Done(**fields))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{folder / MANIFEST} cannot be read: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise StoreError(f"{folder / MANIFEST} is damaged; remove the folder and export again") from error


def checked_path(path: str) -> str:
    """`path`, if an export can hold a file of that name; StoreError if it could lead out of the export."""
    parts = path.split("/")
    is_plain = path.isprintable() and not set(path) & set("\\:") and not {"", ".", ".."} & set(parts)
    if not is_plain or len(path) > LONGEST_PATH or any(len(part.encode()) > 255 for part in parts):
        raise StoreError(f"the manifest names {path!r:.100}, which cannot be a file of an export; nothing was read")
    return path


def checked_file(done: Done) -> Done:
    """`done` if its fields are valid; ValueError otherwise."""
    if len(bytes.fromhex(done.sha256)) != 32 or type(done.size) is not int or not isinstance(done.identity, str):
        raise ValueError(f"a file has a sha256, a size and an identity, but got {done!r:.200}")
    return done


def exported(folder: Path, path: str) -> Path:
    """The full path of the file `path` of the export in `folder`.

    Raises:
        OSError: it is missing, is not an ordinary file, or a folder on the way to it is a link.
    """
    place = folder / path
    on_the_way = [parent for parent in place.parents if parent.is_relative_to(folder) and parent != folder]
    if not stat.S_ISREG(place.lstat().st_mode) or any(parent.is_symlink() for parent in on_the_way):
        raise OSError(f"{path} is a link, or not an ordinary file")
    return place


def check_export(folder: Path) -> Iterator[str]:
    """One sentence for each file of an export that is missing, added or changed.

    Raises:
        StoreError: there is no export, or its manifest is damaged or names files outside it.
    """
    if not (folder / MANIFEST).is_file():
        raise StoreError(f"{folder} is not an export: it has no {MANIFEST}")
    listed = set()
    for path, done in read_manifest(folder):
        listed.add(path)
        try:
            if hashlib.sha256(exported(folder, path).read_bytes()).hexdigest() != done.sha256:
                yield f"{path} is not what was exported"
        except FileNotFoundError:
            yield f"{path} is missing"
        except OSError as error:
            yield f"{path} cannot be read: {error.strerror or error}"
    found = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    yield from (f"{path} does not belong to the export" for path in sorted(found - listed - {MANIFEST}))
