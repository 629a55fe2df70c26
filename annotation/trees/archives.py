"""Other people's zips and tars, read in place. An archive with anything hostile in it is refused as a whole."""

import io
import os
import stat
import tarfile
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from annotation.trees.tree import SYSTEM_FILES, ArchiveError, Tree, is_system_file, shown

MAX_MEMBERS = 200_000
MAX_MEMBER = 500_000_000
MAX_TOTAL = 200_000_000_000
MAX_RATIO = 200
"""How many times larger than its packed size a member of over a million bytes may be. Pictures hardly pack."""
MAX_GROWTH, FREE_BYTES = 20, 500_000_000
"""All members together may unpack to this many times the archive's size, and this many bytes more."""
MAX_DEPTH = 100
"""Folders within each other."""
MAX_DIRECTORY, MAX_HEADER = 100_000_000, 32_000
"""Bytes of a zip's list of members, and of one header in a tar."""
MAX_HEADERS = 100
"""Values that a tar may give for one member, or for all."""
JOINERS = "\u200c\u200d"
"""Hidden characters that names in Persian, Hindi or emoji need."""
CENTRAL_HEADER = b"PK\x01\x02"


class Careful(io.BufferedReader):
    """An archive's file that reads no more at once than `limit` bytes: a header may claim any size."""

    limit: int

    def __init__(self, path: Path, limit: int) -> None:
        super().__init__(io.FileIO(path))
        self.name_of_file = path.name
        self.size = os.fstat(self.fileno()).st_size
        self.limit = limit

    def read(self, size: int | None = -1, /) -> bytes:
        """As any file reads; ArchiveError if it would be too much."""
        left = max(self.size - self.tell(), 0)
        wanted = left if size is None or size < 0 else min(size, left)
        if wanted > self.limit:
            raise ArchiveError(f"{self.name_of_file} has a header of {wanted:,} bytes, as no honest archive does")
        content = super().read(wanted)
        if len(content) > MAX_HEADER and content.count(CENTRAL_HEADER) > MAX_MEMBERS and self.limit == MAX_DIRECTORY:
            raise too_many(self.name_of_file)
        return content


def too_many(archive: str) -> ArchiveError:
    """The refusal of an archive with more members than allowed."""
    return ArchiveError(f"{archive} holds more than the {MAX_MEMBERS:,} files allowed")


class ZipTree(Tree):
    """A zip file, refused as a whole if any member is suspicious."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        try:
            self._file = Careful(path, MAX_DIRECTORY)
            self._archive = zipfile.ZipFile(self._file)
        except ArchiveError:
            raise
        except Exception as error:
            raise ArchiveError(f"{path.name} is not a zip file, or is damaged") from error
        self._file.limit = MAX_MEMBER
        members = {name: member for name, member in self._named(path.name) if not name.endswith("/")}
        for name, member in members.items():
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                raise ArchiveError(f"{path.name} holds {shown(name)}, which is not a plain file")
            if member.flag_bits & 1:
                raise ArchiveError(f"{path.name} is encrypted")
            if member.file_size > max(1_000_000, MAX_RATIO * member.compress_size):
                raise ArchiveError(f"{path.name} holds {shown(name)}, which unpacks to far more than a picture")
        total = sum(member.file_size for member in members.values())
        if total > FREE_BYTES + MAX_GROWTH * self._file.size:
            raise ArchiveError(
                f"{path.name} would unpack to {total / 1e9:.1f} GB, over {MAX_GROWTH} times its size; pictures that "
                f"shrink so far, such as TIFF or BMP masks, must be stored as PNG"
            )
        self._members = {name: member for name, member in members.items() if not is_system_file(name)}
        self.system_files = len(members) - len(self._members)
        self.paths = list(self._members)

    def _named(self, archive: str) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        """(path, member) of each, once all are found to have sane paths and sizes."""
        given = self._archive.infolist()
        names = [name_in_zip(member) for member in given]
        if not any("/" in name for name in names):  # as old Windows programs write them
            names = [name.replace("\\", "/") for name in names]
        files = [(name, member) for name, member in zip(names, given, strict=True) if not name.endswith("/")]
        check_members([(name, member.file_size) for name, member in files], archive)
        yield from files

    def read(self, path: str) -> bytes:
        """The member's content, no more than its header promised; ArchiveError if it is damaged."""
        size = self._members[path].file_size
        try:
            with self._archive.open(self._members[path]) as file:
                content = file.read(size + 1)
        except Exception as error:
            raise ArchiveError(f"{path} in the archive is damaged: {error}") from error
        if len(content) != size:
            raise ArchiveError(f"{path} in the archive is damaged: its size is not the one it claims")
        return content


def name_in_zip(member: zipfile.ZipInfo) -> str:
    """The member's path. Without a flag, names should be in the old code page, but are often in UTF-8."""
    name = member.orig_filename
    if member.flag_bits & 0x800 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member of a tar lies."""

    start: int
    size: int


class TarTree(Tree):
    """A tar file, with the same care. It is opened for each member: a data set may have thousands of shards."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        try:
            with Careful(path, MAX_HEADER) as file, tarfile.open(fileobj=file, mode="r:") as archive:
                members = list(plain_members(archive, path.name))
        except ArchiveError:
            raise
        except RecursionError as error:
            raise ArchiveError(f"{path.name} has thousands of headers on one member, as no honest tar does") from error
        except Exception as error:
            raise ArchiveError(f"{path.name} is not a tar file, or is damaged") from error
        check_members([(name, place.size) for name, place in members], path.name)
        self._members = {name: place for name, place in members if not is_system_file(name)}
        self.system_files = len(members) - len(self._members)
        self.paths = list(self._members)

    def read(self, path: str) -> bytes:
        """The member's content; ArchiveError if it is damaged."""
        place = self._members[path]
        try:
            with self._path.open("rb") as file:
                file.seek(place.start)
                content = file.read(place.size)
        except OSError as error:
            raise ArchiveError(f"{path} in the archive cannot be read: {error.strerror}") from error
        if len(content) != place.size:
            raise ArchiveError(f"{path} in the archive is cut short")
        return content


def plain_members(archive: tarfile.TarFile, name: str) -> Iterator[tuple[str, Place]]:
    """(path, place) of each file; ArchiveError at the first that is not a plain file, or once there are too many."""
    for number, member in enumerate(archive):
        if number > MAX_MEMBERS:
            raise too_many(name)
        if len(member.pax_headers) > MAX_HEADERS:
            raise ArchiveError(f"{name} has {len(member.pax_headers):,} headers for {shown(member.name)}, far too many")
        archive.members = []  # type: ignore[attr-defined]  # tarfile keeps a list of all members
        if member.isdir():
            continue
        if not member.isreg() or member.issparse():
            raise ArchiveError(f"{name} holds {shown(member.name)}, which is not a plain file")
        yield member.name.removeprefix("./"), Place(member.offset_data, member.size)


def check_members(members: list[tuple[str, int]], archive: str) -> None:
    """ArchiveError unless every (name, size) is a unique plain relative path and all sizes are sane."""
    if len(members) > MAX_MEMBERS:
        raise too_many(archive)
    if sum(size for _, size in members) > MAX_TOTAL or any(size > MAX_MEMBER for _, size in members):
        raise ArchiveError(f"{archive} unpacks to more than is allowed")
    seen: set[str] = set()
    for name, _ in members:
        if not is_plain_path(name):
            raise ArchiveError(f"{archive} holds {shown(name)}, which is not a plain relative path")
        if name.count("/") > MAX_DEPTH:
            raise ArchiveError(f"{archive} holds {shown(name)}, which lies more than {MAX_DEPTH} folders deep")
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            raise ArchiveError(f"{archive} holds {shown(name)} twice, or in two spellings")
        seen.add(folded)


def is_plain_path(name: str) -> bool:
    """Whether `name` is relative, stays inside, and has no hidden characters."""
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in name or ":" in parts[0]:
        return False
    if parts[-1].lower() in SYSTEM_FILES:  # a Mac's "Icon" ends in a control character
        parts = parts[:-1]
    characters = set("".join(parts)).difference(JOINERS)
    return all(unicodedata.category(character) not in ("Cc", "Cf", "Cs") for character in characters)
