"""Drafts: they begin, only their owner opens them, they grow stroke by stroke, and are closed.

`Drafts.append` returns a stroke's number only once the stroke is on the disk; that is what "saved" means.
"""

import hashlib
import hmac
import json
import secrets
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Engine, func, not_, or_, select

from annotation.store.adding import adding, check_kept, persistently
from annotation.store.database.transactions import reading, writing
from annotation.store.errors import StoreError
from annotation.store.files.base import Files
from annotation.store.samples import clean_name
from annotation.store.store import Store
from annotation.store.tables.base import now
from annotation.store.tables.drafts import Draft, PaintedStroke
from annotation.store.tables.samples import Sample
from annotation.strokes.stroke import Stroke, from_wire, to_wire

SHORTEST_SECRET = 16


class NotYoursError(StoreError):
    """The draft does not exist, or the secret is not its owner's; which of the two is not revealed."""


class Drafts:
    """The drafts of one store. Safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def engine(self) -> Engine:
        """The store's database."""
        return self.store.engine

    @property
    def files(self) -> Files:
        """The store's files."""
        return self.store.files

    def begin(
        self,
        *,
        name: str,
        image: bytes,
        automatic: bytes,
        thumbnail: bytes,
        size: tuple[int, int],
        alpha: bytes = b"",
        answers: str = "",
        pixels: str = "",
        base: int | None = None,
        sample: int | None = None,
    ) -> str:
        """Add a picture of `size` (H, W), its automatic trimap and alpha, each as file content; the draft's id.

        `answers` led to these. `sample` and `base` are the sample and revision they come from; by default, the sample
        with the same `pixels`, if there is one, and its current revision.

        The draft has no owner yet: the first secret with which it is opened becomes its owner's.
        """

        def attempt() -> str:
            draft = Draft(
                id=secrets.token_urlsafe(18),
                name=clean_name(name),
                image=self.files.put(image),
                automatic=self.files.put(automatic),
                alpha=self.files.put(alpha) if alpha else "",
                thumbnail=self.files.put(thumbnail),
                height=size[0],
                width=size[1],
                answers=answers,
                base=base,
                sample=sample,
            )
            with adding(self.store, (draft.image, draft.automatic, draft.alpha, draft.thumbnail)) as session:
                if base is None and pixels:
                    same = session.scalar(select(Sample).where(Sample.pixels == pixels))
                    draft.sample, draft.base = (same.id, same.current) if same else (None, 0)
                session.add(draft)
            return draft.id

        return persistently(attempt)

    def open(self, draft_id: str, secret: str) -> Draft:
        """The draft, if `secret` is its owner's. If it has no owner yet, the secret becomes its owner's.

        Raises:
            NotYoursError: it belongs to someone else or does not exist.
        """
        with reading(self.engine) as session:
            draft = session.get(Draft, draft_id)
        if draft is not None and not draft.owner and len(secret) >= SHORTEST_SECRET:
            with writing(self.engine) as session:
                draft = session.get(Draft, draft_id)
                if draft is not None and not draft.owner:
                    draft.owner = hash_secret(secret)
        if draft is None or not hmac.compare_digest(draft.owner, hash_secret(secret)):
            raise NotYoursError("this draft does not exist, or belongs to another browser")
        return draft

    def base(self, draft_id: str) -> int | None:
        """The revision of its sample on which the draft is based, 0 for none; None if unknown."""
        with reading(self.engine) as session:
            return session.scalar(select(Draft.base).where(Draft.id == draft_id))

    def sample(self, draft_id: str) -> int | None:
        """The draft's sample; None if the photo was not a sample when the draft began."""
        with reading(self.engine) as session:
            return session.scalar(select(Draft.sample).where(Draft.id == draft_id))

    def append(self, draft_id: str, stroke: Stroke) -> tuple[int, bool]:
        """Keep `stroke` for ever; its number, and whether it is new (one sent again keeps its first number).

        Raises:
            LostFileError: a clean-up has removed the trimap of a "start" meanwhile; put it again.
            StoreError: the stroke could not be written, so it is not kept.
        """
        with writing(self.engine) as session:
            same = select(PaintedStroke.number).filter_by(draft=draft_id, id=stroke.id)
            number = session.scalar(same)
            if number is not None:
                return number, False
            last = session.scalar(select(func.max(PaintedStroke.number)).where(PaintedStroke.draft == draft_id))
            number = (last or 0) + 1
            content = json.dumps(to_wire(stroke), separators=(",", ":"))
            file = stroke.target if stroke.kind == "start" else ""
            check_kept(self.files, [file])
            session.add(PaintedStroke(draft=draft_id, number=number, id=stroke.id, content=content, file=file))
            draft = session.get(Draft, draft_id)
            if draft is None:
                raise NotYoursError("this draft does not exist, or belongs to another browser")
            draft.changed = now()
        return number, True

    def strokes(self, draft_id: str, *, after: int = 0) -> list[Stroke]:
        """The strokes numbered above `after`, in order."""
        wanted = select(PaintedStroke.content).filter_by(draft=draft_id).order_by(PaintedStroke.number)
        with reading(self.engine) as session:
            contents = session.scalars(wanted.where(PaintedStroke.number > after)).all()
        return [from_wire(json.loads(content)) for content in contents]

    def unfinished(self, secret: str, *, limit: int = 24) -> Sequence[tuple[Draft, int]]:
        """The owner's drafts that are not closed, the most recent first, each with how many of its strokes count."""
        wanted = select(Draft).filter_by(owner=hash_secret(secret), closed=None)
        is_switch = or_(*(PaintedStroke.content.like(f'%"kind":"{kind}"%') for kind in ("undo", "redo")))
        with reading(self.engine) as session:
            drafts = session.scalars(wanted.order_by(Draft.changed.desc()).limit(limit)).all()
            ours = PaintedStroke.draft.in_([draft.id for draft in drafts])
            painted = select(PaintedStroke.draft, func.count()).where(ours, not_(is_switch))
            counts = dict(session.execute(painted.group_by(PaintedStroke.draft)).all())
            switches = select(PaintedStroke.draft, PaintedStroke.content).where(ours, is_switch)
            off: dict[str, set[str]] = defaultdict(set)
            for draft, content in session.execute(switches.order_by(PaintedStroke.number)):
                switch = json.loads(content)
                (off[draft].add if switch["kind"] == "undo" else off[draft].discard)(switch["target"])
        return [(draft, counts.get(draft.id, 0) - len(off[draft.id])) for draft in drafts]

    def count_unfinished(self) -> int:
        """How many drafts are not closed, whoever's they are."""
        with reading(self.engine) as session:
            return session.scalar(select(func.count()).select_from(Draft).where(Draft.closed.is_(None))) or 0

    def ids(self) -> Sequence[str]:
        """The ids of all drafts."""
        with reading(self.engine) as session:
            return session.scalars(select(Draft.id)).all()

    def close(self, draft_id: str, secret: str) -> None:
        """Take the draft off its owner's list. Nothing is removed. NotYoursError as for `open`."""
        self.open(draft_id, secret)
        with writing(self.engine) as session:
            draft = session.get(Draft, draft_id)
            if draft is not None:
                draft.closed = now()


def hash_secret(secret: str) -> str:
    """The sha256 of a browser's secret; a secret too short to be random gets a hash that belongs to nobody."""
    return hashlib.sha256(secret.encode()).hexdigest() if len(secret) >= SHORTEST_SECRET else "nobody"
