"""Cut-outs: RGBA pictures with straight (not premultiplied) colours, as in PhotoMatte85."""

from collections.abc import Iterator

from annotation.layouts.base import Entry, Found, Items, Layout, Options, Paths, entry
from annotation.layouts.export_pieces import Piece
from annotation.store import Split, StoreError
from annotation.trees.tree import Tree, folder_of, stem_of, suffix_of
from matting.files import SUFFIXES

SPLITS = (Split.TRAIN, Split.VALIDATION, Split.TEST)


def files(items: Items, options: Options) -> Iterator[Entry]:
    """One PNG per sample, of 8 or 16 bits."""
    for item in items:
        piece = Piece.DEEP_CUTOUT if options.bits == 16 else Piece.CUTOUT
        yield entry(f"{item.sample.split}/{item.key}.png", item, piece)


def read(tree: Tree) -> Iterator[Found]:
    """Every picture in the tree, if all are PNGs with an alpha channel in split folders; others are plain pictures."""
    paths = [path for path in tree.paths if suffix_of(path) in SUFFIXES]
    folders = {path: folder_of(path).rpartition("/")[2] for path in paths}
    if any(folder not in SPLITS for folder in folders.values()):
        return
    if not all(is_rgba(tree, path) for path in paths):
        return
    for path in sorted(paths):
        yield Found(stem_of(path), Paths(path), is_cutout=True, split=Split(folders[path]))


def is_rgba(tree: Tree, path: str) -> bool:
    """Whether it is a PNG of 8 or 16 bits with an alpha channel; not if it cannot be read."""
    try:
        return tree.read(path)[24:26] in (b"\x08\x06", b"\x10\x06")
    except StoreError:
        return False


RGBA = Layout(
    name="rgba",
    title="Cut-outs (RGBA PNG)",
    purpose="For designers and compositing: one transparent PNG per sample, straight colours, 8 or 16 bits.",
    files=files,
    read=read,
    folders=SPLITS,
)
