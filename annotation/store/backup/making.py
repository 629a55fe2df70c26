"""Making a backup while people work: the rows as they are at one moment, then the files that these name.

Files never change and are removed only if no row names them, so all that the rows name is still there afterwards.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from sqlalchemy import Connection, Table, select

from annotation.store.adding import persistently
from annotation.store.backup.contents import NOTE, Note, OnProgress, Written, place_of_file, place_of_table, unheard
from annotation.store.backup.rows import lines_of, tables_of
from annotation.store.database.migrating import current_revision
from annotation.store.database.transactions import reading
from annotation.store.errors import LostFileError, StoreError
from annotation.store.files.sync import sync
from annotation.store.store import Store
from annotation.store.tables.base import Base, now
from annotation.store.tables.named import referenced
from annotation.store.tables.upkeep import Identity


def make_backup(store: Store, path: Path, on_progress: OnProgress = unheard) -> Note:
    """Write all samples, revisions, drafts and strokes, and their files, to the file at `path`, and say what is in it.

    It appears whole or not at all, in the place of an earlier one.

    Raises:
        StoreError: it cannot be written, or a file of the dataset is missing or damaged.
    """
    return persistently(lambda: _make(store, path, on_progress))


def _make(store: Store, path: Path, on_progress: OnProgress) -> Note:
    try:
        with _beside(path) as partial, ZipFile(partial, "w") as archive:
            note, names = _write_rows(store, archive)
            size = 0
            for done, name in enumerate(names):
                on_progress(done, len(names))
                content = _content(store, name)
                archive.writestr(place_of_file(name), content)
                size += len(content)
            note = Note(**vars(note) | {"files": len(names), "bytes": size})
            archive.writestr(NOTE, note.to_json())
    except OSError as error:
        raise StoreError(f"the backup {path} could not be written: {error.strerror or error}") from error
    return note


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A file beside `path` that takes its place, flushed to the disk, once the block has ended without an error.

    What earlier backups to `path` left behind when they were killed is removed.
    """
    if path.is_dir():
        raise StoreError(f"a backup is written to a file, but {path} is a folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(".partial-*"):
        if left.name.endswith(f"-{path.name}"):
            left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=".partial-", suffix=f"-{path.name}", dir=path.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        sync(partial)
        partial.replace(path)
        sync(path.parent)
    except FileNotFoundError as error:
        raise StoreError(f"another backup to {path} was begun meanwhile") from error
    finally:
        partial.unlink(missing_ok=True)


def _write_rows(store: Store, archive: ZipFile) -> tuple[Note, list[str]]:
    """The note so far, and the files that the rows name; both, like the rows, as they are at one moment."""
    with reading(store.engine) as session:
        connection = session.connection()
        tables = {
            table.name: _write_table(connection, table, archive)
            for table in tables_of(connection, Base.metadata.tables)
        }
        schema, identity = current_revision(connection) or "", session.scalar(select(Identity.id)) or ""
        return Note(now().isoformat(), schema, identity, 0, 0, tables), sorted(referenced(session))


def _write_table(connection: Connection, table: Table, archive: ZipFile) -> Written:
    """Add the rows of a table."""
    rows, hashed = -1, sha256()  # the first line holds the columns
    entry = ZipInfo(place_of_table(table.name), now().timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    with archive.open(entry, "w", force_zip64=True) as member:
        for line in lines_of(connection, table):
            member.write(line)
            hashed.update(line)
            rows += 1
    return Written(rows, hashed.hexdigest())


def _content(store: Store, name: str) -> bytes:
    """A stored file; LostFileError if its rows have been erased since they were read."""
    try:
        return store.files.get(name)
    except StoreError as error:
        with reading(store.engine) as session:
            if name in referenced(session):
                raise
        raise LostFileError(f"the file {name} was erased during the backup; begin again") from error
