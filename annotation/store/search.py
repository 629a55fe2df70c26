"""Finding samples: filters, the queue's next and previous, counts and statistics."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from annotation.store.database.transactions import reading
from annotation.store.provenance import words_of
from annotation.store.store import Store
from annotation.store.tables.samples import Revision, Sample, Split, State

TAG = "tag:"
"""What stands before a tag in a search."""
IMPORT = "import"
"""The tool of a revision that came with an import."""
CURRENT = and_(Revision.sample == Sample.id, Revision.number == Sample.current)


@dataclass(frozen=True)
class Filter:
    """A choice of samples; a field left at its default allows all."""

    text: str = ""
    """Part of the name, source, author, licence or tags, or a sample's number. A word such as `tag:hair` is a tag."""
    states: Sequence[State] = ()
    splits: Sequence[Split] = ()
    assignee: str = ""
    is_deleted: bool = False
    ids: Sequence[int] = ()
    has_no_licence: bool = False
    """Only samples whose licence nobody stated."""
    before: int = 0
    """Only samples with a smaller number."""


def conditions(chosen: Filter) -> list[ColumnElement[bool]]:
    """The filter as SQL."""
    found: list[ColumnElement[bool]] = [Sample.deleted.is_not(None) if chosen.is_deleted else Sample.deleted.is_(None)]
    if chosen.states:
        found.append(Sample.state.in_(chosen.states))
    if chosen.splits:
        found.append(Sample.split.in_(chosen.splits))
    if chosen.assignee:
        found.append(Sample.assignee == chosen.assignee)
    if chosen.ids:
        found.append(Sample.id.in_(chosen.ids))
    if chosen.has_no_licence:
        found.append(Sample.licence == "")
    if chosen.before:
        found.append(Sample.id < chosen.before)
    return found + about(chosen.text)


def about(text: str) -> list[ColumnElement[bool]]:
    """The text of a filter as SQL: every tag that it names, and the rest of it, must be there."""
    words = text.split()
    tags = [word for word in words if word.casefold().startswith(TAG)]
    found: list[ColumnElement[bool]] = [
        (" " + Sample.tags + " ").contains(f" {tag} ", autoescape=True)
        for word in tags
        for tag in words_of(word[len(TAG) :])
    ]
    rest = " ".join(word for word in words if word not in tags) if tags else text
    if rest:
        columns = (Sample.name, Sample.source, Sample.author, Sample.licence, Sample.tags)
        number = [Sample.id == int(rest)] if rest.isdecimal() and len(rest) < 10 else []
        found.append(or_(*(column.icontains(rest, autoescape=True) for column in columns), *number))
    return found


def find_samples(store: Store, chosen: Filter | None = None, *, limit: int = 100, offset: int = 0) -> list[Sample]:
    """The samples the filter allows, in the order they were added."""
    query = select(Sample).where(*conditions(chosen or Filter())).order_by(Sample.id).limit(limit).offset(offset)
    with reading(store.engine) as session:
        return list(session.scalars(query))


def find_numbers(store: Store, chosen: Filter) -> list[int]:
    """The numbers of all samples the filter allows."""
    with reading(store.engine) as session:
        return list(session.scalars(select(Sample.id).where(*conditions(chosen)).order_by(Sample.id)))


def count_samples(store: Store, chosen: Filter | None = None) -> int:
    """The number of samples that the filter allows."""
    with reading(store.engine) as session:
        return session.scalar(select(func.count()).select_from(Sample).where(*conditions(chosen or Filter()))) or 0


def next_sample(store: Store, after: int, chosen: Filter | None = None) -> Sample | None:
    """The first sample after number `after` that the filter allows; None at the end."""
    query = select(Sample).where(Sample.id > after, *conditions(chosen or Filter())).order_by(Sample.id)
    with reading(store.engine) as session:
        return session.scalar(query.limit(1))


def previous_sample(store: Store, before: int, chosen: Filter | None = None) -> Sample | None:
    """The last sample before number `before` that the filter allows; None at the start."""
    query = select(Sample).where(Sample.id < before, *conditions(chosen or Filter())).order_by(Sample.id.desc())
    with reading(store.engine) as session:
        return session.scalar(query.limit(1))


def count_unlabelled(store: Store) -> int:
    """How many samples to do have no revision."""
    query = select(func.count()).where(*conditions(Filter(states=[State.TO_DO])), Sample.current == 0)
    with reading(store.engine) as session:
        return session.scalar(query) or 0


def find_without_alpha(store: Store, chosen: Filter) -> list[int]:
    """The numbers of the samples that the filter allows and whose current revision, if any, has no alpha."""
    query = select(Sample.id).outerjoin(Revision, CURRENT).where(*conditions(chosen), Revision.alpha.is_(None))
    with reading(store.engine) as session:
        return list(session.scalars(query.order_by(Sample.id)))


def count_states(store: Store) -> dict[State, int]:
    """The number of samples in each state, which is the progress of the whole dataset."""
    query = select(Sample.state, func.count()).where(Sample.deleted.is_(None)).group_by(Sample.state)
    with reading(store.engine) as session:
        counts = {State(state): count for state, count in session.execute(query)}
    return {state: counts.get(state, 0) for state in State}


@dataclass(frozen=True)
class SampleNumbers:
    """One sample's numbers, for statistics."""

    sample: int
    state: State
    person: str
    """The person who made the current revision, or to whom the sample is assigned; "" if nobody is named."""
    saved: datetime | None
    """When the current revision was saved; None if there is none."""
    is_imported: bool
    """Whether its current revision came with an import, so that nobody worked on it here."""
    minutes: float
    strokes: int
    unknown: float | None
    first_alpha: str | None
    """The file of the sample's first alpha."""
    alpha: str | None
    """The file of its current alpha."""


def list_numbers(store: Store) -> list[SampleNumbers]:
    """For every sample: its state, who saved it and when, the minutes and strokes of all its revisions, its alphas."""
    spent = select(
        Revision.sample, func.sum(Revision.minutes).label("minutes"), func.sum(Revision.strokes).label("strokes")
    ).group_by(Revision.sample)
    begun = select(Revision.sample, func.min(Revision.number).label("number")).where(Revision.alpha.is_not(None))
    sums, starts, first = spent.subquery(), begun.group_by(Revision.sample).subquery(), aliased(Revision)
    query = (
        select(Sample, Revision, sums.c.minutes, sums.c.strokes, first.alpha)
        .outerjoin(sums, sums.c.sample == Sample.id)
        .outerjoin(starts, starts.c.sample == Sample.id)
        .outerjoin(first, and_(first.sample == Sample.id, first.number == starts.c.number))
        .outerjoin(Revision, CURRENT)
        .where(Sample.deleted.is_(None))
        .order_by(Sample.id)
    )
    with reading(store.engine) as session:
        return [
            SampleNumbers(
                sample.id,
                State(sample.state),
                (current and current.author) or sample.assignee,
                current and current.created,
                bool(current) and current.tool == IMPORT,
                minutes or 0.0,
                int(strokes or 0),
                current and current.unknown,
                alpha,
                current and current.alpha,
            )
            for sample, current, minutes, strokes, alpha in session.execute(query)
        ]


def each_current(store: Store, chosen: Filter) -> Iterator[tuple[Sample, Revision]]:
    """The allowed samples that have an alpha, each with its current revision, as of one moment."""
    query = select(Sample, Revision).join(Revision, CURRENT).where(*conditions(chosen), Revision.alpha.is_not(None))
    with reading(store.engine) as session:
        for row in session.execute(query.order_by(Sample.id).execution_options(yield_per=500)):
            yield row.Sample, row.Revision


def current_revisions(store: Store, samples: Sequence[Sample]) -> dict[int, Revision]:
    """The current revisions of `samples` that have one, by the sample's number."""
    keys = [(sample.id, sample.current) for sample in samples]
    query = select(Revision).where(tuple_(Revision.sample, Revision.number).in_(keys))
    with reading(store.engine) as session:
        return {revision.sample: revision for revision in session.scalars(query)}
