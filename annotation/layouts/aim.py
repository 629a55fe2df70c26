"""AIM, GFM, P3M: whole photos in `original`, alphas in `mask`, trimaps in `trimap`, colours in `fg` and `bg`.

Their code asks for `.jpg` photos and backgrounds, and `.png` for the rest; the bytes are PNG, because readers go by the
content.
"""

from collections.abc import Iterator

from annotation.layouts.base import Found, Item, Layout, Paths, paired, placed
from annotation.layouts.export_pieces import Piece
from annotation.store import Split
from annotation.trees.tree import Tree

SPLITS = (Split.TRAIN, Split.VALIDATION, Split.TEST)
PARTS = ("original", "mask", "trimap", "fg")


def place(item: Item) -> dict[str, Piece]:
    """Where the pieces lie."""
    split = item.sample.split
    return {
        f"{split}/original/{item.key}.jpg": Piece.IMAGE,
        f"{split}/mask/{item.key}.png": Piece.ALPHA,
        f"{split}/trimap/{item.key}.png": Piece.TRIMAP,
        f"{split}/fg/{item.key}.png": Piece.FOREGROUND,
        f"{split}/bg/{item.key}.jpg": Piece.BACKGROUND,
    }


def read(tree: Tree) -> Iterator[Found]:
    """Photos with the mask of the same name, in split folders or, as AIM-500 has it, in none."""
    folders: list[tuple[str, Split | None]] = [(f"{split}/", split) for split in SPLITS]
    if not any(tree.inside(f"{folder}original") and tree.inside(f"{folder}mask") for folder, _ in folders):
        if {folder.rpartition("/")[2] for folder in tree.folders if folder} - {*PARTS, "bg"}:
            return
        folders = [("", None)]
    for folder, split in folders:
        tree.spare |= dict.fromkeys(tree.inside(f"{folder}bg"), "it is a background, without a subject")
        for stem, paths in paired(tree, Paths(*(f"{folder}{part}" for part in PARTS))):
            yield Found(stem, paths, split=split)


AIM = Layout(
    name="aim",
    title="AIM, GFM, P3M",
    purpose="Trains and tests networks that need no trimap, with photos, alphas, trimaps, foregrounds and "
    "estimated backgrounds side by side.",
    files=placed(place),
    read=read,
    folders=[f"{split}/{part}" for split in SPLITS for part in ("original", "mask", "trimap", "fg", "bg")],
)
