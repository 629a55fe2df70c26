"""The common interface of folders and archives: relative paths, and the bytes of each. Nothing is unpacked to disk."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from itertools import chain

from annotation.store import StoreError
from matting.files.listing import composed as composed

SYSTEM_FILES = {"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "$recycle.bin", "icon\r"}
"""What Finder, Explorer and network drives put beside people's files, in lower case."""


class ArchiveError(StoreError):
    """An archive, or a list of samples in it, that is damaged or hostile; nothing of it was imported."""


class Tree(ABC):
    """Files by relative path, with "/" between the parts."""

    paths: Sequence[str]
    is_archive: bool = True
    """Whether it is imported whole or not at all; from a folder, damaged files are left out."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        """A sentence for each part of the tree that could not be read."""
        self.left_out: list[str] = []
        """A sentence for each thing that is not a file of the tree, although a person would expect it to be."""
        self.reasons: dict[str, str] = {}
        """Why a file is left out although a person would expect it to be imported: "it could belong to a or to b"."""
        self.spare: dict[str, str] = {}
        """Why a file is left out that nobody would expect to be a sample of its own."""
        self.used: set[str] = set()
        """The lists that a layout read; importing adds the pictures."""
        self.system_files = 0
        """How many files were hidden, or belong to an operating system."""

    @abstractmethod
    def read(self, path: str) -> bytes:
        """The content of one of `paths`; StoreError if it cannot be read."""

    @cached_property
    def names(self) -> frozenset[str]:
        """All paths, for lookups."""
        return frozenset(self.paths)

    @cached_property
    def folders(self) -> dict[str, list[str]]:
        """The files by their folder; the top is ""."""
        found: dict[str, list[str]] = {}
        for path in self.paths:
            found.setdefault(folder_of(path), []).append(path)
        return found

    @cached_property
    def composed(self) -> dict[str, str]:
        """The paths by their composed spelling."""
        return {composed(path): path for path in reversed(self.paths)}

    def inside(self, folder: str) -> list[str]:
        """The files directly in `folder`, wherever the tree's own top lies, sorted."""
        found = (paths for parent, paths in self.folders.items() if f"/{parent}".endswith(f"/{folder}"))
        return sorted(chain.from_iterable(found))

    def find(self, path: str) -> str:
        """The tree's own spelling of `path`; "" if there is no such file."""
        return path if path in self.names else self.composed.get(composed(path), "")

    def ending(self, suffix: str) -> list[str]:
        """The files whose path ends with `suffix`, sorted."""
        return sorted(path for path in self.paths if path.endswith(suffix))


def folder_of(path: str) -> str:
    """The path of the folder a file lies in; "" for the top."""
    return path.rpartition("/")[0]


def stem_of(path: str) -> str:
    """The normalised file name without its suffix, for comparing."""
    name = path.rpartition("/")[2]
    return composed(name.rpartition(".")[0] or name)


def suffix_of(path: str) -> str:
    """The suffix in small letters, with its dot; "" if there is none."""
    stem, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return f".{suffix.lower()}" if stem and dot else ""


def is_system_file(path: str) -> bool:
    """Whether it is hidden or belongs to an operating system."""
    return any(part.startswith(".") or part.lower() in SYSTEM_FILES for part in path.split("/"))


def shown(text: object) -> str:
    """`text` in quotes, shortened for a sentence, whatever it contains."""
    value = str(text)
    return repr(value if len(value) <= 80 else f"{value[:60]}…{value[-19:]}")
