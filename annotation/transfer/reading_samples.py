"""A sample found in somebody's tree: its pictures read, checked that they fit together, and stored."""

import io
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from annotation.layouts.base import Found, Paths
from annotation.store import Store
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
from matting.files.picture_kinds import NotAnAlphaError, check_no_labels
from matting.trimap import snap_trimap, unknown_share


@dataclass(frozen=True)
class Prepared:
    """A sample whose files are stored."""

    sample: NewSample
    revision: NewRevision | None = None
    left_out: str = ""
    """Why the picture given as its alpha or trimap was rejected; the photo is imported without it."""


def prepare_found(store: Store, tree: Tree, found: Found, *, trust_alphas: bool = False) -> Prepared:
    """Read a sample's pictures, check that they fit together, and store them. A cut-out without a hole is a photo.

    With `trust_alphas` an alpha may look like a map of labels.
    """
    paths = found.paths
    content = tree.read(paths.image)
    image = read_image(named(content, paths.image))
    sample = prepare(store, image, name=found.name, provenance=found.provenance, source=content)
    sample = replace(sample, group=found.group, split=found.split)
    alpha = read_transparency(named(content, paths.image)) if found.is_cutout else None
    if alpha is None and not (paths.alpha or paths.trimap):
        return Prepared(sample)
    parts, unknown, refused = {}, None, []
    if alpha is not None:
        colours = read_foreground(named(content, paths.image))
        parts = {"alpha": encode_image(alpha, ".png"), "foreground": encode_image(colours, ".png")}
    try:
        if paths.alpha:
            parts["alpha"] = read_alpha_file(tree, paths, image.shape[:2], is_trusted=trust_alphas)
    except (ColourError, NotAnAlphaError) as error:
        refused.append(str(error))
    try:
        if paths.trimap:
            parts["trimap"], unknown = read_trimap_file(tree, paths, image.shape[:2])
    except (ColourError, NotAnAlphaError) as error:
        refused.append(str(error))
    left_out = "; ".join([*refused, f"{paths.image} came in without it"]) if refused else ""
    if not parts:
        return Prepared(sample, left_out=left_out)
    if paths.foreground == paths.image:
        parts["foreground"] = content if plain_png(content) == (8, "RGB") else encode_image(image, ".png")
    elif paths.foreground:
        parts["foreground"] = read_foreground_file(tree, paths, image.shape[:2])
    return Prepared(sample, store_parts(store, parts, effort=found.effort, unknown=unknown), left_out)


def read_alpha_file(tree: Tree, paths: Paths, size: tuple[int, int], *, is_trusted: bool) -> bytes:
    """The alpha's PNG: its own file if that holds grey pixels only, otherwise a new one with as many bits."""
    content = tree.read(paths.alpha)
    alpha = read_grey(named(content, paths.alpha))
    if not is_trusted:
        check_no_labels(alpha, paths.alpha, advice=" (if it is one, “Trust the alphas” or --trust-alphas takes it)")
    fit(alpha, size, "alpha", paths)
    return content if plain_png(content) in ((8, "grey"), (16, "grey")) else encode_image(alpha, ".png")


def read_trimap_file(tree: Tree, paths: Paths, size: tuple[int, int]) -> tuple[bytes, float]:
    """The trimap's PNG, with exactly its three values, and its share of unknown pixels."""
    content = tree.read(paths.trimap)
    grey = read_grey(named(content, paths.trimap))
    check_no_labels(grey, paths.trimap, top=0.125)
    fit(grey, size, "trimap", paths)
    trimap = snap_trimap(cast(Trimap, grey) if grey.dtype == np.uint8 else to_uint8(to_float(grey)))
    is_kept = plain_png(content) == (8, "grey") and np.array_equal(grey, trimap)
    return content if is_kept else encode_image(trimap, ".png"), unknown_share(trimap)


def read_foreground_file(tree: Tree, paths: Paths, size: tuple[int, int]) -> bytes:
    """The foreground's PNG, of 8-bit colours."""
    content = tree.read(paths.foreground)
    colours = read_image(named(content, paths.foreground))
    fit(colours, size, "foreground", paths)
    return content if plain_png(content) == (8, "RGB") else encode_image(colours, ".png")


def fit(array: NDArray[Any], size: tuple[int, int], name: str, paths: Paths) -> None:
    """ImageError unless `array` has the size of its image."""
    try:
        check_size(array, size, name)
    except ValueError as error:
        raise ImageError(f"{paths.image}: {error}") from error


def named(content: bytes, path: str) -> io.BytesIO:
    """An open file that has its name for error messages."""
    file = io.BytesIO(content)
    file.name = path
    return file
