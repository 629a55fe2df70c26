"""Folders, archives and loose files read alike: see `Tree`. `open_tree` gives the right one for a path."""

import os
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from annotation.store import StoreError
from annotation.trees.archives import MAX_DEPTH, MAX_MEMBER, MAX_MEMBERS, TarTree, ZipTree
from annotation.trees.tree import ArchiveError, Tree, is_system_file, shown, suffix_of
from matting.files import SUFFIXES
from matting.files.suffixes import why_unread

__all__ = ["MAX_MEMBERS", "ArchiveError", "FileTree", "FolderTree", "Tree", "open_tree", "tree_of_files"]

FOLDER = ".folder.tar"
"""How the page names the tar of a folder that somebody dropped; damage in it keeps nothing else out."""


class FileTree(Tree):
    """Loose files under the names they are known by. The members of a tar among them lie below the tar's name."""

    is_archive = False

    def __init__(self, files: Mapping[str, Path]) -> None:
        super().__init__()
        self._tars: dict[str, TarTree] = {}
        self._files = files
        self.paths = sorted(self._with_members(files))

    def _with_members(self, names: Mapping[str, Path]) -> Iterator[str]:
        """The names, with a tar's members instead of the tar; a refused tar is reported."""
        for name in names:
            if suffix_of(name) != ".tar":
                yield name
                continue
            try:
                self._tars[name] = TarTree(names[name])
            except ArchiveError as error:
                self.problems.append(f"{name} was left out: {error}")
            else:
                yield from (f"{name}/{member}" for member in self._tars[name].paths)

    def read(self, path: str) -> bytes:
        """The file's content; StoreError if it cannot be read."""
        if path not in self._files:
            tar = next(name for name in self._tars if path.startswith(f"{name}/"))
            return self._tars[tar].read(path.removeprefix(f"{tar}/"))
        try:
            with open(self._files[path], "rb") as file:  # noqa: PTH123 (of thousands, each Path would cost)
                if os.fstat(file.fileno()).st_size > MAX_MEMBER:
                    raise StoreError(f"{path} has more than {MAX_MEMBER / 1e6:.0f} MB, more than any picture read here")
                return file.read()
        except OSError as error:
            raise StoreError(f"{path} cannot be read: {error.strerror}") from error


class Below(Mapping[str, Path]):
    """The files below a folder, by relative path; a Path is made only when asked for."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._folder, self._names = folder, dict.fromkeys(names)

    def __getitem__(self, name: str) -> Path:
        return self._folder / name

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class FolderTree(FileTree):
    """A folder on this computer. Links are not followed, and what cannot be opened is reported."""

    def __init__(self, folder: Path) -> None:
        faults: list[str] = []
        links: list[str] = []
        names = list(walk(folder, faults, links))
        kept = [name for name in names if not is_system_file(name)]
        super().__init__(Below(folder, kept))
        self.problems += faults
        self.left_out += [f"{link} was left out: it is a link, and links are not followed" for link in links]
        self.system_files = len(names) - len(kept)


def walk(folder: Path, faults: list[str], links: list[str]) -> Iterator[str]:
    """The relative paths of the plain files in `folder`.

    `faults` gets a sentence for what could not be opened, `links` the links to folders and pictures.
    """
    below = [""]
    while below:
        inside = below.pop()
        if inside.count("/") > MAX_DEPTH:
            faults.append(f"{shown(inside)} was left out: it lies more than {MAX_DEPTH} folders deep")
            continue
        try:
            with os.scandir(folder / inside) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        below.append(f"{inside}{entry.name}/")
                    elif entry.is_file(follow_symlinks=False):
                        yield f"{inside}{entry.name}"
                    elif entry.is_symlink() and (entry.is_dir() or suffix_of(entry.name) in SUFFIXES):
                        links.append(f"{inside}{entry.name}")
                    elif not entry.is_symlink() and suffix_of(entry.name) in SUFFIXES:
                        faults.append(f"{inside}{entry.name} was left out: it is not an ordinary file")
        except OSError as error:
            faults.append(f"{inside or folder} cannot be opened: {error.strerror}")


def tree_of_files(paths: Sequence[Path], *, uploaded: bool = False) -> FileTree:
    """Loose files as one tree, by their paths below the folder they share.

    The page puts each of the `uploaded` files in a folder of its own, so only their names count; if two are the same,
    their folders stay in front.
    """
    names = Counter(path.name for path in paths)
    shared = Path(os.path.commonpath([path.absolute().parent for path in paths]))
    return FileTree(
        {
            path.name if uploaded and names[path.name] == 1 else path.absolute().relative_to(shared).as_posix(): path
            for path in paths
        }
    )


def open_tree(path: Path) -> Tree:
    """A folder, a zip, a tar, or one picture; StoreError for anything else."""
    if path.is_dir():
        return FolderTree(path)
    if not path.is_file():
        raise StoreError(f"{path} does not exist")
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return FileTree({path.name: path})
    if suffix == ".tar":
        tree = TarTree(path)
        tree.is_archive = not path.name.endswith(FOLDER)
        return tree
    if suffix != ".zip" and not zipfile.is_zipfile(path):
        why = why_unread(path.name) or "it is neither a picture of a format read here nor a zip, a tar or a folder"
        raise StoreError(f"{path.name} was left out: {why}")
    return ZipTree(path)
