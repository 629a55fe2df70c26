"""Importing pictures: folders, archives of any layout, and video frames. Everything is added, or nothing is."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TypeAlias

from annotation.layouts import LAYOUTS, plain
from annotation.layouts.base import Found
from annotation.layouts.provenance_records import with_records
from annotation.plurals import counted
from annotation.spool import Spool, batches
from annotation.store import Provenance, Store, StoreError, list_doubts, tidy_tags
from annotation.store.adding import adding
from annotation.store.copies.missing_landmarks import complete_landmarks
from annotation.store.files.local import many
from annotation.store.revisions import add_first_revisions, add_unless_known, files_of, lacked_part
from annotation.store.samples import add_prepared, prepare
from annotation.store.tables.samples import Revision
from annotation.transfer.leftovers import expected, others
from annotation.transfer.reading_samples import Prepared, prepare_found
from annotation.trees.opening import FOLDER, open_tree, tree_of_files
from annotation.trees.tree import Tree, composed
from matting.arrays import Image
from matting.files import SUFFIXES
from matting.files.listing import MAX_NAMED_FILES
from matting.files.picture_bytes import with_path
from matting.video.files import VideoError, frames_every, is_moving, open_video

OnProgress = Callable[[int, int], None]
"""on_progress(samples read, samples in all)"""


@dataclass(frozen=True)
class Imported:
    """The result of an import, and what was left out."""

    samples: list[int] = field(default_factory=list)
    """The numbers of the samples."""
    new: int = 0
    """The number of samples that are new."""
    alphas: int = 0
    """The number of those that came with an alpha."""
    problems: list[str] = field(default_factory=list)
    """A sentence for each file that could not be read."""
    left_out: list[str] = field(default_factory=list)
    """A sentence, with the reason, for each file left out that a person would expect to be imported."""
    revised: list[str] = field(default_factory=list)
    """A sentence for each existing sample that has a new revision now."""
    doubtful: list[str] = field(default_factory=list)
    """A sentence for each new sample that may be a copy of another."""
    notes: list[str] = field(default_factory=list)
    """Sentences on everything else: other files, system files, pictures made from others."""


@dataclass(frozen=True)
class ImportOptions:
    """How to import."""

    layout: str = ""
    """One of LAYOUTS; if it is not named, it is recognised."""
    provenance: Provenance = field(default_factory=Provenance)
    """The provenance of all pictures that do not come with their own."""
    group: str = ""
    """The group of all pictures that do not come with their own."""
    trust_alphas: bool = False
    """Whether an alpha may look like a label map; if not, its photo is imported without it."""
    on_progress: OnProgress | None = None


def import_path(store: Store, path: Path, options: ImportOptions | None = None) -> Imported:
    """Import a folder, a zip, a tar or a video.

    If a file of a folder cannot be read, it is reported, and the rest is imported. An archive is imported whole or not
    at all.

    Raises:
        StoreError: there is nothing to import, or an archive is damaged or hostile.
    """
    options = options or ImportOptions()
    if path.is_file() and is_moving(path):
        return import_video(store, path, provenance=options.provenance, group=options.group)
    return import_tree(store, open_tree(path), path.name.removesuffix(FOLDER) or str(path), options)


Import: TypeAlias = Callable[[Store, ImportOptions], Imported]


def parts_of(paths: Sequence[Path], *, uploaded: bool = False) -> Iterator[tuple[str, Import]]:
    """(name, import) of each part; the import takes the store and the options.

    All loose pictures are one part, because some may be the alphas of others. Each folder, archive and video is a part,
    too. `uploaded` is as for `tree_of_files`.
    """
    loose = [path for path in dict.fromkeys(paths) if is_loose(path)]
    if len(loose) > 1:
        yield counted(len(loose), "picture"), partial(import_loose, loose, uploaded)
    for path in dict.fromkeys(paths):
        if len(loose) < 2 or path not in loose:
            yield (path.name.removesuffix(FOLDER) if uploaded else str(path)), partial(import_given, path)


def is_loose(path: Path) -> bool:
    """Whether `path` is a still picture."""
    return path.suffix.lower() in SUFFIXES and path.is_file() and not is_moving(path)


def import_loose(paths: Sequence[Path], uploaded: bool, store: Store, options: ImportOptions) -> Imported:
    """`import_tree` for loose pictures."""
    return import_tree(store, tree_of_files(paths, uploaded=uploaded), counted(len(paths), "file"), options)


def import_given(path: Path, store: Store, options: ImportOptions) -> Imported:
    """`import_path`, with the path first."""
    return import_path(store, path, options)


def import_tree(store: Store, tree: Tree, name: str, options: ImportOptions) -> Imported:
    """Like `import_path`, for an open tree; `name` is for people to read."""
    layout, recognised = recognise(tree, options.layout)
    given = Spool(complete(sample, options.provenance, options.group) for sample in recognised)
    used = tree.used.union(*(vars(sample.paths).values() for sample in given))
    left_out = list(expected(tree, used, layout))
    if not given:
        why = "; ".join([*tree.problems, *left_out][:MAX_NAMED_FILES])
        raise StoreError(
            f"{name} holds no pictures" + (f" in the layout {layout}" if layout else "") + (why and f": {why}")
        )
    problems = list(tree.problems)
    prepared: Spool[Prepared] = Spool()
    for done, result in enumerate(prepare_all(store, tree, given, trust_alphas=options.trust_alphas), 1):
        if isinstance(result, Prepared):
            prepared.append(result)
            left_out += [result.left_out] if result.left_out else []
        elif not tree.is_archive:
            problems.append(str(result))
        else:
            raise StoreError(f"{name} was not imported: {result}") from result
        if options.on_progress:
            options.on_progress(done, len(given))
    notes = list(others(tree, used, layout))
    added = add_all(store, prepared)
    return replace(added, problems=problems, left_out=[*left_out, *added.left_out], notes=notes)


def recognise(tree: Tree, layout: str = "") -> tuple[str, Iterator[Found]]:
    """(the first layout that finds samples, these); "" for pictures alone or with plain partners."""
    if layout and layout not in LAYOUTS:
        raise ValueError(f"a layout is one of {', '.join(LAYOUTS)}, but got {layout!r}")
    for name in [layout] if layout else LAYOUTS:
        found = LAYOUTS[name].read(tree)
        first = next(found, None)
        if first is not None:
            return name, with_records(tree, chain([first], found))
    return layout, iter(()) if layout else with_records(tree, plain.read(tree))


def complete(found: Found, provenance: Provenance, group: str) -> Found:
    """`found`, completed with what the person who imports it states."""
    known = {name: value for name, value in vars(found.provenance).items() if value not in ("", None)}
    known["tags"] = tidy_tags(f"{found.provenance.tags} {provenance.tags}")
    name = composed(found.name)
    return replace(found, name=name, provenance=replace(provenance, **known), group=found.group or group)


def attempt(store: Store, tree: Tree, found: Found, *, trust_alphas: bool) -> Prepared | Exception:
    """The prepared sample, or the error that prevented it, and what is left out with it."""
    try:
        return prepare_found(store, tree, found, trust_alphas=trust_alphas)
    except (StoreError, ValueError) as error:
        with_it = sorted({path for path in vars(found.paths).values() if path} - {found.paths.image})
        why = with_path(found.paths.image, str(error))
        return StoreError(f"{why}; left out with it: {', '.join(with_it)}" if with_it else why)


def add_all(store: Store, prepared: Spool[Prepared]) -> Imported:
    """Add the rows of an import in one transaction. A sample that comes with an alpha is done."""
    files = (name for one in prepared for name in files_of_prepared(one))
    left_out, revised, filled, alphas = list[str](), list[str](), set[int](), 0
    complete_landmarks(store)
    with adding(store, files) as session:
        added = add_prepared(store, session, (one.sample for one in prepared))
        for batch in batches(zip(added, prepared, strict=True)):
            given = [(number, is_new, one) for (number, is_new), one in batch if one.revision]
            first = [(number, one.revision) for number, is_new, one in given if is_new and one.revision]
            add_first_revisions(session, first)
            filled |= {number for number, _ in first}
            alphas += sum(bool(revision.alpha) for _, revision in first)
            for number, one in [(number, one) for number, is_new, one in given if not is_new]:
                added_now = None
                if one.revision and number not in filled:
                    added_now = add_unless_known(store, session, number, one.revision)
                if added_now:
                    filled.add(number)
                    revised.append(words_of(added_now, one.path))
                elif one.revision and (part := lacked_part(store, session, number, one.revision)):
                    why = f"its photo is already sample {number}, which has a different {part}"
                    left_out.append(f"{one.path} was left out: {why}")
    new = [number for number, is_new in added if is_new]
    doubtful = [str(one) for one in list_doubts(store, new)]
    return Imported(
        [number for number, _ in added], len(new), alphas, left_out=left_out, revised=revised, doubtful=doubtful
    )


def words_of(revision: Revision, path: str) -> str:
    """A sentence on the revision added to an existing sample."""
    before = f"; revision {revision.parent} is kept" if revision.parent else ""
    return (
        f"{path} is now revision {revision.number} of sample {revision.sample}, whose photo was already there{before}"
    )


def files_of_prepared(one: Prepared) -> list[str | None]:
    """The names of all files of a prepared sample."""
    return [one.sample.image, one.sample.thumbnail, *(files_of(one.revision) if one.revision else [])]


def import_images(store: Store, images: Iterable[tuple[str, Image]], *, provenance: Provenance, group: str) -> Imported:
    """Import pictures, each as (name, (H, W, 3) uint8), that belong together, such as frames."""
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
    """Import one frame per `every` seconds of a video, at most `limit`. All stay in one split, that of the `group`.

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
        problem = f"{path.name} has more than {limit} frames at one every {every:g} s; the rest was left out"
        return replace(imported, problems=[problem])
    return imported


def prepare_all(
    store: Store, tree: Tree, found: Iterable[Found], *, trust_alphas: bool
) -> Iterator[Prepared | Exception]:
    """`attempt` each of `found`, in order: two at a time, with one flush to the disk for many of them."""
    with ThreadPoolExecutor(2) as pool:
        for batch in batches(found):
            with many(store.files) as files:
                kept = replace(store, files=files)
                done = list(pool.map(partial(attempt, kept, tree, trust_alphas=trust_alphas), batch))
            yield from done
