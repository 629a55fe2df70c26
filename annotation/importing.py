"""Bringing pictures in: folders, archives of any layout, and the frames of a video. All of an import, or nothing."""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from annotation.layouts import LAYOUTS, plain
from annotation.layouts.base import Found, Paths
from annotation.spool import Spool, batches
from annotation.store import Provenance, State, Store, StoreError, writing
from annotation.store.files import many
from annotation.store.revisions import NewRevision, add_first_revisions, add_revision, store_parts
from annotation.store.samples import NewSample, add_prepared, plain_png, prepare, require
from annotation.trees import Tree, open_tree
from matting.arrays import Image, Trimap, check_size, to_float, to_uint8
from matting.files import ImageError, encode_image, read_foreground, read_grey, read_image
from matting.trimap import snap_trimap, unknown_share

VIDEO_SUFFIXES = {".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v"}

Progress = Callable[[int, int], None]
"""progress(samples read, samples in all)"""


@dataclass(frozen=True)
class Imported:
    """What an import brought: the samples' numbers, how many of them are new, and a sentence for each refusal."""

    samples: list[int] = field(default_factory=list)
    new: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Prepared:
    """A sample whose files are stored."""

    sample: NewSample
    revision: NewRevision | None = None


def import_path(
    store: Store,
    path: Path,
    *,
    layout: str = "",
    provenance: Provenance | None = None,
    group: str = "",
    progress: Progress | None = None,
) -> Imported:
    """Import a folder, a zip, a tar or a video; the layout is recognised unless named.

    A file of a folder that cannot be read is told and the rest goes on; an archive is taken whole or not at all.

    Raises:
        StoreError: there is nothing to import, or an archive is damaged or hostile.
    """
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return import_video(store, path, provenance=provenance, group=group)
    tree = open_tree(path)
    known = provenance or Provenance()
    given = Spool(complete(sample, known, group) for sample in recognise(tree, layout))
    if not given:
        raise StoreError(f"{path} holds no pictures" + (f" in the layout {layout}" if layout else ""))
    problems: list[str] = []
    prepared: Spool[Prepared] = Spool()
    for done, result in enumerate(prepare_all(store, tree, given), 1):
        if isinstance(result, Prepared):
            prepared.append(result)
        elif not tree.is_archive:
            problems.append(str(result))
        else:
            raise StoreError(f"{path.name} was not imported: {result}") from result
        if progress:
            progress(done, len(given))
    return replace(add_all(store, prepared), problems=problems)


def recognise(tree: Tree, layout: str = "") -> Iterator[Found]:
    """The samples of the first layout that finds any; pictures on their own count as a layout too."""
    if layout and layout not in LAYOUTS:
        raise ValueError(f"a layout is one of {', '.join(LAYOUTS)}, but got {layout!r}")
    readers = [LAYOUTS[layout].read] if layout else [*(known.read for known in LAYOUTS.values()), plain.read]
    for read in readers:
        found = read(tree)
        first = next(found, None)
        if first is not None:
            return chain([first], found)
    return iter(())


def complete(found: Found, provenance: Provenance, group: str) -> Found:
    """What the tree does not say of a sample, as the person importing it says."""
    known = {name: value for name, value in vars(found.provenance).items() if value not in ("", None)}
    return replace(found, provenance=replace(provenance, **known), group=found.group or group)


def attempt(store: Store, tree: Tree, found: Found) -> Prepared | Exception:
    """The prepared sample, or why there is none."""
    try:
        return prepare_found(store, tree, found)
    except (StoreError, ValueError) as error:
        return error


def prepare_found(store: Store, tree: Tree, found: Found) -> Prepared:
    """Read a sample's pictures, check that they fit together, and store them."""
    paths = found.paths
    content = tree.read(paths.image)
    image = read_image(named(content, paths.image))
    sample = prepare(store, image, name=found.name, provenance=found.provenance, source=content)
    sample = replace(sample, group=found.group, split=found.split)
    if not (found.is_cutout or paths.alpha or paths.trimap):
        return Prepared(sample)
    parts, unknown = {}, None
    if found.is_cutout:
        alpha, colours = read_grey(named(content, paths.image)), read_foreground(named(content, paths.image))
        parts = {"alpha": encode_image(alpha, ".png"), "foreground": encode_image(colours, ".png")}
    if paths.alpha:
        parts["alpha"] = read_alpha_file(tree, paths, image.shape[:2])
    if paths.trimap:
        parts["trimap"], unknown = read_trimap_file(tree, paths, image.shape[:2])
    if paths.foreground == paths.image:
        parts["foreground"] = content if plain_png(content) == (8, "RGB") else encode_image(image, ".png")
    elif paths.foreground:
        parts["foreground"] = read_foreground_file(tree, paths, image.shape[:2])
    return Prepared(sample, store_parts(store, parts, effort=found.effort, unknown=unknown))


def read_alpha_file(tree: Tree, paths: Paths, size: tuple[int, int]) -> bytes:
    """The alpha's PNG: its own file where that holds grey pixels alone, else a new one of as many bits."""
    content = tree.read(paths.alpha)
    alpha = read_grey(named(content, paths.alpha))
    fit(alpha, size, "alpha", paths)
    return content if plain_png(content) in ((8, "grey"), (16, "grey")) else encode_image(alpha, ".png")


def read_trimap_file(tree: Tree, paths: Paths, size: tuple[int, int]) -> tuple[bytes, float]:
    """The trimap's PNG, with exactly its three values, and its share of unknown pixels."""
    content = tree.read(paths.trimap)
    grey = read_grey(named(content, paths.trimap))
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
    """An open file that says its name in an error."""
    file = io.BytesIO(content)
    file.name = path
    return file


def add_all(store: Store, prepared: Spool[Prepared]) -> Imported:
    """Add the rows of an import in one transaction. An alpha that comes along makes its sample done."""
    with writing(store.engine) as session:
        added = add_prepared(store, session, (one.sample for one in prepared))
        for batch in batches(zip(added, prepared, strict=True)):
            given = [(number, is_new, one.revision) for (number, is_new), one in batch if one.revision]
            add_first_revisions(session, [(number, revision) for number, is_new, revision in given if is_new])
            for number, revision in [(number, revision) for number, is_new, revision in given if not is_new]:
                sample = require(session, number)
                if not sample.current:
                    add_revision(store, session, sample, revision, parent=0)
                    sample.state = State.DONE if revision.alpha else sample.state
    return Imported([number for number, _ in added], sum(is_new for _, is_new in added))


def import_images(store: Store, images: Iterable[tuple[str, Image]], *, provenance: Provenance, group: str) -> Imported:
    """Import pictures (name, (H, W, 3) uint8) that belong together, such as frames."""
    with many(store.files) as files:
        into = replace(store, files=files)
        prepared = Spool(
            Prepared(replace(prepare(into, image, name=name, provenance=provenance), group=group))
            for name, image in images
        )
    return add_all(store, prepared)


def import_video(
    store: Store,
    path: Path,
    *,
    every: float = 1.0,
    limit: int = 1000,
    provenance: Provenance | None = None,
    group: str = "",
) -> Imported:
    """Import a frame of every `every` seconds of a video, at most `limit`. All stay in one split, that of the `group`.

    Raises:
        StoreError: it is not a video, or has no frames.
    """
    with path.open("rb") as file:
        group = group or f"video:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    known = provenance or Provenance()
    known = known if known.source else replace(known, source=path.name)
    frames = read_frames(path, every)
    imported = import_images(store, islice(frames, limit), provenance=known, group=group)
    if not imported.samples:
        raise StoreError(f"{path.name} has no frames")
    if next(frames, None):
        problem = f"{path.name} is longer than {limit} frames at one every {every:g} s; what follows was left out"
        return replace(imported, problems=[problem])
    return imported


def read_frames(path: Path, every: float) -> Iterator[tuple[str, Image]]:
    """(name, frame) of every `every` seconds."""
    import av

    try:
        with av.open(str(path)) as video:
            due = 0.0
            for frame in video.decode(video=0):
                if frame.time is not None and frame.time >= due:
                    yield f"{path.stem} {frame.time:.2f} s", cast(Image, frame.to_ndarray(format="rgb24"))
                    due = frame.time + every
    except (av.FFmpegError, IndexError) as error:
        raise StoreError(f"{path.name} is not a video that can be read: {error}") from error


def prepare_all(store: Store, tree: Tree, found: Iterable[Found]) -> Iterator[Prepared | Exception]:
    """`attempt` of each, in order: two at once, and the disk flushed for many together."""
    with ThreadPoolExecutor(2) as pool:
        for batch in batches(found):
            with many(store.files) as files:
                done = list(pool.map(partial(attempt, replace(store, files=files), tree), batch))
            yield from done
