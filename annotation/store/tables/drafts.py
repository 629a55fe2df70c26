"""The tables of drafts, and of the strokes painted on them, which are only ever added."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from annotation.store.tables.base import Base, now


class Draft(Base):
    """An image that somebody is correcting. It belongs to the browser whose secret has the hash `owner`."""

    __tablename__ = "works"
    __table_args__ = (Index("ix_works_owner_changed", "owner", "changed"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Random; knowing it is not enough to open the draft."""
    owner: Mapped[str] = mapped_column(String(64), default="")
    """The sha256 of the owner's secret; empty until the first browser opens the draft."""
    name: Mapped[str] = mapped_column(String(255))
    image: Mapped[str] = mapped_column(String(64))
    """The picture's own file, unchanged."""
    automatic: Mapped[str] = mapped_column(String(64))
    """The automatic trimap, PNG."""
    alpha: Mapped[str] = mapped_column(String(64), default="")
    """The alpha to show until it is solved, 16-bit PNG; empty for none."""
    thumbnail: Mapped[str] = mapped_column(String(64))
    """A small JPEG for lists."""
    width: Mapped[int]
    height: Mapped[int]
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now)
    answers: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The answers that led to the automatic trimap and alpha, as annotation.store.credits writes them."""
    base: Mapped[int | None]
    """The revision of its sample that a save continues, 0 for none; None if unknown."""
    sample: Mapped[int | None] = mapped_column("sample_id")
    """The sample from which it was taken; None if it was not a sample, or if unknown."""
    closed: Mapped[datetime | None]
    """When its owner finished or discarded it."""


class PaintedStroke(Base):
    """One stroke of a draft, with the number under which it was acknowledged."""

    __tablename__ = "strokes"

    draft: Mapped[str] = mapped_column("work_id", ForeignKey("works.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """1, 2, 3 … within the draft."""
    id: Mapped[str] = mapped_column("stroke_id", String(80))
    content: Mapped[str] = mapped_column(Text)
    """The stroke as annotation.strokes.stroke.to_wire gives it, in JSON."""
    file: Mapped[str] = mapped_column(String(64), default="")
    """The stored trimap that a "start" names; empty for every other kind."""
    received: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_strokes_work_id_stroke_id", "work_id", "stroke_id", unique=True),)
