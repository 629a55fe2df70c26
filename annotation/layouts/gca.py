"""GCA-Matting, MGMatting, MatteFormer, ViTMatte: foregrounds, alphas and backgrounds to compose; test pictures merged.

The photos of the training samples lie beside them in `merged`. GCA's loader ignores them; ours checks alphas by them.

Their training loader takes `.jpg` names for foreground, alpha and background and pairs by stem. The bytes are PNG:
every reader goes by the content, and JPEG would spoil hundreds of pixels that must be exactly 0 or 255.

An epoch is as long as the list of backgrounds, and only whole batches count: fewer backgrounds than a batch would give
none, so they are written several times over.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from math import ceil
from pathlib import Path
from typing import BinaryIO

from annotation.layouts.base import Entry, Found, Items, Layout, Lists, Options, Paths, entry, paired
from annotation.layouts.export_pieces import Piece
from annotation.store import Split, Store
from annotation.trees.tree import Tree
from matting.files import encode_image, list_images, read_image

PUBLISHED_BATCH = 10
"""The batch size of the training code's own configurations."""


def files(items: Items, options: Options) -> Iterator[Entry]:
    """Training and validation samples train; test samples are merged."""
    for item in items:
        if item.sample.split == Split.TEST:
            yield entry(f"test/merged/{item.key}.png", item, Piece.IMAGE)
            yield entry(f"test/alpha/{item.key}.png", item, Piece.ALPHA)
            yield entry(f"test/trimap/{item.key}.png", item, Piece.TRIMAP)
        else:
            folder = "train" if item.sample.split == Split.TRAIN else "validation"
            yield entry(f"{folder}/fg/{item.key}.jpg", item, Piece.FOREGROUND)
            yield entry(f"{folder}/alpha/{item.key}.jpg", item, Piece.ALPHA)
            yield entry(f"{folder}/merged/{item.key}.png", item, Piece.IMAGE)
    for number, path in enumerate(backgrounds(options), 1):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        yield Entry(f"train/bg/{number:06d}.jpg", f"background:{content}", partial(write_background, path))


def backgrounds(options: Options) -> list[Path]:
    """The pictures for `train/bg`, repeated until they fill a batch."""
    given = list_images([options.backgrounds]) if options.backgrounds else []
    return given * ceil(PUBLISHED_BATCH / max(1, len(given)))


def advise(items: Items, options: Options) -> Iterator[str]:
    """Why the training loader would give no batch, or what was done about it."""
    given = len(set(backgrounds(options)))
    if not given:
        yield f"train/bg is empty: put at least {PUBLISHED_BATCH} .jpg pictures there, or the loader gives no batch"
    elif given < PUBLISHED_BATCH:
        yield (
            f"the training loader gives no batch from fewer than {PUBLISHED_BATCH} backgrounds, so the {given} in "
            f"{options.backgrounds} are written several times over"
        )
    if not any(item.sample.split == Split.TRAIN for item in items):
        yield "train/fg is empty: no sample of the split train is finished"


def write_background(path: Path, store: Store, file: BinaryIO) -> None:  # noqa: ARG001 (an entry's signature)
    """The picture, upright and in sRGB."""
    file.write(encode_image(read_image(path), ".png"))


def describe(items: Items, options: Options, written: Mapping[str, str]) -> Lists:  # noqa: ARG001
    """The values to set in the training code's own configuration."""
    empty = "# train/bg is empty: the training code composes on the pictures you put there, as .jpg.\n"
    note = "" if backgrounds(options) else empty
    paths = {
        "train_fg": "train/fg",
        "train_alpha": "train/alpha",
        "train_bg": "train/bg",
        "test_merged": "test/merged",
        "test_alpha": "test/alpha",
        "test_trimap": "test/trimap",
    }
    lines = [f'{name} = "{path}"\n' for name, path in paths.items()]
    yield "gca.toml", [(note + "[data]\n" + "".join(lines)).encode()]


def read(tree: Tree) -> Iterator[Found]:
    """Foregrounds with their alphas, and merged test pictures."""
    backgrounds = tree.inside("train/bg")
    if backgrounds or tree.inside("test/merged"):
        tree.spare |= dict.fromkeys(backgrounds, "it is a background, without a subject")
        for folder, split in (("train", Split.TRAIN), ("validation", Split.VALIDATION)):
            for stem, paths in paired(tree, Paths(f"{folder}/fg", f"{folder}/alpha", foreground=f"{folder}/merged")):
                photo, foreground = paths.foreground or paths.image, paths.image
                yield Found(stem, replace(paths, image=photo, foreground=foreground), split=split)
        for stem, paths in paired(tree, Paths("test/merged", "test/alpha", "test/trimap")):
            yield Found(stem, paths, split=Split.TEST)


GCA = Layout(
    name="gca",
    title="GCA-Matting, MGMatting, MatteFormer, ViTMatte",
    purpose="Trains networks that take a trimap: foregrounds are composed on backgrounds of your own. Put ten or "
    "more into train/bg, or give a folder of them to --backgrounds of the command line.",
    files=files,
    read=read,
    describe=describe,
    advise=advise,
    folders=("train/fg", "train/alpha", "train/bg", "test/merged", "test/alpha", "test/trimap"),
)
