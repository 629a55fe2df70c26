"""The tables of the dataset's identity, and of the unused files that a clean-up has seen."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from annotation.store.tables.base import Base


class Identity(Base):
    """The only row, with the identity of the dataset; its files carry the same identity."""

    __tablename__ = "identity"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """A random UUID."""


class Sighting(Base):
    """A file that a clean-up found unused. Once that is long enough ago, the file may be removed."""

    __tablename__ = "sightings"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    """The file's name. The column is not as long as a sha256, so that it does not count as naming the file."""
    put: Mapped[float]
    """When it was last stored, by the storage's clock; if it is stored again, it counts as new."""
    seen: Mapped[datetime]
    """When it was first found unused, by the clock of the clean-up."""
