"""Background Matting V2, and pictures for Robust Video Matting: colours in `fgr`, alphas of the same name in `pha`."""

from collections.abc import Iterator

from annotation.layouts.base import Found, Item, Layout, Paths, placed
from annotation.layouts.pieces import Piece
from annotation.store import Split
from annotation.trees import Tree

FOLDERS = {Split.TRAIN: "train", Split.VALIDATION: "valid", Split.TEST: "test"}


def place(item: Item) -> dict[str, Piece]:
    """Where the pieces lie."""
    folder = FOLDERS[Split(item.sample.split)]
    return {f"{folder}/fgr/{item.key}.png": Piece.FOREGROUND, f"{folder}/pha/{item.key}.png": Piece.ALPHA}


def read(tree: Tree) -> Iterator[Found]:
    """Pairs of the same name; clips lie in folders of their own, and a clip stays in one split."""
    for split, folder in FOLDERS.items():
        for path in tree.paths:
            before, middle, rest = f"/{path}".rpartition("/fgr/")
            if middle and before.endswith(f"/{folder}"):
                name = rest.rpartition(".")[0]
                alphas = (f"{before}/pha/{name}.{suffix}".removeprefix("/") for suffix in ("png", "jpg"))
                alpha = next((other for other in alphas if other in tree.names), "")
                paths = Paths(path, alpha, foreground=path)
                yield Found(name.replace("/", " "), paths, split=split, group=rest.rpartition("/")[0])


FGR_PHA = Layout(
    name="fgr_pha",
    title="Robust Video Matting (pictures), Background Matting V2",
    purpose="Trains video and background networks on single pictures, which they compose on backgrounds of their own.",
    files=placed(place),
    read=read,
    folders=[f"{folder}/{part}" for folder in FOLDERS.values() for part in ("fgr", "pha")],
)
