"""Bringing pictures in: folders, archives of any layout, and the frames of a video. All of an import, or nothing."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from annotation.intake import Prepared, prepare_found
from annotation.layouts import LAYOUTS, plain
from annotation.layouts.base import Found
from annotation.layouts.records import with_records
from annotation.spool import Spool, batches
from annotation.store import Provenance, State, Store, StoreError
from annotation.store.adding import adding
from annotation.store.catching_up import complete_landmarks
from annotation.store.local_files import many
from annotation.store.revisions import add_first_revisions, add_revision, files_of
from annotation.store.samples import add_prepared, prepare, require
from annotation.trees import Tree, open_tree
from matting.arrays import Image
from matting.video_files import VideoError, frames_every, is_moving, open_video

Progress = Callable[[int, int], None]
"""progress(samples read, samples in all)"""


@dataclass(frozen=True)
class Imported:
    """What an import brought: the samples' numbers, how many of them are new, and a sentence for each refusal."""

    samples: list[int] = field(default_factory=list)
    new: int = 0
    problems: list[str] = field(default_factory=list)


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
    if path.is_file() and is_moving(path):
        return import_video(store, path, provenance=provenance, group=group)
    tree = open_tree(path)
    known = provenance or Provenance()
    given = Spool(complete(sample, known, group) for sample in recognise(tree, layout))
    if not given:
        raise StoreError(f"{path.name or path} holds no pictures" + (f" in the layout {layout}" if layout else ""))
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
            return with_records(tree, chain([first], found))
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


def add_all(store: Store, prepared: Spool[Prepared]) -> Imported:
    """Add the rows of an import in one transaction. An alpha that comes along makes its sample done."""
    files = (name for one in prepared for name in files_of_prepared(one))
    complete_landmarks(store)
    with adding(store, files) as session:
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


def files_of_prepared(one: Prepared) -> list[str | None]:
    """The names of all files of a sample to be added."""
    return [one.sample.image, one.sample.thumbnail, *(files_of(one.revision) if one.revision else [])]


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
    try:
        frames = ((f"{path.stem} {time:.2f} s", image) for time, image in frames_every(open_video(path), every))
        imported = import_images(store, islice(frames, limit), provenance=known, group=group)
    except VideoError as error:
        raise StoreError(str(error)) from error
    if not imported.samples:
        raise StoreError(f"{path.name} has no frames")
    if next(frames, None):
        problem = f"{path.name} is longer than {limit} frames at one every {every:g} s; what follows was left out"
        return replace(imported, problems=[problem])
    return imported


def prepare_all(store: Store, tree: Tree, found: Iterable[Found]) -> Iterator[Prepared | Exception]:
    """`attempt` of each, in order: two at once, and the disk flushed for many together."""
    with ThreadPoolExecutor(2) as pool:
        for batch in batches(found):
            with many(store.files) as files:
                done = list(pool.map(partial(attempt, replace(store, files=files), tree), batch))
            yield from done
