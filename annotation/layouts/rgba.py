"""Cut-outs: RGBA pictures with straight (not premultiplied) colours, as in PhotoMatte85."""

from collections.abc import Iterator

from annotation.layouts.base import Entry, Found, Items, Layout, Options, Paths, entry
from annotation.layouts.pieces import Piece
from annotation.store import Split
from annotation.trees import Tree

SPLITS = (Split.TRAIN, Split.VALIDATION, Split.TEST)


def files(items: Items, options: Options) -> Iterator[Entry]:
    """One PNG a sample, of 8 or 16 bits."""
    for item in items:
        piece = Piece.DEEP_CUTOUT if options.bits == 16 else Piece.CUTOUT
        yield entry(f"{item.sample.split}/{item.key}.png", item, piece)


def read(tree: Tree) -> Iterator[Found]:
    """Every PNG in the tree, if all of them are RGBA."""
    paths = tree.ending(".png")
    if not paths or any(tree.read(path)[24:26] not in (b"\x08\x06", b"\x10\x06") for path in paths):
        return
    for path in paths:
        folder = path.rpartition("/")[0].rpartition("/")[2]
        name = path.rpartition("/")[2].rpartition(".")[0]
        yield Found(name, Paths(path), is_cutout=True, split=Split(folder) if folder in SPLITS else None)


RGBA = Layout(
    name="rgba",
    title="Cut-outs (RGBA PNG)",
    purpose="For designers and compositing: one transparent PNG a sample, straight colours, 8 or 16 bits.",
    files=files,
    read=read,
    folders=SPLITS,
)
