"""A layout: a plain description of where each sample's pictures lie and which lists go with them."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Protocol, TypeAlias

from annotation.layouts.export_pieces import Piece, make_piece
from annotation.store import Effort, Provenance, Revision, Sample, Split, Store
from annotation.trees.tree import Tree, stem_of, suffix_of
from matting.files import SUFFIXES


@dataclass(frozen=True)
class Item:
    """A sample as a layout sees it."""

    sample: Sample
    revision: Revision

    @property
    def key(self) -> str:
        """The file name without suffix: the sample's number and its name in plain letters.

        No spaces, no dots, and never a folder word such as "fg" in front: every loader reads it unchanged.
        """
        plain = unicodedata.normalize("NFKD", self.sample.name).encode("ascii", "ignore").decode().lower()
        words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
        return f"{self.sample.id:06d}-{words}" if words else f"{self.sample.id:06d}"


@dataclass(frozen=True)
class Options:
    """What a person may choose about an export besides its layout."""

    bits: int = 8
    """Bits per channel of cut-outs: 8 or 16."""
    backgrounds: Path | None = None
    """A folder of pictures without a subject, for the layouts that compose their own training pictures."""


@dataclass(frozen=True)
class Entry:
    """One file of an export. Equal identities mean equal bytes, so that a newer export need not write them again."""

    path: str
    identity: str
    write: Callable[[Store, BinaryIO], None]


@dataclass(frozen=True)
class Paths:
    """Where a sample's pictures lie in a tree; "" for what is missing."""

    image: str
    alpha: str = ""
    trimap: str = ""
    foreground: str = ""


@dataclass(frozen=True)
class Found:
    """A sample found in somebody's folder or archive."""

    name: str
    paths: Paths
    is_cutout: bool = False
    """The image's own transparency is the alpha, and its colours the foreground."""
    split: Split | None = None
    group: str = ""
    provenance: Provenance = field(default_factory=Provenance)
    effort: Effort = field(default_factory=lambda: Effort(tool="import"))


class Items(Protocol):
    """The samples of an export. They can be iterated any number of times, and there may be more than fit in memory."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Item]: ...


Place: TypeAlias = Callable[[Item], Mapping[str, Piece]]
Lists: TypeAlias = Iterator[tuple[str, Iterable[bytes]]]
"""(path, content in parts) of each list and card."""


def describe_nothing(items: Items, options: Options, written: Mapping[str, str]) -> Lists:  # noqa: ARG001
    """For layouts that need no lists."""
    return iter(())


def advise_nothing(items: Items, options: Options) -> Iterator[str]:  # noqa: ARG001
    """For layouts whose readers take whatever is exported."""
    return iter(())


@dataclass(frozen=True)
class Layout:
    """A folder format other people's training code reads."""

    name: str
    title: str
    """What a person chooses: "GCA-Matting, MatteFormer, ViTMatte"."""
    purpose: str
    """What it is for and what to note, in a sentence or two."""
    files: Callable[[Items, Options], Iterator[Entry]]
    read: Callable[[Tree], Iterator[Found]]
    """The samples in somebody's tree of this layout; none for another layout's."""
    describe: Callable[[Items, Options, Mapping[str, str]], Lists] = describe_nothing
    """Lists and cards; the mapping gets the sha256 of each as soon as it is written."""
    advise: Callable[[Items, Options], Iterator[str]] = advise_nothing
    """A sentence for each thing that must be known or done before the readers run."""
    folders: Sequence[str] = ()
    """Folders that exist even when empty."""
    unsafe_path: str = ""
    """What the target's path may not contain, because it would mislead the loader."""


def placed(place: Place) -> Callable[[Items, Options], Iterator[Entry]]:
    """The files of a layout where every piece has one place: `place(item)` gives path → piece."""

    def files(items: Items, options: Options) -> Iterator[Entry]:  # noqa: ARG001 (a layout's signature)
        for item in items:
            for path, piece in place(item).items():
                yield entry(path, item, piece)

    return files


def entry(path: str, item: Item, piece: Piece) -> Entry:
    """The file `path` with that piece of the item."""

    def write(store: Store, file: BinaryIO) -> None:
        file.write(make_piece(store, item.sample, revision=item.revision, piece=piece))

    return Entry(path, identity(item, piece), write)


def identity(item: Item, piece: Piece) -> str:
    """A text of all that the piece's bytes depend on."""
    image, revision = item.sample.image, item.revision
    mixed = f"{image}:{revision.alpha}"
    depends = {
        Piece.IMAGE: image,
        Piece.ALPHA: revision.alpha,
        Piece.DEEP_ALPHA: revision.alpha,
        Piece.TRIMAP: revision.trimap or revision.alpha,
        Piece.FOREGROUND: revision.foreground or mixed,
        Piece.BACKGROUND: mixed,
    }
    return f"{piece}:{depends.get(piece, f'{mixed}:{revision.foreground}')}"


def paired(tree: Tree, folders: Paths) -> Iterator[tuple[str, Paths]]:
    """(stem, paths) of the files in each image folder, sorted, with those of the same stem in the folders beside it.

    A folder is matched as the last part of a directory's path, wherever the tree's own top lies. If two files of a
    folder have the same stem, it is unclear what belongs together: their photos get no partners, and the tree records
    why.
    """
    for folder in sorted(tree.folders):
        if not f"/{folder}".endswith(f"/{folders.image}"):
            continue
        parent = folder.removesuffix(folders.image)
        partners = {role: name for role, name in vars(folders).items() if name and role != "image"}
        beside = {role: by_stem(tree, f"{parent}{name}") for role, name in partners.items()}
        for stem, images in sorted(by_stem(tree, folder).items()):
            given = {role: found.get(stem, []) for role, found in beside.items()}
            is_certain = len(images) == 1 and all(len(paths) <= 1 for paths in given.values())
            if not is_certain:
                for path in chain.from_iterable(given.values()):
                    tree.reasons[path] = f"{folder} or its partners hold several pictures called {stem}"
            for image in images:
                alone = {role: paths[0] for role, paths in given.items() if paths and is_certain}
                yield stem, Paths(image, **alone)


def by_stem(tree: Tree, folder: str) -> dict[str, list[str]]:
    """The pictures directly in `folder` by their normalised stem."""
    found: dict[str, list[str]] = {}
    for path in sorted(tree.folders.get(folder, [])):
        if suffix_of(path) in SUFFIXES:
            found.setdefault(stem_of(path), []).append(path)
    return found
