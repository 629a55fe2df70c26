"""Revisions: every save adds one, none is ever changed, and a pointer says which is current."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from annotation.store.adding import adding, check_kept, persistently
from annotation.store.database.transactions import reading
from annotation.store.errors import StoreError
from annotation.store.samples import require
from annotation.store.store import Store
from annotation.store.tables.drafts import Draft
from annotation.store.tables.samples import Revision, Sample, State
from matting.arrays import Alpha, Colours, Trimap, check_alpha, check_colours, check_trimap, to_uint8, to_uint16
from matting.files import encode_image, read_alpha
from matting.trimap import unknown_share

CONTENT = ("trimap", "scribbles", "alpha", "foreground")


@dataclass(frozen=True)
class RevisionContent:
    """The content of a revision. Arrays must have the size of the sample's image; None stands for a missing part."""

    trimap: Trimap | None = None
    alpha: Alpha | None = None
    foreground: Colours | None = None
    scribbles: bytes | None = None
    """The strokes, as `annotation.strokes.stroke` writes them."""


@dataclass(frozen=True)
class EncodedContent:
    """The content of a revision as the bytes of files, in the order of `CONTENT`."""

    parts: Mapping[str, bytes]
    unknown: float | None


@dataclass(frozen=True)
class Effort:
    """Who made a revision, with what, and how long it took."""

    author: str = ""
    tool: str = ""
    model: str = ""
    weights: str = ""
    """The sha256 of the model's weights."""
    weights_licence: str = ""
    """The licences of all weights that had a part in the alpha, as an SPDX expression."""
    answers: str = ""
    """Every answer that led to the alpha, as `annotation.store.credits` writes them."""
    minutes: float = 0.0
    strokes: int = 0
    note: str = ""


@dataclass(frozen=True)
class NewRevision:
    """A revision whose files are stored, but not yet its row."""

    effort: Effort
    unknown: float | None = None
    trimap: str | None = None
    scribbles: str | None = None
    alpha: str | None = None
    foreground: str | None = None


class StaleSaveError(StoreError):
    """Somebody else saved first. Both are kept: `yours` is stored beside `theirs`, which stays the current one."""

    def __init__(self, yours: Revision, theirs: Revision) -> None:
        self.yours, self.theirs = yours, theirs
        super().__init__(
            f"sample {yours.sample} changed while you worked: {theirs.author or 'somebody'} saved revision "
            f"{theirs.number} after revision {yours.parent}, on which yours is based. Yours is kept as revision "
            f"{yours.number}; restore it to make it the current one"
        )


def save_revision(
    store: Store,
    sample: int,
    content: RevisionContent | EncodedContent,
    *,
    parent: int,
    effort: Effort | None = None,
    keeps_state: bool = False,
    draft: str = "",
) -> Revision:
    """Save `content` on the sample; the new revision, which no crash can lose from then on.

    `parent` is the revision from which it was made, 0 for none. A sample to do becomes one in progress, unless the save
    `keeps_state`, because no person made it. The draft with the id `draft` is then based on the current revision.

    Raises:
        StaleSaveError: the current revision is no longer `parent`; both saves are kept.
        ValueError: an array is malformed or not of the image's size.
        StoreError: it could not be written; the revisions before are intact.
    """
    with reading(store.engine) as session:
        row = require(session, sample)
    encoded = encode_content(content, (row.height, row.width)) if isinstance(content, RevisionContent) else content

    def attempt() -> tuple[Revision, Revision | None]:
        prepared = store_parts(store, encoded.parts, effort=effort or Effort(), unknown=encoded.unknown)
        with adding(store) as session:
            row = require(session, sample)
            mine = add_revision(store, session, row, prepared, parent=parent)
            if row.current == mine.number and row.state == State.TO_DO and not keeps_state:
                row.state = State.IN_PROGRESS
            session.execute(update(Draft).where(Draft.id == draft).values(base=row.current))
            return mine, stale(session, mine)

    mine, theirs = persistently(attempt)
    if theirs is not None:
        raise StaleSaveError(mine, theirs)
    return mine


def encode_content(content: RevisionContent, size: tuple[int, int]) -> EncodedContent:
    """`content` as files. For a large photo that takes some seconds.

    Raises:
        ValueError: an array is malformed or not of `size`, the image's (H, W).
    """
    trimap = None if content.trimap is None else check_trimap(content.trimap, size)
    alpha = None if content.alpha is None else check_alpha(content.alpha, size)
    foreground = None if content.foreground is None else check_colours(content.foreground, size)
    parts: dict[str, bytes] = {}
    if trimap is not None:
        parts["trimap"] = encode_image(trimap, ".png")
    if content.scribbles is not None:
        parts["scribbles"] = content.scribbles
    if alpha is not None:
        parts["alpha"] = encode_image(to_uint16(alpha), ".png")
    if foreground is not None:
        parts["foreground"] = encode_image(to_uint8(foreground), ".png")
    return EncodedContent(parts, None if trimap is None else unknown_share(trimap))


def store_parts(store: Store, parts: Mapping[str, bytes], *, effort: Effort, unknown: float | None) -> NewRevision:
    """Store the files of a revision, in the order of `CONTENT`; the row is added by `add_revision`."""
    files = {part: store.files.put(content) for part, content in parts.items()}
    return NewRevision(effort, unknown, **files)


def add_revision(store: Store, session: Session, sample: Sample, new: NewRevision, *, parent: int) -> Revision:
    """Add the row of a prepared revision, and make it the current one if `parent` still is.

    Call it inside `adding`, so that no other save and no clean-up runs meanwhile.
    """
    check_kept(store.files, files_of(new))
    if parent and session.get(Revision, (sample.id, parent)) is None:
        raise StoreError(f"sample {sample.id} has no revision {parent} to continue from")
    last = session.scalar(select(func.max(Revision.number)).where(Revision.sample == sample.id))
    revision = Revision(sample=sample.id, number=(last or 0) + 1, parent=parent, **vars(new.effort), **content_of(new))
    session.add(revision)
    if sample.current == parent:
        sample.current = revision.number
    session.flush()
    return revision


def add_first_revisions(session: Session, pairs: Sequence[tuple[int, NewRevision]]) -> None:
    """Add the first revisions of samples (by number) that were added in the same transaction, all at once.

    Nobody is correcting them yet, so a sample with an alpha is done.
    """
    if pairs:
        rows = [
            {"sample": sample, "number": 1, "parent": 0} | vars(new.effort) | content_of(new) for sample, new in pairs
        ]
        session.execute(insert(Revision), rows)
        done = [sample for sample, new in pairs if new.alpha]
        session.execute(update(Sample).where(Sample.id.in_([sample for sample, _ in pairs])).values(current=1))
        session.execute(update(Sample).where(Sample.id.in_(done)).values(state=State.DONE))


def add_unless_known(store: Store, session: Session, number: int, new: NewRevision) -> Revision | None:
    """Add the revision to a sample that was there before, unless nothing in it is new; one with an alpha is done.

    A trimap alone is added only where there is no revision yet: it would hide the alpha of one. None if not added.
    """
    sample = require(session, number)
    if sample.current and (not new.alpha or has_alike(store, session, number, "alpha", new.alpha)):
        return None
    revision = add_revision(store, session, sample, new, parent=sample.current)
    sample.state = State.DONE if new.alpha else sample.state
    return revision


def lacked_part(store: Store, session: Session, number: int, new: NewRevision) -> str:
    """The part of `new` that no revision of the sample has: "alpha" or "trimap"; "" if it has nothing new."""
    part = "alpha" if new.alpha else "trimap"
    return "" if has_alike(store, session, number, part, getattr(new, part)) else part


def has_alike(store: Store, session: Session, number: int, part: str, mine: str | None) -> bool:
    """Whether a revision of the sample has the stored `part` called `mine`, or one that looks the same."""
    known = [getattr(row, part) for row in session.scalars(select(Revision).where(Revision.sample == number))]
    return mine in known or any(are_alike(store, mine, other) for other in known if mine and other)


def are_alike(store: Store, one: str, other: str) -> bool:
    """Whether two stored alphas or trimaps differ by no more than rounding from 16 bits to 8."""
    mine, theirs = (read_alpha(io.BytesIO(store.files.get(name))) for name in (one, other))
    return mine.shape == theirs.shape and float(np.abs(mine - theirs).max()) <= 1 / 255


def files_of(new: NewRevision) -> list[str | None]:
    """The names of the files of a prepared revision."""
    return [getattr(new, part) for part in CONTENT]


def content_of(revision: NewRevision | Revision) -> dict[str, Any]:
    """The stored content of a revision: the names of its files, and its share of unknown pixels."""
    return {part: getattr(revision, part) for part in (*CONTENT, "unknown")}


def stale(session: Session, mine: Revision) -> Revision | None:
    """The current revision, if `mine` did not become it."""
    current = require(session, mine.sample).current
    return None if current == mine.number else session.get(Revision, (mine.sample, current))


def restore(store: Store, sample: int, number: int, *, author: str = "") -> Revision:
    """Go back to a revision by adding a new one with the same content, whose note says so.

    Raises:
        StoreError: there is no such revision.
    """
    with adding(store) as session:
        row = require(session, sample)
        old = session.get(Revision, (sample, number))
        if old is None:
            raise StoreError(f"sample {sample} has no revision {number}")
        return _repeat(store, session, row, old, Effort(author, "restore", note=f"revision {number} again"))


def remark(store: Store, sample: int, note: str, *, author: str = "") -> Revision:
    """Add `note` to the history, as a new revision with the content of the current one, if there is one."""
    with adding(store) as session:
        row = require(session, sample)
        old = session.get(Revision, (sample, row.current))
        return _repeat(store, session, row, old, Effort(author, "review", note=note))


def _repeat(store: Store, session: Session, row: Sample, old: Revision | None, effort: Effort) -> Revision:
    """A new revision of the sample with the content and the credits of `old`."""
    new = NewRevision(effort)
    if old is not None:
        answered = {name: getattr(old, name) for name in ("model", "weights", "weights_licence", "answers")}
        new = NewRevision(replace(effort, **answered), **content_of(old))
    return add_revision(store, session, row, new, parent=row.current)


def list_revisions(store: Store, sample: int) -> list[Revision]:
    """All revisions of the sample, oldest first."""
    with reading(store.engine) as session:
        require(session, sample)
        return list(session.scalars(select(Revision).where(Revision.sample == sample).order_by(Revision.number)))


def get_revision(store: Store, sample: int, number: int = 0) -> Revision | None:
    """The revision with that number, by default the current one; None if there is none."""
    with reading(store.engine) as session:
        return session.get(Revision, (sample, number or require(session, sample).current))
