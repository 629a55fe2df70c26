"""Landmarks for samples of an older version, made from their thumbnails before the next sample is added."""

import io

from sqlalchemy import insert, select

from annotation.spool import ITEMS_IN_MEMORY
from annotation.store.database.transactions import reading, writing
from annotation.store.errors import StoreError
from annotation.store.store import Store
from annotation.store.tables.samples import Landmarks, Sample
from matting.files import ImageError, read_image
from matting.files.likeness.landmarks import landmarks


def complete_landmarks(store: Store) -> None:
    """Give every sample its landmarks, one batch per transaction. Once that is done, nothing is read."""
    without = select(Sample.id, Sample.thumbnail).outerjoin(Landmarks).where(Landmarks.sample.is_(None))
    while not store.appearances.is_complete:
        with reading(store.engine) as session:
            rows = session.execute(without.order_by(Sample.id).limit(ITEMS_IN_MEMORY)).all()
        found = {number: landmarks_of(store, thumbnail) for number, thumbnail in rows}
        with writing(store.engine) as session:
            there = set(session.scalars(select(Landmarks.sample).where(Landmarks.sample.in_(found))))
            missing = [{"sample": number, "content": one} for number, one in found.items() if number not in there]
            if missing:
                session.execute(insert(Landmarks), missing)
        store.appearances.is_complete = len(rows) < ITEMS_IN_MEMORY


def landmarks_of(store: Store, thumbnail: str) -> bytes:
    """The landmarks of a stored thumbnail; none if it is lost or damaged, which `verify` reports."""
    try:
        return landmarks(read_image(io.BytesIO(store.files.get(thumbnail))))[0]
    except (StoreError, ImageError):
        return b""
