"""Hugging Face ImageFolder: a metadata.jsonl beside the pictures of each split, a dataset card and Croissant.

Every column that ends in `_file_name` becomes a picture in `datasets.load_dataset("imagefolder", data_dir=…)`. The
alpha has 8 bits, because Pillow's `convert("L")` turns 16-bit grey white. `alpha16` holds all its bits.
"""

import json
import posixpath
from collections.abc import Iterator, Mapping

from annotation.layouts.base import Found, Item, Items, Layout, Lists, Options, Paths, placed
from annotation.layouts.dataset_cards import croissant, dataset_card
from annotation.layouts.export_pieces import Piece
from annotation.layouts.provenance_records import read_record, record_of
from annotation.store import Split
from annotation.trees.json_lists import json_lines, named_in
from annotation.trees.tree import ArchiveError, Tree, stem_of

PARTS = {
    "image": Piece.IMAGE,
    "alpha": Piece.ALPHA,
    "alpha16": Piece.DEEP_ALPHA,
    "foreground": Piece.FOREGROUND,
    "trimap": Piece.TRIMAP,
}
SPLITS = (Split.TRAIN, Split.VALIDATION, Split.TEST)


def place(item: Item) -> dict[str, Piece]:
    """Where the pieces lie."""
    return {f"data/{item.sample.split}/{part}/{item.key}.png": piece for part, piece in PARTS.items()}


def describe(items: Items, options: Options, written: Mapping[str, str]) -> Lists:  # noqa: ARG001
    """The metadata of each split that has samples, the card and the Croissant description."""
    found = {item.sample.split for item in items}
    for split in [split for split in SPLITS if split in found]:
        yield f"data/{split}/metadata.jsonl", (line(item) for item in items if item.sample.split == split)
    yield "README.md", [dataset_card(items)]
    yield "croissant.json", [croissant(items, {path: sha for path, sha in written.items() if path.endswith(".jsonl")})]


def line(item: Item) -> bytes:
    """One sample: the names of its pictures, beside the list, and what is known about it."""
    names = {f"{part}_file_name": f"{part}/{item.key}.png" for part in PARTS}
    return json.dumps(names | record_of(item), ensure_ascii=False).encode() + b"\n"


def read(tree: Tree) -> Iterator[Found]:
    """The samples that the metadata.jsonl files name."""
    for path in tree.ending("metadata.jsonl"):
        folder = posixpath.dirname(path)
        tree.used.add(path)
        for record in json_lines(tree, path):
            split = {"split": posixpath.basename(folder)} if posixpath.basename(folder) in SPLITS else {}
            paths = paths_in(tree, path, record=record)
            yield read_record(split | record, stem_of(paths.image), paths=paths)


def paths_in(tree: Tree, listed_in: str, *, record: dict[str, object]) -> Paths:
    """The pictures that a line names, relative to its list; ArchiveError unless they are in the tree."""
    names = {part: record.get(f"{part}_file_name") for part in PARTS}
    names["image"] = names["image"] or record.get("file_name")
    if not names["image"]:
        raise ArchiveError(f"{listed_in} has a line that names no image")
    paths = {part: named_in(tree, listed_in, name) for part, name in names.items() if name}
    if deep := paths.pop("alpha16", ""):
        tree.used.add(paths.get("alpha", ""))  # the same one with fewer bits
        paths["alpha"] = deep
    return Paths(**paths)


IMAGEFOLDER = Layout(
    name="imagefolder",
    title="Hugging Face datasets (ImageFolder)",
    purpose="The complete set: photo, alpha with 8 and with 16 bits, foreground, trimap and everything known about "
    "them. For load_dataset, for the Hub, and to move a dataset to another studio.",
    files=placed(place),
    read=read,
    describe=describe,
    folders=("data",),
)
