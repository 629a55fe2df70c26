"""Reading and writing the database in transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from annotation.store.database.locking import lock
from annotation.store.errors import StoreError


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one consistent state; nothing it changes is kept.

    Raises:
        StoreError: the database could not be read.
    """
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    try:
        with Session(engine.execution_options(**options), expire_on_commit=False) as session:
            yield session
    except DBAPIError as error:
        raise StoreError(f"could not read the database ({reason(error)})") from error


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session that is the only writer until it ends. All its changes are then committed; after an error, none.

    Raises:
        StoreError: the database could not be written (disk full, read-only, locked for a minute).
    """
    try:
        with Session(engine.execution_options(writes=True), expire_on_commit=False) as session, session.begin():
            lock(session.connection())
            yield session
    except DBAPIError as error:
        raise StoreError(
            f"could not save to the database ({reason(error)}); what was saved before is intact"
        ) from error


def reason(error: Exception) -> str:
    """What went wrong, on one line, in the database's own words."""
    return " ".join(str(getattr(error, "orig", None) or error).split())
