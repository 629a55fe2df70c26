"""Reading a backup into an empty place."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from annotation.store.backup.contents import DAMAGE, Backup, Note, OnProgress, opened, unheard
from annotation.store.backup.rows import insert_lines, tables_of
from annotation.store.database.locking import lock
from annotation.store.database.migrating import is_known, upgrade
from annotation.store.database.opening import make_engine
from annotation.store.database.transactions import reason
from annotation.store.errors import StoreError
from annotation.store.files.base import Files
from annotation.store.files.local import many
from annotation.store.files.sync import sync
from annotation.store.identity import identity_of
from annotation.store.store import open_files, open_store
from annotation.store.tables.named import referenced


def restore_backup(
    path: Path, data: Path, *, database: str = "", files: str = "", on_progress: OnProgress = unheard
) -> Note:
    """Put the backup in the file at `path` into the folder `data`, and say what was in it.

    `data` is new or empty; the dataset appears there whole or not at all. A team gives an empty `database` and empty
    `files`, or sets MATTING_DATABASE and MATTING_FILES. There, the files are stored first, then all rows in one
    transaction; if that was interrupted, it can be begun again. Backups of older versions are upgraded.

    Raises:
        StoreError: the backup is not whole, or the place is not empty or cannot be written. Nothing was restored.
    """
    database = database or os.environ.get("MATTING_DATABASE", "")
    files = files or os.environ.get("MATTING_FILES", "")
    try:
        if database or files:
            with opened(path, on_progress) as backup:
                _fill(backup, database or f"sqlite:///{data / 'dataset.db'}", open_files(files or data / "files"))
            open_store(data, database=database, files=files).close()
        else:
            with _new_folder(data) as folder, opened(path, on_progress) as backup:
                _fill(backup, f"sqlite:///{folder / 'dataset.db'}", open_files(folder / "files"))
                open_store(folder).close()
    except OSError as error:
        raise StoreError(f"{path} could not be restored: {error.strerror or error}") from error
    return backup.note


@contextmanager
def _new_folder(data: Path) -> Iterator[Path]:
    """A folder beside `data` that takes its place once the block has ended without an error."""
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise StoreError(f"a backup is restored into a new or an empty folder, but {data} is not empty")
    data.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=data.parent) as temporary:
        folder = Path(temporary) / "data"
        folder.mkdir()
        yield folder
        sync(folder)
        if data.exists():
            data.rmdir()
        folder.rename(data)
        sync(data.parent)


def _fill(backup: Backup, database: str, files: Files) -> None:
    """Store the files of the backup, then its rows."""
    if not is_known(backup.note.schema):
        raise StoreError(
            f"{backup.path} has schema {backup.note.schema}, which this version does not know; update the program"
        )
    engine = make_engine(database)
    try:
        _check_empty(engine, files, backup)
        with many(files) as deferred:
            for name in backup.files:
                deferred.put(backup.content(name))
        with engine.execution_options(writes=True).begin() as connection:
            lock(connection)
            upgrade(connection, backup.note.schema)
            for table in tables_of(connection, backup.note.tables):
                with backup.lines(table.name) as lines:
                    insert_lines(connection, table, lines)
            upgrade(connection, "head")
            with Session(connection) as session:
                lost = referenced(session) - set(backup.files)
            if lost:
                raise StoreError(f"{backup.path} lacks the file {min(lost)}, which its rows name")
    except SQLAlchemyError as error:
        raise StoreError(f"the rows of {backup.path} could not be restored: {reason(error)}") from error
    except DAMAGE as error:
        raise StoreError(f"{backup.path} could not be restored: {reason(error)}") from error
    finally:
        engine.dispose()


def _check_empty(engine: Engine, files: Files, backup: Backup) -> None:
    """StoreError if something else is where the backup should go."""
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
    if tables:
        raise StoreError(
            f"a backup is restored into an empty database, but {engine.url.render_as_string()} holds tables"
        )
    own = set(backup.files)
    others = next((name for name in files.names() if name not in own), None)
    if others or identity_of(files) not in ("", backup.note.identity):
        raise StoreError(f"a backup is restored into an empty place, but files of another dataset are in {files.place}")
