"""A stranger's picture and its alpha, given to the dataset in one transaction. Nothing that is there changes."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from annotation.store.adding import adding, persistently
from annotation.store.appearances import pixels_digest
from annotation.store.catching_up import complete_landmarks
from annotation.store.database.transactions import reading
from annotation.store.revisions import Effort, EncodedContent, add_first_revisions, files_of, store_parts
from annotation.store.samples import Provenance, add_prepared, prepare, require
from annotation.store.store import Store
from annotation.store.tables.samples import Sample, State
from matting.arrays import Image


def offer(
    store: Store, image: Image, content: EncodedContent, *, name: str, provenance: Provenance, effort: Effort
) -> Sample | None:
    """Add a picture (H, W, 3) uint8 and its first revision, to be reviewed; the sample.

    None, and nothing is kept, if the picture is in the dataset already, pixel by pixel, deleted or not.

    Raises:
        StoreError: it could not be written.
    """

    pixels = pixels_digest(image)

    def is_there(session: Session) -> bool:
        return session.scalar(select(Sample.id).where(Sample.pixels == pixels)) is not None

    def attempt() -> Sample | None:
        with reading(store.engine) as session:
            if is_there(session):  # before anything is stored
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
