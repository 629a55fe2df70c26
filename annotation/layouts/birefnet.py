"""BiRefNet: photos in `im`, alphas of the same name in `gt`.

The export is a *task* of its configuration, each split a *dataset*. It finds an alpha by replacing "/im/" in the
photo's whole path with "/gt/".
"""

from collections.abc import Iterator

from annotation.layouts.base import Found, Item, Layout, Paths, paired, placed
from annotation.layouts.export_pieces import Piece
from annotation.store import Split
from annotation.trees.tree import Tree

SPLITS = (Split.TRAIN, Split.VALIDATION, Split.TEST)


def place(item: Item) -> dict[str, Piece]:
    """Where the pieces lie."""
    split = item.sample.split
    return {f"{split}/im/{item.key}.png": Piece.IMAGE, f"{split}/gt/{item.key}.png": Piece.ALPHA}


def read(tree: Tree) -> Iterator[Found]:
    """The photos of each split, with the alpha of the same name."""
    for split in SPLITS if any(tree.inside(f"{split}/gt") for split in SPLITS) else ():
        for stem, paths in paired(tree, Paths(f"{split}/im", f"{split}/gt")):
            yield Found(stem, paths, split=split)


BIREFNET = Layout(
    name="birefnet",
    title="BiRefNet",
    purpose="Fine-tunes BiRefNet on whole photos: set its task to the export's name, its training set to train. Turn "
    "off its losses for binary masks (IoU).",
    files=placed(place),
    read=read,
    folders=[f"{split}/{part}" for split in SPLITS for part in ("im", "gt")],
    unsafe_path="/im/",
)
