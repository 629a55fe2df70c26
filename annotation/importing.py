"""Bringing pictures in: folders, archives of any layout, and the frames of a video. All of an import, or nothing."""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import cast

import numpy as np

from annotation.layouts import LAYOUTS, plain
from annotation.layouts.base import Found
from annotation.store import Provenance, State, Store, StoreError, Work, writing
from annotation.store.files import many
from annotation.store.revisions import NewRevision, add_first_revisions, add_revision, prepare_revision
from annotation.store.samples import NewSample, add_prepared, plain_png, prepare
from annotation.trees import Tree, open_tree
from matting.arrays import Image, to_float, to_uint8
from matting.files import ImageError, read_alpha, read_foreground, read_image
from matting.trimap import snap_trimap

VIDEO_SUFFIXES = {".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v"}
CHUNK = 256
"""How many samples are flushed to the disk together."""

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
        return import_video(store, path, provenance=provenance)
    tree = open_tree(path)
    found = recognise(tree, layout)
    if not found:
        raise StoreError(f"{path} holds no pictures" + (f" in the layout {layout}" if layout else ""))
    given = [complete(sample, provenance or Provenance(), group) for sample in found]
    problems: list[str] = []
    prepared = []
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


def recognise(tree: Tree, layout: str = "") -> list[Found]:
    """The samples of the first layout that finds any; pictures on their own count as a layout too."""
    if layout and layout not in LAYOUTS:
        raise ValueError(f"a layout is one of {', '.join(LAYOUTS)}, but got {layout!r}")
    readers = [LAYOUTS[layout].read] if layout else [*(known.read for known in LAYOUTS.values()), plain.read]
    return next((found for found in (list(read(tree)) for read in readers) if found), [])


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
    work, kept = read_work(tree, found, content)
    if work.alpha is None and work.trimap is None:
        return Prepared(sample)
    try:
        revision = prepare_revision(store, work, image.shape[:2], effort=found.effort, encoded=kept)
    except ValueError as error:
        raise ImageError(f"{paths.image}: {error}") from error
    return Prepared(sample, revision)


def read_work(tree: Tree, found: Found, image: bytes) -> tuple[Work, dict[str, bytes]]:
    """The arrays that come with an image, and the bytes of those files that can be kept as they are."""
    paths, kept = found.paths, {}
    if found.is_cutout:
        alpha = read_alpha(named(image, paths.image))
        return Work(alpha=alpha, foreground=to_float(read_foreground(named(image, paths.image)))), {}
    work = Work()
    if paths.trimap:
        content = tree.read(paths.trimap)
        grey = to_uint8(read_alpha(named(content, paths.trimap)))
        trimap = snap_trimap(grey)
        work = replace(work, trimap=trimap)
        if plain_png(content) == (8, "grey") and np.array_equal(grey, trimap):
            kept["trimap"] = content
    if paths.alpha:
        content = tree.read(paths.alpha)
        work = replace(work, alpha=read_alpha(named(content, paths.alpha)))
        if plain_png(content) in ((8, "grey"), (16, "grey")):
            kept["alpha"] = content
    if paths.foreground:
        content = image if paths.foreground == paths.image else tree.read(paths.foreground)
        work = replace(work, foreground=to_float(read_image(named(content, paths.foreground))))
        if plain_png(content) == (8, "RGB"):
            kept["foreground"] = content
    return work, kept


def named(content: bytes, path: str) -> io.BytesIO:
    """An open file that says its name in an error."""
    file = io.BytesIO(content)
    file.name = path
    return file


def add_all(store: Store, prepared: Sequence[Prepared]) -> Imported:
    """Add the rows of an import in one transaction. An alpha that comes along makes its sample done."""
    with writing(store.engine) as session:
        added = add_prepared(store, session, [one.sample for one in prepared])
        given = [(sample, one.revision, is_new) for (sample, is_new), one in zip(added, prepared, strict=True)]
        wanted = [(sample, revision, is_new) for sample, revision, is_new in given if revision and not sample.current]
        add_first_revisions(session, [(sample, revision) for sample, revision, is_new in wanted if is_new])
        for sample, revision, _ in wanted:
            if not sample.current:
                add_revision(store, session, sample, revision, parent=0)
            sample.state = State.DONE if revision.alpha else sample.state
        return Imported([sample.id for sample, _ in added], sum(is_new for _, is_new in added))


def import_images(store: Store, images: Iterable[tuple[str, Image]], *, provenance: Provenance, group: str) -> Imported:
    """Import pictures (name, (H, W, 3) uint8) that belong together, such as frames."""
    with many(store.files) as files:
        into = replace(store, files=files)
        prepared = [
            Prepared(replace(prepare(into, image, name=name, provenance=provenance), group=group))
            for name, image in images
        ]
    return add_all(store, prepared)


def import_video(
    store: Store, path: Path, *, every: float = 1.0, limit: int = 1000, provenance: Provenance | None = None
) -> Imported:
    """Import a frame of every `every` seconds of a video, at most `limit`. All stay in one split.

    Raises:
        StoreError: it is not a video, or has no frames.
    """
    with path.open("rb") as file:
        group = f"video:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    known = provenance or Provenance()
    known = known if known.source else replace(known, source=path.name)
    imported = import_images(store, islice(read_frames(path, every), limit), provenance=known, group=group)
    if not imported.samples:
        raise StoreError(f"{path.name} has no frames")
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


def prepare_all(store: Store, tree: Tree, found: Sequence[Found]) -> Iterator[Prepared | Exception]:
    """`attempt` of each, in order: two at once, and the disk flushed for many together."""
    with ThreadPoolExecutor(2) as pool:
        for start in range(0, len(found), CHUNK):
            with many(store.files) as files:
                done = list(pool.map(partial(attempt, replace(store, files=files), tree), found[start : start + CHUNK]))
            yield from done
