"""Background Matting V2, and pictures for Robust Video Matting: colours in `fgr`, alphas of the same name in `pha`."""

from collections import defaultdict
from collections.abc import Iterator

from annotation.layouts.base import Found, Item, Layout, Paths, placed
from annotation.layouts.export_pieces import Piece
from annotation.store import Split
from annotation.trees.tree import Tree, composed, suffix_of
from matting.files import SUFFIXES

FOLDERS = {Split.TRAIN: "train", Split.VALIDATION: "valid", Split.TEST: "test"}


def place(item: Item) -> dict[str, Piece]:
    """Where the pieces lie."""
    folder = FOLDERS[Split(item.sample.split)]
    return {f"{folder}/fgr/{item.key}.png": Piece.FOREGROUND, f"{folder}/pha/{item.key}.png": Piece.ALPHA}


def read(tree: Tree) -> Iterator[Found]:
    """Pairs of the same name; clips lie in folders of their own, and a clip stays in one split."""
    alphas: dict[str, list[str]] = defaultdict(list)
    for path in pictures_below(tree, "pha"):
        alphas[bare(path)].append(path)
    for path in pictures_below(tree, "fgr") if alphas else ():
        before, _, rest = f"/{path}".rpartition("/fgr/")
        split = next((split for split, folder in FOLDERS.items() if before.endswith(f"/{folder}")), None)
        if split:
            found = alphas[bare(f"{before}/pha/{rest}".removeprefix("/"))]
            tree.reasons |= dict.fromkeys(found[1:] and found, f"several could be the alpha of {path}")
            paths = Paths(path, found[0] if len(found) == 1 else "", foreground=path)
            name = composed(rest.rpartition(".")[0].replace("/", " "))
            yield Found(name, paths, split=split, group=rest.rpartition("/")[0])


def pictures_below(tree: Tree, folder: str) -> list[str]:
    """The pictures somewhere below a folder of that name."""
    return [path for path in tree.paths if f"/{folder}/" in f"/{path}" and suffix_of(path) in SUFFIXES]


def bare(path: str) -> str:
    """The normalised path without its suffix, for comparing."""
    return composed(path.rpartition(".")[0])


FGR_PHA = Layout(
    name="fgr_pha",
    title="Robust Video Matting (pictures), Background Matting V2",
    purpose="Trains video and background networks on single pictures, which they compose on backgrounds of their own.",
    files=placed(place),
    read=read,
    folders=[f"{folder}/{part}" for folder in FOLDERS.values() for part in ("fgr", "pha")],
)
