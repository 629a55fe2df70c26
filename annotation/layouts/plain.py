"""Photos as they come, alone or with alphas (and trimaps) of the same name in a folder beside them. Import only."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from annotation.layouts.base import Found, Paths, paired
from annotation.trees import Tree
from matting.files import SUFFIXES

IMAGE_FOLDERS = ("image", "images", "img", "im", "merged", "input_training_lowres")
ALPHA_FOLDERS = ("alpha", "alphas", "gt", "mask", "matte", "pha", "gt_training_lowres")
TRIMAP_FOLDERS = ("trimap", "trimaps", "trimap1")


def read(tree: Tree) -> Iterator[Found]:
    """Pairs of an image and an alpha folder if there are both, else every picture in the tree."""
    images = next((name for name in IMAGE_FOLDERS if tree.inside(name)), "")
    alphas = next((name for name in ALPHA_FOLDERS if tree.inside(name)), "")
    if images and alphas:
        trimaps = next((name for name in TRIMAP_FOLDERS if tree.inside(name)), "")
        for stem, paths in paired(tree, Paths(images, alphas, trimaps)):
            yield Found(stem, paths)
        return
    for path in sorted(tree.paths):
        name = PurePosixPath(path)
        if name.suffix.lower() in SUFFIXES and not name.name.startswith("."):
            yield Found(name.stem, Paths(path))
