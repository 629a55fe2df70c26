"""Migrating a database to the newest schema with Alembic; the steps are in `migrations/`."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from annotation.store.database.locking import lock
from annotation.store.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Migrate the schema to the newest revision, in one transaction. If several programs start at once, one does it."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    head = scripts.get_current_head()
    with engine.connect() as connection:
        revision = current_revision(connection)
        tables = inspect(connection).get_table_names() if revision is None else []
    if revision == head:
        return
    if tables and engine.dialect.name == "sqlite":
        some = ", ".join(sorted(tables)[:3])
        raise StoreError(f"{engine.url.database} is not a dataset but another program's database: it holds {some}")
    if revision is not None and not is_known(revision):
        raise StoreError(
            f"the database {engine.url.render_as_string()} has schema {revision}, newer than {head}, the newest this "
            "version knows; update the program"
        )
    with engine.execution_options(writes=True).begin() as connection:
        lock(connection)
        revision = current_revision(connection)
        if revision not in (None, head) and engine.dialect.name == "sqlite":
            back_up(Path(str(engine.url.database)), str(revision))
        upgrade(connection, "head")


def upgrade(connection: Connection, revision: str) -> None:
    """Migrate the schema to that revision, inside the transaction of `connection`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def is_known(revision: str) -> bool:
    """Whether this version of the program has that revision of the schema, or had it."""
    return revision in {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def current_revision(connection: Connection) -> str | None:
    """The schema's revision, None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def back_up(path: Path, revision: str) -> None:
    """Copy the SQLite file to `NAME.before-…` beside it; the copy is complete and on the disk when this returns."""
    target = path.with_name(f"{path.name}.before-upgrade-of-{revision}")
    partial = target.with_name(f".partial-{os.getpid()}-{target.name}")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(target)
