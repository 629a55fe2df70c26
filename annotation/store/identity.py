"""Do the database and the files belong to one dataset, and does the database still hold all that it held?

Both carry one identity, agreed on when they are first opened together. The number of rows that the database has had is
also stored beside the files. Rows are only ever added, so a database with fewer rows is an older copy.
"""

from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID, uuid4

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from annotation.store.database.transactions import reading, writing
from annotation.store.errors import StoreError
from annotation.store.files.base import Files
from annotation.store.tables.named import count_rows, referenced
from annotation.store.tables.upkeep import Identity

LABEL = "identity"
"""The note beside the files that says to which dataset they belong."""
FILES_LOOKED_UP = 50
"""The number of files named by the database that are looked up."""


def identify(engine: Engine, files: Files) -> None:
    """Give one identity to a database and files that are opened together for the first time.

    A side that has one keeps it. If they do not belong together, they get two: an empty database beside files was lost
    or recreated, and one that names hardly any of the files belongs to another dataset.

    Raises:
        StoreError, OSError: one of them cannot be read or written.
    """
    with reading(engine) as session:
        if session.scalar(select(Identity.id)) and identity_of(files):
            return
    with writing(engine) as session:
        mine, theirs = session.scalar(select(Identity.id)), identity_of(files)
        belong = are_together(session, files)
        own = mine or (theirs if belong and theirs else str(uuid4()))
        if not theirs:
            files.write_note(LABEL, own if belong else str(uuid4()))
        if not mine:
            session.add(Identity(id=own))


def identity_of(files: Files) -> str:
    """The identity of the files; "" if there is none or it cannot be read."""
    try:
        return str(UUID(files.read_note(LABEL)))
    except ValueError:
        return ""


def are_together(session: Session, files: Files) -> bool:
    """Whether there are no files yet, or most of the files that the database names exist."""
    if is_empty(files):
        return True
    names = sorted(referenced(session))
    some = names[:: len(names) // FILES_LOOKED_UP + 1]
    found = sum(files.put_at(name) is not None for name in some)
    return bool(some) and 2 * found >= len(some)


def is_empty(files: Files) -> bool:
    """Whether nothing is stored."""
    return next(iter(files.names()), None) is None


def note_rows(files: Files, identity: str | None, rows: int) -> None:
    """Note beside the files that the database now has this number of `rows`; an earlier note of more rows is kept.

    If the note cannot be written, nothing else fails: what was saved is saved.
    """
    with suppress(StoreError, OSError):
        if identity and rows > rows_noted(files, identity):
            files.write_note(f"rows-{identity}", str(rows), is_durable=False)


def rows_noted(files: Files, identity: str) -> int:
    """The number of rows that the database with that identity has had, according to the note."""
    noted = files.read_note(f"rows-{identity}")
    return int(noted) if noted.isdecimal() else 0


def doubts(engine: Engine, files: Files) -> Iterator[str]:
    """A sentence for each sign that database and files are not one whole dataset."""
    with reading(engine) as session:
        mine = session.scalar(select(Identity.id))
    theirs, noted = identity_of(files), rows_noted(files, mine) if mine else 0  # before others add rows
    with reading(engine) as session:
        rows, names_any = count_rows(session), bool(referenced(session))
    if mine and theirs and mine != theirs:
        yield (
            f"the database ({mine}) and the files in {files.place} ({theirs}) belong to two datasets; restore the one "
            f"that is wrong or lost. If they do belong together, delete the file {LABEL} there"
        )
    if not names_any and not is_empty(files):
        yield f"the database names no file, but there are files in {files.place}: it is empty, lost or the wrong one"
    elif rows < noted:
        yield (
            f"the database holds {rows} samples, revisions and drafts, but has held {noted}: "
            "it is an older copy, or has lost some"
        )
