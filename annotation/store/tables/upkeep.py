"""The tables that say which dataset this is, and which files a clean-up has seen that nobody names."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from annotation.store.tables.base import Base


class Identity(Base):
    """The one row that says which dataset this is; its files carry the same beside them."""

    __tablename__ = "identity"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """A random UUID."""


class Sighting(Base):
    """A file that a clean-up saw and that no row named: one seen long enough may go."""

    __tablename__ = "sightings"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    """Not as long as a sha256, so that it does not count as naming the file."""
    put: Mapped[float]
    """When it was last put, as the storage says: one put since is seen anew."""
    seen: Mapped[datetime]
    """When it was first seen like that, by the clock of the clean-up."""
