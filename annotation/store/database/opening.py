"""Opening the database, SQLite in a file by default or PostgreSQL by its URL, and migrating it to the newest schema.

Durability: SQLite runs in write-ahead mode with synchronous=FULL, so a commit that returned is on the disk.
"""

import contextlib
import sqlite3
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from annotation.store.database.texts import check_texts
from annotation.store.database.transactions import reason
from annotation.store.errors import StoreError

LOCK_RETRIES = 11
"""How many more times a writer waits for SQLite's lock, 5 seconds each."""


def open_database(url: str) -> Engine:
    """The database at `url` (`sqlite:///data/dataset.db`, `postgresql+psycopg://…`), with the newest schema.

    A SQLite file with an older schema is first copied beside itself as `NAME.before-REVISION`.

    Raises:
        StoreError: it cannot be opened, or a newer version of this program wrote it.
    """
    # not at the top of the file: alembic is slow to import, and the page must be up at once
    from alembic.util import CommandError

    from annotation.store.database.migrating import migrate

    engine = make_engine(url)
    event.listen(engine, "before_cursor_execute", check_texts)
    try:
        migrate(engine)
    except (SQLAlchemyError, sqlite3.Error, CommandError, OSError) as error:
        engine.dispose()
        raise StoreError(f"could not open the database {engine.url.render_as_string()}: {reason(error)}") from error
    except StoreError:
        engine.dispose()
        raise
    return engine


def make_engine(url: str) -> Engine:
    """The engine of the database at `url`, set up but not yet connected; StoreError if that is impossible."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"a database is named by a URL such as sqlite:///data/dataset.db, but got {url!r}") from error
    if parsed.get_backend_name() == "postgresql":
        try:
            return create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
        except ImportError as error:
            raise StoreError(f"PostgreSQL needs a driver ({error}): pip install 'psycopg[binary]'") from error
    elif parsed.get_backend_name() == "sqlite" and parsed.database:
        make_folder(Path(parsed.database).parent)
        engine = create_engine(parsed)
        event.listen(engine, "connect", set_up_sqlite)
        event.listen(engine, "begin", begin_sqlite)
        return engine
    raise StoreError(f"a database URL starts with sqlite:/// and a file, or with postgresql://, but got {url!r}")


def make_folder(folder: Path) -> None:
    """Make `folder` and its parents; StoreError if that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"could not make the folder {folder}: {error.strerror}") from error


def set_up_sqlite(connection: sqlite3.Connection, record: object) -> None:  # noqa: ARG001 (the event's signature)
    """Set up durable commits, checked references and patient writers; `begin_sqlite` begins the transactions."""
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=5000")
    write_ahead(connection)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def write_ahead(connection: sqlite3.Connection) -> None:
    """Switch a new database to write-ahead mode. Tried again and again: SQLite itself does not wait for others here."""
    for _ in range(50):
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode=WAL")
            return
        time.sleep(0.1)
    connection.execute("PRAGMA journal_mode=WAL")


def begin_sqlite(connection: Connection) -> None:
    """Begin a transaction. A writer takes the write lock at once, because a later request could be refused half-way.

    SQLite gives the lock to whoever happens to ask next, so on a busy machine a writer may miss it for a whole
    busy_timeout. It then tries again, `LOCK_RETRIES` times.
    """
    if not connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN")
        return
    for _ in range(LOCK_RETRIES):
        with contextlib.suppress(sqlite3.OperationalError):
            connection.connection.cursor().execute("BEGIN IMMEDIATE")
            return
    connection.exec_driver_sql("BEGIN IMMEDIATE")
