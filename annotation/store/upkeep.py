"""Looking after a store: are all files whole, and which are nobody's any more."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import String, select, union
from sqlalchemy.orm import Session

from annotation.store.base import Base
from annotation.store.database import reading, writing
from annotation.store.errors import StoreError
from annotation.store.local_files import LocalFiles
from annotation.store.store import Store
from annotation.store.tables import Revision, Sample
from annotation.store.work_tables import ImageInWork, PaintedStroke

DAY = 24 * 3600.0
FILE_COLUMNS = (
    Sample.image,
    Sample.thumbnail,
    Revision.trimap,
    Revision.scribbles,
    Revision.alpha,
    Revision.foreground,
    ImageInWork.image,
    ImageInWork.automatic,
    ImageInWork.alpha,
    ImageInWork.thumbnail,
    PaintedStroke.file,
)
"""The columns of the dataset that name a stored file."""


@dataclass(frozen=True)
class Collected:
    """What a clean-up removed, or would remove."""

    names: list[str]
    partial: int


def mentioned(session: Session) -> set[str]:
    """Everything that any table holds in a column as long as a sha256: no table's files are ever forgotten."""
    columns = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String) and column.type.length == 64
    ]
    return {name for column in columns for name in session.scalars(select(column).distinct()) if name}


def referenced(session: Session) -> set[str]:
    """The names of the files of all samples and revisions."""
    query = union(*(select(column).where(column.is_not(None)) for column in FILE_COLUMNS))
    return {name for name in session.scalars(query) if name}


def collect_garbage(store: Store, *, older_than: float = DAY, dry_run: bool = False) -> Collected:
    """Remove files that no row names and that nobody put for `older_than` seconds.

    While a file is removed nobody can save; a save checks under the same lock that its files are still there.

    Raises:
        StoreError: a file could not be removed.
    """
    with reading(store.engine) as session:
        used = mentioned(session)
    orphans = [name for name in sorted(store.files.names()) if name not in used and is_old(store, name, older_than)]
    if not dry_run:
        for start in range(0, len(orphans), 100):
            remove(store, orphans[start : start + 100], older_than)
    return Collected(orphans, remove_partial(store, older_than, dry_run=dry_run))


def remove(store: Store, names: list[str], older_than: float) -> None:
    """Remove the files that are still nobody's and still old, with the writers' lock held."""
    with writing(store.engine) as session:
        used = mentioned(session)
        for name in names:
            if name not in used and is_old(store, name, older_than):
                try:
                    store.files.remove(name)
                except OSError as error:
                    raise StoreError(f"could not remove the file {name}: {error.strerror or error}") from error


def is_old(store: Store, name: str, older_than: float) -> bool:
    """Whether the file is there and was put longer than `older_than` seconds ago."""
    age = store.files.age(name)
    return age is not None and age >= older_than


def remove_partial(store: Store, older_than: float, *, dry_run: bool) -> int:
    """Remove what interrupted writes left; how many."""
    if not isinstance(store.files, LocalFiles):
        return 0
    old = [path for path in store.files.partial() if time.time() - path.stat().st_mtime >= older_than]
    for path in [] if dry_run else old:
        path.unlink(missing_ok=True)
    return len(old)


def verify(store: Store) -> Iterator[str]:
    """Check every file a row names and every pointer; one sentence for each fault."""
    with reading(store.engine) as session:
        names = sorted(referenced(session))
        lost = select(Sample.id, Sample.current).where(
            Sample.current > 0,
            ~select(Revision).where(Revision.sample == Sample.id, Revision.number == Sample.current).exists(),
        )
        pointers = list(session.execute(lost))
        if store.engine.dialect.name == "sqlite":
            result = session.connection().exec_driver_sql("PRAGMA integrity_check").scalar()
            if result != "ok":
                yield f"the database is damaged: {result}"
    for sample, number in pointers:
        yield f"sample {sample} points to revision {number}, which is not there"
    for name in names:
        try:
            store.files.get(name)
        except StoreError as error:
            yield str(error)
