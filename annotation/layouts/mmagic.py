"""mmagic: a JSON file for each split that names each picture, in the form of its Adobe composition data set.

The configurations of DIM and IndexNet load `bg_path`: it names the background that was estimated behind the subject.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotation.layouts.base import Found, Item, Items, Layout, Lists, Options, Paths, placed
from annotation.layouts.export_pieces import Piece
from annotation.store import Split, StoreError
from annotation.trees.json_lists import below, named_in, parse_json
from annotation.trees.tree import ArchiveError, Tree, stem_of

PARTS = {
    "alpha_path": ("alpha", Piece.ALPHA),
    "fg_path": ("fg", Piece.FOREGROUND),
    "bg_path": ("bg", Piece.BACKGROUND),
    "merged_path": ("merged", Piece.IMAGE),
    "trimap_path": ("trimap", Piece.TRIMAP),
}
TAKEN = ("alpha_path", "fg_path", "merged_path", "trimap_path")
SPLITS = (Split.TRAIN, Split.VALIDATION, Split.TEST)


def path_of(item: Item, folder: str) -> str:
    """The path of one of the item's pictures."""
    return f"{item.sample.split}/{folder}/{item.key}.png"


def place(item: Item) -> dict[str, Piece]:
    """Where the pieces lie."""
    return {path_of(item, folder): piece for folder, piece in PARTS.values()}


def describe(items: Items, options: Options, written: Mapping[str, str]) -> Lists:  # noqa: ARG001
    """One JSON file for each split."""
    for split in SPLITS:
        yield f"{split}.json", list_json(item for item in items if item.sample.split == split)


def list_json(items: Iterable[Item]) -> Iterator[bytes]:
    """The JSON of one split, one line per sample."""
    yield b'{"metainfo": {"dataset_type": "matting_dataset", "task_name": "matting"}, "data_list": ['
    for number, item in enumerate(items):
        record = {name: path_of(item, folder) for name, (folder, _) in PARTS.items()}
        yield (b",\n" if number else b"\n") + json.dumps(record).encode()
    yield b"\n]}\n"


def read(tree: Tree) -> Iterator[Found]:
    """The samples that the JSON files name; the image is the merged picture or else the foreground."""
    for path in tree.ending(".json"):
        try:
            content = tree.read(path)
        except StoreError as error:
            tree.problems.append(f"{path} was left out: {error}")
            continue
        if b'"data_list"' not in content:
            continue
        listed = parse_json(content, path)
        if isinstance(listed, dict) and isinstance(listed.get("data_list"), list):
            tree.used.add(path)
            stem = stem_of(path)
            split = Split(stem) if stem in SPLITS else None
            for record in listed["data_list"]:
                yield found(tree, path, record=record, split=split)


def found(tree: Tree, listed_in: str, *, record: Any, split: Split | None) -> Found:
    """One record; its paths are relative to the list and must be in the tree."""
    if not isinstance(record, dict):
        raise ArchiveError(f"{listed_in} lists {type(record).__name__}, which is not a record of paths")
    paths = {name: named_in(tree, listed_in, record[name]) for name in TAKEN if record.get(name)}
    if background := tree.find(below(listed_in, record.get("bg_path", ""))):
        tree.spare[background] = "it is a background, without a subject"
    image = paths.get("merged_path") or paths.get("fg_path")
    if not image:
        raise ArchiveError(f"{listed_in} has a record with neither merged_path nor fg_path")
    alpha, trimap, foreground = (paths.get(name, "") for name in ("alpha_path", "trimap_path", "fg_path"))
    return Found(stem_of(image), Paths(image, alpha, trimap, foreground), split=split)


MMAGIC = Layout(
    name="mmagic",
    title="mmagic",
    purpose="Trains and tests the matting networks of mmagic (DIM, GCA, IndexNet, PlainRefiner).",
    files=placed(place),
    read=read,
    describe=describe,
    folders=[f"{split}/{folder}" for split in SPLITS for folder, _ in PARTS.values()],
)
