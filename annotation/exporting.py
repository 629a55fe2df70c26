"""Exports: a snapshot of the store written as a layout; all of it appears at once, or nothing.

The same snapshot gives the same bytes: nothing depends on the clock, the machine or the order of saves.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from annotation.layouts import LAYOUTS
from annotation.layouts.base import Entry, Item, Layout, Options
from annotation.licences import Use, check_licences, judge
from annotation.store import Filter, Split, State, Store, StoreError
from annotation.store.files import sync, sync_all
from annotation.store.search import list_current

MANIFEST = "manifest.json"
CHECKSUMS = "CHECKSUMS.sha256"
PARTIAL = ".partial-"
USABLE = (Split.TRAIN, Split.VALIDATION, Split.TEST)
FINISHED = (State.DONE, State.APPROVED)

Progress = Callable[[int, int], None]
"""progress(files written, files in all)"""


@dataclass(frozen=True)
class Exported:
    """What an export wrote."""

    folder: Path
    samples: int
    files: int
    written: int
    """How many files are new; the others were in the export before."""
    warnings: list[str]


@dataclass(frozen=True)
class Done:
    """One file of an export, as its manifest lists it."""

    sha256: str
    size: int
    identity: str


def take_snapshot(store: Store, *, states: Sequence[State] = FINISHED) -> list[Item]:
    """The samples in those states that have an alpha and a split, as they are at one moment."""
    chosen = Filter(states=states, splits=USABLE)
    return [Item(sample, revision) for sample, revision in list_current(store, chosen)]


def export(
    store: Store,
    target: Path,
    *,
    layout: str = "imagefolder",
    states: Sequence[State] = FINISHED,
    use: Use = Use.OWN,
    leave_out: bool = False,
    options: Options | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Write the finished samples into the folder `target` in that layout.

    An earlier export there is replaced; what has not changed is not written again. A sample that may not be exported
    for that `use` stops the export, or with `leave_out` stays behind.

    Raises:
        LicenceError: a sample may not be exported for that use.
        StoreError: the target is something else, or could not be written; an earlier export is intact.
    """
    chosen = find_layout(layout)
    options = options or Options()
    items = take_snapshot(store, states=states)
    if leave_out:
        items = [item for item in items if not judge(item.sample, item.revision, use).refused]
    warnings = check_licences([(item.sample, item.revision) for item in items], use)
    target = target.absolute()
    check_target(target, chosen)
    entries = list(chosen.files(items, options))
    partial = target.with_name(f"{PARTIAL}{target.name}")
    try:
        recover(target)
        before = read_manifest(target)
        shutil.rmtree(partial, ignore_errors=True)
        for folder in ("", *chosen.folders):
            (partial / folder).mkdir(parents=True, exist_ok=True)
        writer = Writer(store, partial, target, before)
        for number, entry in enumerate(entries, 1):
            writer.write(entry)
            if progress:
                progress(number, len(entries))
        writer.finish(chosen, items)
        swap(partial, target)
    except OSError as error:
        raise StoreError(f"could not write the export {target}: {error.strerror or error}") from error
    return Exported(target, len(items), len(writer.done), writer.written, warnings)


def find_layout(name: str) -> Layout:
    """The layout of that name; ValueError naming those there are."""
    if name not in LAYOUTS:
        raise ValueError(f"a layout is one of {', '.join(LAYOUTS)}, but got {name!r}")
    return LAYOUTS[name]


def check_target(target: Path, layout: Layout) -> None:
    """StoreError where `target` holds anything but an export, or its path would mislead the layout's readers."""
    if layout.unsafe_path and layout.unsafe_path in target.as_posix():
        raise StoreError(
            f"readers of the layout {layout.name} are misled by {layout.unsafe_path!r} in a path; choose a folder "
            f"without it instead of {target}"
        )
    if target.exists() and not (target / MANIFEST).is_file() and (not target.is_dir() or any(target.iterdir())):
        raise StoreError(f"{target} holds something that is not an export; choose another folder")


class Writer:
    """Writes the files of one export into its partial folder."""

    def __init__(self, store: Store, partial: Path, target: Path, before: dict[str, Done]) -> None:
        self.store, self.partial, self.target, self.before = store, partial, target, before
        self.done: dict[str, Done] = {}
        self.written = 0
        self.new: list[Path] = []

    def write(self, entry: Entry) -> None:
        """One file: taken from the earlier export if it is the same there, else written."""
        known = self.before.get(entry.path)
        path = self.partial / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if known and known.identity == entry.identity and take_over(self.target / entry.path, path, known):
            self.done[entry.path] = known
        else:
            self.create(entry.path, entry.identity, lambda file: entry.write(self.store, file))
            self.written += 1

    def finish(self, layout: Layout, items: Sequence[Item]) -> None:
        """The layout's lists, the checksums, last the manifest; then all folders are made durable."""
        checksums = {path: done.sha256 for path, done in self.done.items()}
        for path, content in layout.describe(items, checksums).items():
            self.add(path, content)
        lines = [f"{done.sha256}  {path}\n" for path, done in sorted(self.done.items())]
        self.add(CHECKSUMS, "".join(lines).encode())
        sync_all(self.new)
        files = {path: vars(done) for path, done in sorted(self.done.items())}
        manifest = {"layout": layout.name, "samples": [revision_of(item) for item in items], "files": files}
        self.add(MANIFEST, json.dumps(manifest, indent=0).encode() + b"\n")
        sync(self.partial / MANIFEST)
        sync_all([Path(folder) for folder, _, _ in os.walk(self.partial)])

    def add(self, path: str, content: bytes) -> None:
        """A small file."""
        (self.partial / path).parent.mkdir(parents=True, exist_ok=True)
        self.create(path, "", lambda file: file.write(content))

    def create(self, path: str, identity: str, write: Callable[[Any], object]) -> None:
        """A new file by `write(file)`; flushed to the disk with all others, before the manifest is written."""
        with (self.partial / path).open("xb") as file:
            hashing = Hashing(file)
            write(hashing)
        self.done[path] = Done(hashing.hash.hexdigest(), hashing.size, identity)
        self.new.append(self.partial / path)


def revision_of(item: Item) -> dict[str, int]:
    """Which revision of which sample was exported."""
    return {"sample": item.sample.id, "revision": item.revision.number}


class Hashing:
    """A file being written whose sha256 and size are known at the end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.hash, self.size = file, hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        """As a file's."""
        self.hash.update(content)
        self.size += len(content)
        return self._file.write(content)


def take_over(old: Path, new: Path, known: Done) -> bool:
    """Link (or copy) a file of the earlier export; False if it is not what its manifest says."""
    try:
        if hashlib.sha256(old.read_bytes()).hexdigest() != known.sha256:
            return False
        try:
            new.hardlink_to(old)
        except OSError:
            shutil.copyfile(old, new)
            sync(new)
    except FileNotFoundError:
        return False
    return True


def swap(partial: Path, target: Path) -> None:
    """Put the finished folder in the place of the earlier one."""
    previous = previous_of(target)
    if target.exists():
        target.rename(previous)
    partial.rename(target)
    sync(target.parent)
    shutil.rmtree(previous, ignore_errors=True)


def recover(target: Path) -> None:
    """Finish what an export that was killed while swapping had begun: the earlier export comes back."""
    previous = previous_of(target)
    if previous.exists() and not target.exists():
        previous.rename(target)
    shutil.rmtree(previous, ignore_errors=True)


def previous_of(target: Path) -> Path:
    """Where the earlier export waits for an instant."""
    return target.with_name(f"{PARTIAL}previous-{target.name}")


def read_manifest(folder: Path) -> dict[str, Done]:
    """The files of an export; none where there is no export."""
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
        return {path: Done(**fields) for path, fields in content["files"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, TypeError, KeyError) as error:
        raise StoreError(f"{folder / MANIFEST} is damaged; remove the folder and export again") from error


def check_export(folder: Path) -> Iterator[str]:
    """One sentence for each file of an export that is missing, added or changed."""
    listed = read_manifest(folder)
    for path, done in listed.items():
        try:
            if hashlib.sha256((folder / path).read_bytes()).hexdigest() != done.sha256:
                yield f"{path} is not what was exported"
        except OSError:
            yield f"{path} is missing"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    yield from (f"{path} does not belong to the export" for path in sorted(found - listed.keys() - {MANIFEST}))
