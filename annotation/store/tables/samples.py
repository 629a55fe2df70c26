"""The tables of the dataset: samples, and their revisions, which are only ever added."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from annotation.store.tables.base import Base, now


class State(StrEnum):
    """The state of a sample, in the order of work."""

    OFFERED = "offered"
    """A visitor to a demo gave it, and nobody has looked at it yet."""
    TO_DO = "to do"
    IN_PROGRESS = "in progress"
    DONE = "done"
    APPROVED = "approved"
    REJECTED = "rejected"


class Split(StrEnum):
    """The use of a sample in training."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"
    NONE = "none"
    """It resembles samples of two splits, so any use would leak one into the other. It is in no export."""


class Sample(Base):
    """One image of the dataset, its state and its provenance. A file is named by its sha256."""

    __tablename__ = "samples"
    __table_args__ = (
        Index("ix_samples_state_id", "deleted", "state", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    """Its original file name without extension; for people to read, never used as a path."""
    image: Mapped[str] = mapped_column(String(64))
    """The image as PNG."""
    thumbnail: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    pixels: Mapped[str] = mapped_column(String(64), index=True)
    """The sha256 of the decoded pixels, which is the same for the same picture in another file."""
    appearance: Mapped[int] = mapped_column(BigInteger)
    """A 64-bit perceptual hash: near duplicates differ in a few bits."""
    group: Mapped[str] = mapped_column("group_key", String(255), index=True)
    """Samples of one group never straddle splits."""
    split: Mapped[str] = mapped_column(String(16), index=True)
    state: Mapped[str] = mapped_column(String(16), default=State.TO_DO)
    assignee: Mapped[str] = mapped_column(String(255), default="", index=True)
    reviewer: Mapped[str] = mapped_column(String(255), default="")
    created: Mapped[datetime] = mapped_column(default=now)
    changed: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    deleted: Mapped[datetime | None]
    current: Mapped[int] = mapped_column(default=0)
    """The number of the current revision; 0 while there is none."""
    source: Mapped[str] = mapped_column(Text, default="")
    source_sha256: Mapped[str] = mapped_column(String(64), default="")
    author: Mapped[str] = mapped_column(String(255), default="")
    licence: Mapped[str] = mapped_column(String(255), default="")
    """An SPDX expression; empty while unknown."""
    consent: Mapped[str] = mapped_column(Text, default="")
    person_visible: Mapped[bool | None]
    tags: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Words by which people find it, as annotation.store.provenance writes them; empty for none."""


class Landmarks(Base):
    """Landmarks, by which copies and parts of a sample's image are recognised. Older samples get their row later."""

    __tablename__ = "landmarks"

    sample: Mapped[int] = mapped_column("sample_id", ForeignKey("samples.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """As `matting.files.likeness.landmarks` packs them; empty for a smooth picture."""


class Answer(StrEnum):
    """A person's decision on two samples that may be copies."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"


class DoubtfulCopy(Base):
    """A sample that may be a copy of an earlier one, its twin."""

    __tablename__ = "doubtful_copies"

    sample: Mapped[int] = mapped_column("sample_id", ForeignKey("samples.id"), primary_key=True)
    twin: Mapped[int] = mapped_column("twin_id", ForeignKey("samples.id"), primary_key=True)
    otherwise: Mapped[str] = mapped_column(String(16))
    """The split that the sample would have if it were not a copy."""
    answer: Mapped[str] = mapped_column(String(16), default=Answer.OPEN)


class Revision(Base):
    """One saved state of a sample. Never changed, never removed while its sample is kept."""

    __tablename__ = "revisions"

    sample: Mapped[int] = mapped_column("sample_id", ForeignKey("samples.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    """1, 2, 3 … within the sample, in the order of saving."""
    parent: Mapped[int]
    """The revision it was made from; 0 for none."""
    author: Mapped[str] = mapped_column(String(255), default="")
    created: Mapped[datetime] = mapped_column(default=now)
    tool: Mapped[str] = mapped_column(String(255), default="")
    model: Mapped[str] = mapped_column(String(255), default="")
    weights: Mapped[str] = mapped_column(String(64), default="")
    """The sha256 of the weights of the `model`, which gave the alpha; empty for none."""
    weights_licence: Mapped[str] = mapped_column(String(255), default="")
    """The licences of all weights that had a part in the alpha, as an SPDX expression."""
    answers: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Every answer that led to the alpha, as annotation.store.credits writes them."""
    minutes: Mapped[float] = mapped_column(default=0.0)
    strokes: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(Text, default="")
    unknown: Mapped[float | None]
    """The share of unknown pixels in the trimap; None without a trimap."""
    trimap: Mapped[str | None] = mapped_column(String(64))
    scribbles: Mapped[str | None] = mapped_column(String(64))
    alpha: Mapped[str | None] = mapped_column(String(64))
    foreground: Mapped[str | None] = mapped_column(String(64))
