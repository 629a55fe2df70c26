"""Maintaining a store: checking that all files are whole, and removing unused ones."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, select

from annotation.store.database.transactions import reading, writing
from annotation.store.errors import StoreError
from annotation.store.files.base import is_name
from annotation.store.files.local import LocalFiles
from annotation.store.identity import doubts, identify
from annotation.store.store import Store
from annotation.store.tables.base import now
from annotation.store.tables.named import mentioned, referenced
from annotation.store.tables.samples import Revision, Sample
from annotation.store.tables.upkeep import Sighting

DAY = 24 * 3600.0
MONTH = 30 * DAY
"""A file older by this than the requested age is removed at once: no clock is that wrong for long."""


@dataclass(frozen=True)
class Collected:
    """The files that a clean-up removed, or would remove."""

    names: list[str]
    partial: int
    waiting: int = 0
    """The number of unused files that were first found too recently."""


def collect_garbage(store: Store, *, older_than: float = DAY, dry_run: bool = False) -> Collected:
    """Remove files that no row names and that a clean-up found unused at least `older_than` seconds ago.

    The time of that clean-up counts, not the file's own time, because clocks differ. While a file is removed, nobody
    can save; adding a row checks, under the same lock, that its files still exist.

    Raises:
        StoreError: the database does not belong to these files or is incomplete; or a file could not be removed.
    """
    identify(store.engine, store.files)
    found = [*doubts(store.engine, store.files), *lost_revisions(store)]
    if found:
        raise StoreError(f"{'; '.join(found[:3])}. Nothing was removed")
    with reading(store.engine) as session:
        used = mentioned(session)
    stamps = {name: store.files.put_at(name) for name in store.files.names() if name not in used}
    unnamed = {name: put for name, put in stamps.items() if put is not None}
    for path in partial_files(store):
        with suppress(FileNotFoundError):  # its writer has just finished
            unnamed[path.name] = path.stat().st_mtime
    old = see(store, unnamed, older_than)
    if not dry_run:
        for start in range(0, len(old), 100):
            remove(store, {name: unnamed[name] for name in old[start : start + 100]})
    names = [name for name in old if not name.startswith(".")]
    return Collected(names, len(old) - len(names), len(unnamed) - len(old))


def see(store: Store, unnamed: dict[str, float], older_than: float) -> list[str]:
    """Note that these files, each with the time when it was stored, are unused; returns those unused for long
    enough."""
    present, old = now(), []
    with writing(store.engine) as session:
        known = {sighting.name: sighting for sighting in session.scalars(select(Sighting))}
        for name, put in sorted(unnamed.items()):
            sighting = known.pop(name, None)
            if sighting is None:
                sighting = Sighting(name=name, put=put, seen=present)
                session.add(sighting)
            elif sighting.put != put or sighting.seen > present:  # it was put again, or the clock was turned back
                sighting.put, sighting.seen = put, present
            is_ancient = present.timestamp() - put >= older_than + MONTH
            if present - sighting.seen >= timedelta(seconds=older_than) or is_ancient:
                old.append(name)
        for name in known:
            session.execute(delete(Sighting).where(Sighting.name == name))
    return old


def remove(store: Store, files: dict[str, float]) -> None:
    """Remove those files that are still unused and were not stored again; this holds the writers' lock."""
    partial = {path.name: path for path in partial_files(store)}
    with writing(store.engine) as session:
        used = mentioned(session)
        for name, put in files.items():
            try:
                if name in partial:
                    partial[name].unlink(missing_ok=True)
                elif is_name(name) and name not in used and store.files.put_at(name) == put:
                    store.files.remove(name)
            except OSError as error:
                raise StoreError(f"could not remove the file {name}: {error.strerror or error}") from error


def partial_files(store: Store) -> list[Path]:
    """The files that interrupted writes left behind, and those being written."""
    return list(store.files.partial()) if isinstance(store.files, LocalFiles) else []


def lost_revisions(store: Store) -> Iterator[str]:
    """A sentence for each sample whose current revision is missing."""
    lost = select(Sample.id, Sample.current).where(
        Sample.current > 0,
        ~select(Revision).where(Revision.sample == Sample.id, Revision.number == Sample.current).exists(),
    )
    with reading(store.engine) as session:
        pointers = session.execute(lost).all()
    for sample, number in pointers:
        yield f"sample {sample} points to revision {number}, which does not exist"


def verify(store: Store) -> Iterator[str]:
    """Check files and pointers, and that database and files belong together; a sentence for each fault."""
    with suppress(StoreError, OSError):  # if nothing can be written, no identity can be agreed on
        identify(store.engine, store.files)
    try:
        yield from damage(store)
        yield from doubts(store.engine, store.files)
        yield from lost_revisions(store)
        with reading(store.engine) as session:
            names = sorted(referenced(session))
    except StoreError as error:
        yield str(error)
        return
    for name in names:
        try:
            store.files.get(name)
        except StoreError as error:
            yield str(error)


def damage(store: Store) -> Iterator[str]:
    """The damage that SQLite itself finds in the database, as a sentence."""
    if store.engine.dialect.name == "sqlite":
        with reading(store.engine) as session:
            result = session.connection().exec_driver_sql("PRAGMA integrity_check").scalar()
        if result != "ok":
            yield f"the database is damaged: {result}"
