"""Adding rows that name files: the files are stored first, and must still exist when the row is added."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotation.store.database.transactions import writing
from annotation.store.errors import LostFileError
from annotation.store.files.base import Files
from annotation.store.identity import note_rows
from annotation.store.store import Store
from annotation.store.tables.named import count_rows
from annotation.store.tables.upkeep import Identity

Result = TypeVar("Result")
MAX_ATTEMPTS = 5


@contextmanager
def adding(store: Store, files: Iterable[str | None] = ()) -> Iterator[Session]:
    """Like `writing`, for rows that name `files` (None and "" name none); no clean-up can remove these meanwhile.

    Raises:
        LostFileError: one of the files no longer exists.
        StoreError: as for `writing`.
    """
    with writing(store.engine) as session:
        check_kept(store.files, files)
        yield session
        identity, rows = session.scalar(select(Identity.id)), count_rows(session)
    note_rows(store.files, identity, rows)


def check_kept(files: Files, names: Iterable[str | None]) -> None:
    """Raise LostFileError unless all of `names` exist. Call it inside `writing`."""
    lost = files.missing(filter(None, names))
    if lost:
        raise LostFileError(f"the file {lost[0]} was removed before it was saved; save again")


def persistently(attempt: Callable[[], Result]) -> Result:
    """The result of `attempt`, which stores files and adds their rows; repeated if a clean-up removes the files."""
    for _ in range(MAX_ATTEMPTS - 1):
        try:
            return attempt()
        except LostFileError:
            continue
    return attempt()
