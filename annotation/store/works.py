"""Images in work: begun, opened by their owner only, painted on stroke by stroke, closed.

`Works.append` returns a stroke's number only when the stroke is on the disk; that is what "saved" means.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence

from sqlalchemy import func, select

from annotation.store.adding import adding, check_kept, persistently
from annotation.store.database.transactions import reading, writing
from annotation.store.errors import StoreError
from annotation.store.samples import clean_name
from annotation.store.store import Store
from annotation.store.tables.base import now
from annotation.store.tables.samples import Sample
from annotation.store.tables.works import ImageInWork, PaintedStroke
from annotation.strokes.stroke import Stroke, from_wire, to_wire

SHORTEST_SECRET = 16


class NotYoursError(StoreError):
    """The work is not there, or the secret is not its owner's: which of the two is not told."""


class Works:
    """The images in work of one store. Safe to share between threads."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.engine = store.engine
        self.files = store.files

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
        """Take in a picture of `size` (H, W) and its automatic trimap (and alpha), each as file content; the work's id.

        `answers` tells what these came from. `sample` and `base` are the sample and its revision that they are of;
        without them, the sample with the same `pixels`, if any, and its current revision.

        It has no owner yet: the first secret that opens it becomes its owner's.
        """

        def attempt() -> str:
            work = ImageInWork(
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
            with adding(self.store, (work.image, work.automatic, work.alpha, work.thumbnail)) as session:
                if base is None and pixels:
                    same = session.scalar(select(Sample).where(Sample.pixels == pixels))
                    work.sample, work.base = (same.id, same.current) if same else (None, 0)
                session.add(work)
            return work.id

        return persistently(attempt)

    def open(self, work_id: str, secret: str) -> ImageInWork:
        """The work, if `secret` is its owner's, or if it has none yet and so becomes the secret's.

        Raises:
            NotYoursError: it is another's or not there.
        """
        with reading(self.engine) as session:
            work = session.get(ImageInWork, work_id)
        if work is not None and not work.owner and len(secret) >= SHORTEST_SECRET:
            with writing(self.engine) as session:
                work = session.get(ImageInWork, work_id)
                if work is not None and not work.owner:
                    work.owner = hash_secret(secret)
        if work is None or not hmac.compare_digest(work.owner, hash_secret(secret)):
            raise NotYoursError("this work is not there, or belongs to another browser")
        return work

    def base(self, work_id: str) -> int | None:
        """The revision of its sample that the work is based on, 0 for none; None where nobody noted it."""
        with reading(self.engine) as session:
            return session.scalar(select(ImageInWork.base).where(ImageInWork.id == work_id))

    def sample(self, work_id: str) -> int | None:
        """The sample that the work is of; None for a photo that was none when it was taken into work."""
        with reading(self.engine) as session:
            return session.scalar(select(ImageInWork.sample).where(ImageInWork.id == work_id))

    def append(self, work_id: str, stroke: Stroke) -> tuple[int, bool]:
        """Keep `stroke` for ever; its number, and whether it is new (one sent twice keeps its first number).

        Raises:
            LostFileError: the trimap it starts from was removed by a clean-up meanwhile; put it again.
            StoreError: it could not be written; then it is not kept.
        """
        with writing(self.engine) as session:
            same = select(PaintedStroke.number).filter_by(work=work_id, id=stroke.id)
            number = session.scalar(same)
            if number is not None:
                return number, False
            last = session.scalar(select(func.max(PaintedStroke.number)).where(PaintedStroke.work == work_id))
            number = (last or 0) + 1
            content = json.dumps(to_wire(stroke), separators=(",", ":"))
            file = stroke.target if stroke.kind == "start" else ""
            check_kept(self.files, [file])
            session.add(PaintedStroke(work=work_id, number=number, id=stroke.id, content=content, file=file))
            work = session.get(ImageInWork, work_id)
            if work is None:
                raise NotYoursError("this work is not there, or belongs to another browser")
            work.changed = now()
        return number, True

    def strokes(self, work_id: str, *, after: int = 0) -> list[Stroke]:
        """The strokes numbered above `after`, in order."""
        wanted = select(PaintedStroke.content).filter_by(work=work_id).order_by(PaintedStroke.number)
        with reading(self.engine) as session:
            contents = session.scalars(wanted.where(PaintedStroke.number > after)).all()
        return [from_wire(json.loads(content)) for content in contents]

    def unfinished(self, secret: str, *, limit: int = 24) -> Sequence[tuple[ImageInWork, int]]:
        """The owner's works that are not closed, the last changed first, each with its number of strokes."""
        count = select(func.count()).where(PaintedStroke.work == ImageInWork.id).scalar_subquery()
        wanted = select(ImageInWork, count).filter_by(owner=hash_secret(secret), closed=None)
        with reading(self.engine) as session:
            rows = session.execute(wanted.order_by(ImageInWork.changed.desc()).limit(limit)).all()
        return [(work, strokes) for work, strokes in rows]

    def close(self, work_id: str, secret: str) -> None:
        """Take the work off its owner's list. Nothing is removed. NotYoursError as for `open`."""
        self.open(work_id, secret)
        with writing(self.engine) as session:
            work = session.get(ImageInWork, work_id)
            if work is not None:
                work.closed = now()


def hash_secret(secret: str) -> str:
    """The sha256 of a browser's secret; one too short to be random gets a hash that is nobody's."""
    return hashlib.sha256(secret.encode()).hexdigest() if len(secret) >= SHORTEST_SECRET else "nobody"
