"""Add a stranger's picture and its alpha to the dataset in one transaction, without changing any existing sample."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotation.store.adding import adding, persistently
from annotation.store.appearances import pixels_digest
from annotation.store.copies.missing_landmarks import complete_landmarks
from annotation.store.database.transactions import reading
from annotation.store.provenance import Provenance
from annotation.store.revisions import Effort, EncodedContent, add_first_revisions, files_of, store_parts
from annotation.store.samples import add_prepared, prepare, require
from annotation.store.store import Store
from annotation.store.tables.samples import Sample, State
from matting.arrays import Image


def offer(
    store: Store, image: Image, content: EncodedContent, *, name: str, provenance: Provenance, effort: Effort
) -> Sample | None:
    """Add a picture (H, W, 3) uint8 and its first revision as a sample to be reviewed; returns the sample.

    If the dataset has exactly these pixels already, even in a deleted sample, nothing is added, and None is returned.

    Raises:
        StoreError: the sample could not be written.
    """

    pixels = pixels_digest(image)

    def is_there(session: Session) -> bool:
        return session.scalar(select(Sample.id).where(Sample.pixels == pixels)) is not None

    def attempt() -> Sample | None:
        with reading(store.engine) as session:
            if is_there(session):  # so that nothing is stored for a known picture
                return None
        new = prepare(store, image, name=name, provenance=provenance)
        revision = store_parts(store, content.parts, effort=effort, unknown=content.unknown)
        complete_landmarks(store)
        with adding(store, (new.image, new.thumbnail, *files_of(revision))) as session:
            if is_there(session):
                return None
            ((number, _),) = add_prepared(store, session, [new])
            add_first_revisions(session, [(number, revision)])
            sample = require(session, number)
            sample.state = State.OFFERED
            return sample

    return persistently(attempt)
