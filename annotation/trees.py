"""Folders and archives read alike: a list of relative paths and the bytes of each. Nothing is ever unpacked to disk."""

import os
import stat
import tarfile
import threading
import unicodedata
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from annotation.store import StoreError
from matting.files import SUFFIXES

MAX_MEMBERS = 200_000
MAX_MEMBER = 500_000_000
MAX_TOTAL = 200_000_000_000
MAX_RATIO = 200
"""How many times larger than its packed size a member of over a million bytes may be. Pictures hardly pack."""


class ArchiveError(StoreError):
    """An archive that is damaged or hostile; nothing of it was imported."""


class Tree(ABC):
    """Files by relative path, with "/" between the parts."""

    paths: Sequence[str]
    is_archive: bool = True
    """Taken whole or not at all; of a folder, what is damaged is left out."""

    @abstractmethod
    def read(self, path: str) -> bytes:
        """The content of one of `paths`."""

    @cached_property
    def names(self) -> frozenset[str]:
        """All paths, to ask whether one is there."""
        return frozenset(self.paths)

    @cached_property
    def folders(self) -> dict[str, list[str]]:
        """The files by the folder they lie in; the top is ""."""
        found: dict[str, list[str]] = {}
        for path in self.paths:
            found.setdefault(path.rpartition("/")[0], []).append(path)
        return found

    def inside(self, folder: str) -> list[str]:
        """The files directly in `folder`, wherever the tree's own top lies: sorted, hidden ones left out."""
        return sorted(
            path
            for parent, paths in self.folders.items()
            if folder and (parent == folder or parent.endswith(f"/{folder}"))
            for path in paths
            if not path.rpartition("/")[2].startswith(".")
        )

    def ending(self, suffix: str) -> list[str]:
        """The files whose path ends so, sorted."""
        return sorted(path for path in self.paths if path.endswith(suffix))


class FolderTree(Tree):
    """A folder of one's own; links are not followed. The members of a tar in it lie below the tar's path."""

    is_archive = False

    def __init__(self, folder: Path, paths: Iterable[str] | None = None) -> None:
        self.folder = folder
        self._tars: dict[str, TarTree] = {}
        self.paths = sorted(self._with_members(self._walk("") if paths is None else paths))

    def _walk(self, below: str) -> Iterator[str]:
        """The plain files, by their paths."""
        with os.scandir(self.folder / below) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from self._walk(f"{below}{entry.name}/")
                elif entry.is_file(follow_symlinks=False):
                    yield f"{below}{entry.name}"

    def _with_members(self, paths: Iterable[str]) -> Iterator[str]:
        for path in paths:
            if path.endswith(".tar"):
                self._tars[path] = TarTree(self.folder / path)
                yield from (f"{path}/{member}" for member in self._tars[path].paths)
            else:
                yield path

    def read(self, path: str) -> bytes:
        """The file's content; StoreError where it cannot be read."""
        tar, dot, member = path.partition(".tar/")
        if dot and f"{tar}.tar" in self._tars:
            return self._tars[f"{tar}.tar"].read(member)
        try:
            with open(f"{self.folder}/{path}", "rb") as file:  # noqa: PTH123 (of thousands, each Path would cost)
                return file.read()
        except OSError as error:
            raise StoreError(f"{path} cannot be read: {error.strerror}") from error


class ZipTree(Tree):
    """A zip file, refused as a whole if any member is not what an honest one holds."""

    def __init__(self, path: Path) -> None:
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise ArchiveError(f"{path.name} is not a zip file, or is damaged") from error
        members = [member for member in self._archive.infolist() if not member.is_dir()]
        for member in members:
            if stat.S_ISLNK(member.external_attr >> 16) or stat.S_IFMT(member.external_attr >> 16) not in (0, 0o100000):
                raise ArchiveError(f"{path.name} holds {member.filename!r}, which is not a plain file")
            if member.flag_bits & 1:
                raise ArchiveError(f"{path.name} is encrypted")
            if member.file_size > max(1_000_000, MAX_RATIO * member.compress_size):
                raise ArchiveError(f"{path.name} holds {member.filename!r}, which unpacks to far more than a picture")
        check_members([(member.orig_filename, member.file_size) for member in members], path.name)
        self.paths = [member.filename for member in members]

    def read(self, path: str) -> bytes:
        """The member's content, no more than its header promised; ArchiveError where it is damaged."""
        size = self._archive.getinfo(path).file_size
        try:
            with self._archive.open(path) as file:
                content = file.read(size + 1)
        except Exception as error:
            raise ArchiveError(f"{path} in the archive is damaged: {error}") from error
        if len(content) != size:
            raise ArchiveError(f"{path} in the archive is damaged: its size is not the one it claims")
        return content


class TarTree(Tree):
    """A tar file, with the same care."""

    def __init__(self, path: Path) -> None:
        try:
            self._archive = tarfile.open(path, mode="r:")  # noqa: SIM115 (read from later)
            members = [member for member in self._archive.getmembers() if not member.isdir()]
        except (tarfile.TarError, OSError, ValueError) as error:
            raise ArchiveError(f"{path.name} is not a tar file, or is damaged") from error
        for member in members:
            if not member.isreg():
                raise ArchiveError(f"{path.name} holds {member.name!r}, which is not a plain file")
        check_members([(member.name, member.size) for member in members], path.name)
        self._members = {member.name: member for member in members}
        self._lock = threading.Lock()
        self.paths = list(self._members)

    def read(self, path: str) -> bytes:
        """The member's content; ArchiveError where it is damaged."""
        try:
            with self._lock:
                file = self._archive.extractfile(self._members[path])
                content = file.read() if file else b""
        except (tarfile.TarError, OSError) as error:
            raise ArchiveError(f"{path} in the archive is damaged: {error}") from error
        if len(content) != self._members[path].size:
            raise ArchiveError(f"{path} in the archive is cut short")
        return content


def open_tree(path: Path) -> Tree:
    """A folder, a zip, a tar, or one picture; StoreError for anything else."""
    if path.is_dir():
        return FolderTree(path)
    if not path.is_file():
        raise StoreError(f"{path} is not there")
    if path.suffix.lower() in SUFFIXES:
        return FolderTree(path.parent, [path.name])
    return TarTree(path) if path.suffix == ".tar" else ZipTree(path)


def check_members(members: list[tuple[str, int]], archive: str) -> None:
    """ArchiveError unless every (name, size) is a plain relative path of its own and all are of a sane size."""
    if len(members) > MAX_MEMBERS:
        raise ArchiveError(f"{archive} holds {len(members)} files, more than the {MAX_MEMBERS} allowed")
    if sum(size for _, size in members) > MAX_TOTAL or any(size > MAX_MEMBER for _, size in members):
        raise ArchiveError(f"{archive} unpacks to more than is allowed")
    seen: set[str] = set()
    for name, _ in members:
        if not is_plain_path(name):
            raise ArchiveError(f"{archive} holds {name!r}, which is not a plain relative path")
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            raise ArchiveError(f"{archive} holds {name!r} twice, or in two spellings")
        seen.add(folded)


def is_plain_path(name: str) -> bool:
    """Whether `name` is relative, stays inside, and has no character that hides what it is."""
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in name or ":" in parts[0]:
        return False
    return all(unicodedata.category(character) not in ("Cc", "Cf", "Cs") for character in name)
