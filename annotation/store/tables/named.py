"""The stored files that the rows of the database name."""

from sqlalchemy import String, func, select, union
from sqlalchemy.orm import Session

from annotation.store.tables.base import Base
from annotation.store.tables.drafts import Draft, PaintedStroke
from annotation.store.tables.samples import Revision, Sample

FILE_COLUMNS = (
    Sample.image,
    Sample.thumbnail,
    Revision.trimap,
    Revision.scribbles,
    Revision.alpha,
    Revision.foreground,
    Draft.image,
    Draft.automatic,
    Draft.alpha,
    Draft.thumbnail,
    PaintedStroke.file,
)
"""The columns of the dataset that name a stored file."""


def mentioned(session: Session) -> set[str]:
    """Everything in a column as long as a sha256, in any table, so that no table's files are forgotten."""
    columns = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String) and column.type.length == 64
    ]
    return {name for column in columns for name in session.scalars(select(column).distinct()) if name}


def referenced(session: Session) -> set[str]:
    """The names of the files of all samples, revisions and drafts."""
    query = union(*(select(column).where(column.is_not(None)) for column in FILE_COLUMNS))
    return {name for name in session.scalars(query) if name}


def count_rows(session: Session) -> int:
    """The number of samples, revisions and drafts. None is ever removed, so it only grows."""
    return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in (Sample, Revision, Draft))
