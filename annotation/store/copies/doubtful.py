"""Pictures that may be copies of one another. They share a split until a person decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session, aliased

from annotation.store.appearances import Place
from annotation.store.database.transactions import reading, writing
from annotation.store.errors import StoreError
from annotation.store.store import Store
from annotation.store.tables.samples import Answer, DoubtfulCopy, Sample, Split


@dataclass(frozen=True)
class Doubt:
    """A sample, and an earlier one of which it may be a copy."""

    sample: Sample
    twin: Sample

    def __str__(self) -> str:
        """As a sentence for a report."""
        where = f"both are in {self.twin.split}"
        if self.sample.split != self.twin.split:
            where = f"the first is in {self.sample.split}, the other in {self.twin.split}"
        names = " may be a copy of ".join(f"{one.name} (sample {one.id})" for one in (self.sample, self.twin))
        return f"{names}: {where}, until you decide, with `python -m annotation copies` or in the Dataset tab"


def add_doubts(session: Session, doubtful: Iterable[tuple[int, Sequence[int], Place]]) -> None:
    """Store doubts, each as (sample, the samples of which it may be a copy, its place)."""
    rows = [
        {"sample": sample, "twin": twin, "otherwise": place.otherwise}
        for sample, twins, place in doubtful
        for twin in twins
    ]
    if rows:
        session.execute(insert(DoubtfulCopy), rows)


def list_doubts(store: Store, samples: Iterable[int] | None = None) -> list[Doubt]:
    """The undecided doubts about those `samples`, or about all, oldest first."""
    twin, chosen = aliased(Sample), None if samples is None else set(samples)
    query = (
        select(Sample, twin)
        .join(DoubtfulCopy, DoubtfulCopy.sample == Sample.id)
        .join(twin, DoubtfulCopy.twin == twin.id)
        .where(DoubtfulCopy.answer == Answer.OPEN, Sample.deleted.is_(None), twin.deleted.is_(None))
        .order_by(Sample.id, twin.id)
    )
    with reading(store.engine) as session:
        found = [Doubt(*row) for row in session.execute(query)]
    return [doubt for doubt in found if chosen is None or doubt.sample.id in chosen]


def settle_doubt(store: Store, sample: int, twin: int, *, is_same: bool) -> None:
    """Store a person's decision on two samples, given in any order.

    Copies become one group. A sample that was in no split only because of its doubts gets its own split when the last
    of them is decided as different. Any other sample keeps its split, which may have been used already.

    Raises:
        StoreError: these two are not a doubtful pair.
    """
    with writing(store.engine) as session:
        row = session.get(DoubtfulCopy, (sample, twin)) or session.get(DoubtfulCopy, (twin, sample))
        if row is None:
            raise StoreError(f"wanted two samples that `python -m annotation copies` lists, got {sample} and {twin}")
        row.answer = Answer.SAME if is_same else Answer.DIFFERENT
        later = session.get_one(Sample, row.sample)
        if is_same:
            group = session.get_one(Sample, row.twin).group
            session.execute(update(Sample).where(Sample.id == later.id).values(group=group))
            return
        others = select(DoubtfulCopy.twin).where(
            DoubtfulCopy.sample == row.sample, DoubtfulCopy.answer != Answer.DIFFERENT
        )
        session.flush()
        if later.split == Split.NONE and session.scalars(others).first() is None:
            later.split = row.otherwise
