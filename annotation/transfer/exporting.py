"""Exports: a snapshot of the store, written in a layout. An export appears whole or not at all.

The same snapshot gives the same bytes: nothing depends on the clock, the machine or the order of saves.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from annotation.layouts import LAYOUTS
from annotation.layouts.base import Entry, Item, Items, Layout, Options
from annotation.layouts.provenance_records import RECORDS, record_line
from annotation.spool import Spool
from annotation.store import Filter, Split, State, Store, StoreError, count_states
from annotation.store.files.sync import sync, sync_all
from annotation.store.search import each_current, find_without_alpha
from annotation.transfer.licences import Use, check_licences, judge
from annotation.transfer.manifest import MANIFEST, Done, Earlier, manifest_lines, read_manifest
from matting.files.links import link_or_copy

CHECKSUMS = "CHECKSUMS.sha256"
PARTIAL = ".partial-"
FILES_FLUSHED = 512
"""The number of files flushed to the disk together."""
USABLE = (Split.TRAIN, Split.VALIDATION, Split.TEST)
FINISHED = (State.DONE, State.APPROVED)
UNFINISHED = (State.TO_DO, State.IN_PROGRESS)
EVERY = Filter()

OnProgress = Callable[[int, int], None]
"""on_progress(files written, files in all)"""


@dataclass(frozen=True)
class Exported:
    """The result of an export."""

    folder: Path
    samples: int
    files: int
    written: int
    """The number of files written anew; the others were taken over from the earlier export."""
    warnings: list[str]


def take_snapshot(store: Store, *, states: Sequence[State] = FINISHED, among: Filter = EVERY) -> Spool[Item]:
    """The samples `among` those chosen, in those states, that have an alpha and a split; all as of one moment."""
    splits = [split for split in USABLE if not among.splits or split in among.splits]
    if not splits:
        return Spool(())
    chosen = replace(among, states=states, splits=splits)
    return Spool(Item(sample, revision) for sample, revision in each_current(store, chosen))


def export(
    store: Store,
    target: Path,
    *,
    layout: str = "imagefolder",
    states: Sequence[State] = FINISHED,
    among: Filter = EVERY,
    use: Use = Use.OWN,
    leave_out: bool = False,
    options: Options | None = None,
    on_progress: OnProgress | None = None,
) -> Exported:
    """Write the finished samples into the folder `target` in that layout.

    An earlier export there is replaced, but unchanged files are not written again. A sample that may not be exported
    for that `use` stops the export, or is left out with `leave_out`.

    Raises:
        LicenceError: a sample may not be exported for that use.
        StoreError: the target is not an export, or could not be written; an earlier export is intact.
    """
    chosen = find_layout(layout)
    options = options or Options()
    items = found = take_snapshot(store, states=states, among=among)
    if leave_out:
        items = Spool(item for item in found if not judge(item.sample, item.revision, use).refused)
    warnings = [
        *warn_unfinished(store, states),
        *warn_left_out(len(found) - len(items), use),
        *chosen.advise(items, options),
        *check_licences(((item.sample, item.revision) for item in items), use),
    ]
    target = target.absolute()
    check_target(target, chosen)
    try:
        writer = write_export(store, target, chosen, items, options, on_progress)
    except OSError as error:
        raise StoreError(f"could not write the export {target}: {error.strerror or error}") from error
    return Exported(target, len(items), len(writer.done), writer.written, warnings)


def write_export(
    store: Store, target: Path, layout: Layout, items: Items, options: Options, on_progress: OnProgress | None
) -> "Writer":
    """Write all files beside `target`, then put them in its place; the writer that did it."""
    total = sum(1 for _ in layout.files(items, options)) if on_progress else 0
    partial = target.with_name(f"{PARTIAL}{target.name}")
    recover(target)
    before = Earlier(read_manifest(target))
    shutil.rmtree(partial, ignore_errors=True)
    for folder in ("", *layout.folders):
        (partial / folder).mkdir(parents=True, exist_ok=True)
    writer = Writer(store, partial, target, before)
    try:
        for number, entry in enumerate(layout.files(items, options), 1):
            writer.write(entry)
            if on_progress:
                on_progress(number, total)
        writer.finish(layout, items, options)
    except BaseException:  # such as cancelling: half an export is of no use
        shutil.rmtree(partial, ignore_errors=True)
        raise
    swap(partial, target)
    return writer


def warn_unfinished(store: Store, states: Sequence[State]) -> Iterator[str]:
    """Sentences about the samples left out because nobody has finished them, or given them an alpha."""
    waiting = {state: count for state, count in count_states(store).items() if count and state in UNFINISHED}
    behind = [f"{count} {state}" for state, count in waiting.items() if state not in states]
    if behind:
        yield f"not exported, as they are not {' or '.join(states)}: {', '.join(behind)}"
    if bare := len(find_without_alpha(store, Filter(states=states))):
        yield f"not exported, as they have no alpha: {bare} {' or '.join(states)}"


def warn_left_out(count: int, use: Use) -> Iterator[str]:
    """A sentence about the samples that may not be exported for that use, if there are any."""
    if count:
        yield f"left out, as they may not be exported for {use} use: {count}"


def find_layout(name: str) -> Layout:
    """The layout of that name; ValueError with the list of layouts if there is none."""
    if name not in LAYOUTS:
        raise ValueError(f"a layout is one of {', '.join(LAYOUTS)}, but got {name!r}")
    return LAYOUTS[name]


def check_target(target: Path, layout: Layout) -> None:
    """Raise StoreError if `target` holds anything but an export, or if its path would mislead the layout's readers."""
    if layout.unsafe_path and layout.unsafe_path in f"{target.as_posix()}/":
        raise StoreError(
            f"readers of the layout {layout.name} are misled by {layout.unsafe_path!r} in a path; choose a folder "
            f"without it instead of {target}"
        )
    if target.exists() and not (target / MANIFEST).is_file() and (not target.is_dir() or any(target.iterdir())):
        raise StoreError(f"{target} holds something that is not an export; choose another folder")


class Writer:
    """Writes the files of one export into its partial folder."""

    def __init__(self, store: Store, partial: Path, target: Path, before: Earlier) -> None:
        self.store, self.partial, self.target, self.before = store, partial, target, before
        self.done: Spool[tuple[str, Done]] = Spool()
        self.written = 0
        self._folders: set[Path] = set()
        self._not_flushed: list[Path] = []

    def write(self, entry: Entry) -> None:
        """Add a file: take it from the earlier export if it is the same there, else write it."""
        path = self.partial / entry.path
        known = self.before.find(entry.path, entry.identity)
        size = take_over(self.target / entry.path, self.make_room(path), known) if known else None
        if size is not None:
            self.done.append((entry.path, Done(known, size, entry.identity)))
        else:
            self.create(entry.path, entry.identity, lambda file: entry.write(self.store, file))
            self.written += 1

    def finish(self, layout: Layout, items: Items, options: Options) -> None:
        """Write the layout's lists, the records, the checksums and last the manifest; then make all folders durable."""
        lists: dict[str, str] = {}
        for path, content in layout.describe(items, options, lists):
            lists[path] = self.add(path, content)
        self.add(RECORDS, map(record_line, items))
        self.add(CHECKSUMS, (f"{done.sha256}  {path}\n".encode() for path, done in self.done))
        self.flush()
        self.add(MANIFEST, manifest_lines(layout, items, self.done))
        self.flush()
        sync_all([Path(folder) for folder, _, _ in os.walk(self.partial)])

    def add(self, path: str, content: Iterable[bytes]) -> str:
        """Write a list or a card; its sha256."""
        return self.create(path, "", lambda file: [file.write(part) for part in content])

    def create(self, path: str, identity: str, write: Callable[[Any], object]) -> str:
        """Make a new file with `write(file)`; its sha256. It is flushed with others, before the manifest is written."""
        with self.make_room(self.partial / path).open("xb") as file:
            hashing = Hashing(file)
            write(hashing)
        sha256 = hashing.hash.hexdigest()
        self.done.append((path, Done(sha256, hashing.size, identity)))
        self._not_flushed.append(self.partial / path)
        if len(self._not_flushed) == FILES_FLUSHED:
            self.flush()
        return sha256

    def flush(self) -> None:
        """Make everything durable that was written since the last call."""
        sync_all(self._not_flushed)
        self._not_flushed.clear()

    def make_room(self, path: Path) -> Path:
        """`path`, after making its folder."""
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        return path


class Hashing:
    """A file being written, whose sha256 and size are known at the end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.hash, self.size = file, hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        """Like the method of a file."""
        self.hash.update(content)
        self.size += len(content)
        return self._file.write(content)


def take_over(old: Path, new: Path, sha256: str) -> int | None:
    """Link (or copy) a file of the earlier export; its size, or None if it is not what its manifest says."""
    try:
        content = old.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            return None
        if not link_or_copy(old, new):
            sync(new)
    except FileNotFoundError:
        return None
    return len(content)


def swap(partial: Path, target: Path) -> None:
    """Replace the earlier folder by the finished one."""
    previous = previous_of(target)
    if target.exists():
        target.rename(previous)
    partial.rename(target)
    sync(target.parent)
    shutil.rmtree(previous, ignore_errors=True)


def recover(target: Path) -> None:
    """Recover from an export that was killed while swapping: the earlier export comes back."""
    previous = previous_of(target)
    if previous.exists() and not target.exists():
        previous.rename(target)
    shutil.rmtree(previous, ignore_errors=True)


def previous_of(target: Path) -> Path:
    """The path to which the earlier export is moved for a moment."""
    return target.with_name(f"{PARTIAL}previous-{target.name}")
