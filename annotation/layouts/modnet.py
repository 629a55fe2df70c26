"""MODNet's forks and PaddleSeg: whole photos with their alphas, paired by the same file name, and lists of them.

Here the folder `fg` holds the photo. PaddleSeg finds an alpha by replacing every "/fg" of the path with "/alpha".
"""

from collections.abc import Iterator, Mapping

from annotation.layouts.base import Found, Item, Items, Layout, Lists, Options, Paths, paired, placed
from annotation.layouts.export_pieces import Piece
from annotation.store import Split
from annotation.trees.tree import Tree

FOLDERS = {Split.TRAIN: "train", Split.VALIDATION: "val", Split.TEST: "test"}


def place(item: Item) -> dict[str, Piece]:
    """Where the pieces lie."""
    folder = FOLDERS[Split(item.sample.split)]
    return {
        f"{folder}/fg/{item.key}.png": Piece.IMAGE,
        f"{folder}/alpha/{item.key}.png": Piece.ALPHA,
        f"{folder}/trimap/{item.key}.png": Piece.TRIMAP,
    }


def describe(items: Items, options: Options, written: Mapping[str, str]) -> Lists:  # noqa: ARG001
    """One list for each split: the photos' paths."""
    for split, folder in FOLDERS.items():
        chosen = (item for item in items if item.sample.split == split)
        yield f"{folder}.txt", (f"{folder}/fg/{item.key}.png\n".encode() for item in chosen)


def read(tree: Tree) -> Iterator[Found]:
    """The photos of each list's folder, with the alpha of the same name."""
    lists = [path for folder in FOLDERS.values() for path in tree.ending(f"{folder}.txt")]
    if not lists or not any(tree.inside(f"{folder}/alpha") for folder in FOLDERS.values()):
        return
    tree.used.update(lists)
    for split, folder in FOLDERS.items():
        for stem, paths in paired(tree, Paths(f"{folder}/fg", f"{folder}/alpha", f"{folder}/trimap")):
            yield Found(stem, paths, split=split)


MODNET = Layout(
    name="modnet",
    title="MODNet, PaddleSeg (PP-Matting)",
    purpose="Trains networks that need no trimap, on whole photos with their own backgrounds.",
    files=placed(place),
    read=read,
    describe=describe,
    folders=[f"{folder}/{part}" for folder in FOLDERS.values() for part in ("fg", "alpha", "trimap")],
    unsafe_path="/fg",
)
