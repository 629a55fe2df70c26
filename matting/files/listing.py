"""The pictures of a folder: their order, the names they are paired by, and what is left out."""

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from matting.files.places import is_remote
from matting.files.suffixes import SUFFIXES, why_unread

MAX_NAMED_FILES = 5
"""How many files of a kind a message names."""


def list_images(paths: Sequence[Path]) -> list[Path]:
    """`paths` with each folder replaced by the pictures directly in it, sorted by name; files are kept as given.

    Hidden files are left out: some systems put `._photo.jpg` beside each `photo.jpg`.
    """
    found: list[Path] = []
    for path in paths:
        if is_folder(path):
            found += [file for file in files_in(path) if file.suffix.lower() in SUFFIXES]
        else:
            found.append(path)
    return found


def is_folder(path: Path) -> bool:
    """Whether there is a folder at `path`, whatever it is called."""
    if is_remote(path):
        return path.is_dir()
    return os.path.isdir(path)  # noqa: PTH112 — Path.is_dir raises where a name is too long


def files_in(folder: Path) -> list[Path]:
    """The files directly in `folder` that are not hidden, sorted by name."""
    return [path for path, is_file in _entries(folder) if is_file]


def folders_in(folder: Path) -> list[Path]:
    """The folders directly in `folder` that are not hidden, sorted by name."""
    return [path for path, is_file in _entries(folder) if not is_file]


def _entries(folder: Path) -> list[tuple[Path, bool]]:
    """What lies directly in `folder` and is not hidden, sorted by name; and whether each is a file."""
    if is_remote(folder):
        listed = folder.fs.ls(folder.path, detail=True)  # type: ignore[attr-defined]
        found = [(folder / entry["name"].rpartition("/")[2], entry["type"] == "file") for entry in listed]
        found = [(path, is_file) for path, is_file in found if path != folder]  # some list the folder as well
    else:
        with os.scandir(folder) as entries:
            found = [(folder / entry.name, not entry.is_dir()) for entry in entries]
    return sorted((path, is_file) for path, is_file in found if not path.name.startswith("."))


def by_stem(folder: Path) -> dict[str, Path]:
    """The pictures directly in `folder` by file name without suffix, in the one spelling of `composed`, sorted.

    Raises:
        ValueError: it is not a folder, two have one stem, or one has a format that is not read here; names them.
    """
    if not is_folder(folder):
        raise ValueError(f"{folder} must be a folder of pictures, but does not exist")
    unread = next(iter(unread_in(folder)), "")
    if unread:
        raise ValueError(unread)
    files: dict[str, Path] = {}
    for path in list_images([folder]):
        other = files.setdefault(composed(path.stem), path)
        if other != path:
            raise ValueError(f"{folder} must hold one picture per stem, but holds {other.name} and {path.name}")
    return files


def composed(text: str) -> str:
    """The same text in composed Unicode, for comparing names: a Mac writes "ë" as two characters."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def unread_in(folder: Path) -> list[str]:
    """A sentence for each kind of picture directly in `folder` that is not read here."""
    unread: dict[str, list[str]] = defaultdict(list)
    for path in files_in(folder):
        unread[why_unread(path.name)].append(path.name)
    return [f"{folder}: {listed(names)} left out: {why}" for why, names in unread.items() if why]


def below(folder: Path, besides: Sequence[Path] = ()) -> Iterator[str]:
    """A sentence for each folder in `folder` that has pictures in it, except the folders `besides`."""
    known = {path.resolve() for path in besides}
    for path in folders_in(folder):
        if path.resolve() not in known:
            inside = (Path(name) for name in _names_below(path) if not name.startswith("."))
            count = sum(name.suffix.lower() in SUFFIXES or bool(why_unread(name.name)) for name in inside)
            if count:
                yield f"{path}: {count} left out: only pictures directly in {folder} are taken"


def _names_below(folder: Path) -> Iterator[str]:
    """The name of each file below `folder`."""
    if is_remote(folder):
        return (name.rpartition("/")[2] for name in folder.fs.find(folder.path))  # type: ignore[attr-defined]
    return (name for _, _, names in os.walk(folder) for name in names)


def listed(names: Sequence[str]) -> str:
    """How many, and the first by name: "2 (a.heic, b.heic)"."""
    return f"{len(names)} ({', '.join(names[:MAX_NAMED_FILES])}{', …' if len(names) > MAX_NAMED_FILES else ''})"
