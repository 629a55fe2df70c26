"""A Store that sends each call to the dataset of the visit that the request belongs to."""

from typing import TYPE_CHECKING

from annotation.store import Files, Store
from annotation.store.appearances import Appearances
from annotation.visits.visit import VisitOverError, current

if TYPE_CHECKING:
    from sqlalchemy import Engine


class OwnStore(Store):
    """A Store whose database and files are those of the current visit; VisitOverError outside a visit."""

    def __init__(self) -> None:
        """Nothing is opened before somebody asks."""

    @property
    def engine(self) -> "Engine":
        """The database of the visit."""
        return own().engine

    @property
    def files(self) -> Files:
        """The files of the visit."""
        return own().files

    @property
    def appearances(self) -> Appearances:
        """What the visit's pictures are recognised by."""
        return own().appearances


def own() -> Store:
    """The dataset of the current visit; VisitOverError if there is none."""
    visit = current()
    if visit is None:
        raise VisitOverError
    return visit.store
