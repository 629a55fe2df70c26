"""Reading a sample found in somebody's tree: its pictures are read, checked against each other, and stored."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from annotation.layouts.base import Found, Paths
from annotation.store import Store, StoreError
from annotation.store.revisions import NewRevision, store_parts
from annotation.store.samples import NewSample, plain_png, prepare
from annotation.trees.tree import Tree
from matting.arrays import Trimap, check_size, to_float, to_uint8
from matting.files import (
    ColourError,
    ImageError,
    encode_image,
    read_foreground,
    read_grey,
    read_image,
    read_transparency,
)
from matting.files.picture_bytes import with_path
from matting.files.picture_kinds import SMALL, NotAnAlphaError, check_no_labels, check_no_trimap
from matting.trimap import snap_trimap, unknown_share

ADVICE = " (if it is an alpha, “Trust the alphas” or --trust-alphas takes it)"


@dataclass(frozen=True)
class Prepared:
    """A sample whose files are stored."""

    sample: NewSample
    revision: NewRevision | None = None
    left_out: str = ""
    """Why a picture given as its alpha, trimap or foreground was rejected; the photo is imported without it."""
    path: str = ""
    """The file that its revision comes from."""


def prepare_found(store: Store, tree: Tree, found: Found, *, trust_alphas: bool = False) -> Prepared:
    """Read a sample's pictures, check that they fit together, and store them. A fully opaque cut-out is a photo.

    With `trust_alphas`, an alpha may look like a label map.
    """
    paths = found.paths
    content = tree.read(paths.image)
    image = read_image(named(content, paths.image))
    sample = prepare(store, image, name=found.name, provenance=found.provenance, source=content)
    sample = replace(sample, group=found.group, split=found.split)
    alpha = read_transparency(named(content, paths.image)) if found.is_cutout else None
    if alpha is None and not (paths.alpha or paths.trimap):
        return Prepared(sample)
    parts, unknown = {}, None
    if alpha is not None:
        colours = read_foreground(named(content, paths.image))
        parts = {"alpha": encode_image(alpha, ".png"), "foreground": encode_image(colours, ".png")}
    refused = Refused(tree)
    if paths.alpha:
        with refused.said_of(paths.alpha):
            parts["alpha"] = read_alpha_file(tree, paths, image.shape[:2], is_trusted=trust_alphas)
    if paths.trimap:
        with refused.said_of(paths.trimap):
            parts["trimap"], unknown = read_trimap_file(tree, paths, image.shape[:2])
    if parts and paths.foreground == paths.image:
        parts["foreground"] = content if plain_png(content) == (8, "RGB") else encode_image(image, ".png")
    elif parts and paths.foreground:
        with refused.said_of(paths.foreground):
            parts["foreground"] = read_foreground_file(tree, paths, image.shape[:2])
    left_out = "; ".join([*refused.reasons, f"{paths.image} came in without it"]) if refused.reasons else ""
    if not parts:
        return Prepared(sample, left_out=left_out)
    revision = store_parts(store, parts, effort=found.effort, unknown=unknown)
    return Prepared(sample, revision, left_out, paths.alpha or paths.trimap or paths.image)


class Refused:
    """Why pictures that belong to a photo were refused. Damage in an archive refuses the whole archive."""

    def __init__(self, tree: Tree) -> None:
        self.reasons: list[str] = []
        self._kinds = (ColourError, NotAnAlphaError) if tree.is_archive else (ImageError, StoreError)

    @contextmanager
    def said_of(self, path: str) -> Iterator[None]:
        """Note the reason if reading the picture at `path` fails."""
        try:
            yield
        except self._kinds as error:
            self.reasons.append(with_path(path, str(error)))


def read_alpha_file(tree: Tree, paths: Paths, size: tuple[int, int], *, is_trusted: bool) -> bytes:
    """The alpha's PNG: its own file if that holds only grey pixels, otherwise a new one with as many bits."""
    content = tree.read(paths.alpha)
    alpha = read_grey(named(content, paths.alpha))
    if not is_trusted:
        check_no_labels(alpha, paths.alpha, advice=ADVICE)
        check_no_trimap(alpha, paths.alpha, advice=ADVICE)
    fit(alpha, size, "alpha")
    return content if plain_png(content) in ((8, "grey"), (16, "grey")) else encode_image(alpha, ".png")


def read_trimap_file(tree: Tree, paths: Paths, size: tuple[int, int]) -> tuple[bytes, float]:
    """The trimap's PNG, with exactly its three values, and its share of unknown pixels."""
    content = tree.read(paths.trimap)
    grey = read_grey(named(content, paths.trimap))
    check_no_labels(grey, paths.trimap, top=SMALL)
    fit(grey, size, "trimap")
    trimap = snap_trimap(cast(Trimap, grey) if grey.dtype == np.uint8 else to_uint8(to_float(grey)))
    is_kept = plain_png(content) == (8, "grey") and np.array_equal(grey, trimap)
    return content if is_kept else encode_image(trimap, ".png"), unknown_share(trimap)


def read_foreground_file(tree: Tree, paths: Paths, size: tuple[int, int]) -> bytes:
    """The foreground's PNG, of 8-bit colours."""
    content = tree.read(paths.foreground)
    colours = read_image(named(content, paths.foreground))
    fit(colours, size, "foreground")
    return content if plain_png(content) == (8, "RGB") else encode_image(colours, ".png")


def fit(array: NDArray[Any], size: tuple[int, int], name: str) -> None:
    """Raise ImageError unless `array` has the size of its image."""
    try:
        check_size(array, size, name)
    except ValueError as error:
        raise ImageError(str(error)) from error


def named(content: bytes, path: str) -> io.BytesIO:
    """An open file that carries its name for error messages."""
    file = io.BytesIO(content)
    file.name = path
    return file
