"""A dataset and the photos being corrected for it: opened once for a process, and passed to the tabs."""

from dataclasses import dataclass
from pathlib import Path

from annotation.correction.ready_process import FinishingReady
from annotation.correction.workspace import Workspace
from annotation.store import Drafts, Store, open_store
from annotation.visits.own_store import OwnStore
from annotation.visits.visit import Visit
from annotation.visits.visits import Visits
from matting.arrays import Alpha, Image, Trimap
from matting.models import load_listed
from matting.models.base import RegionModel, impose
from matting.runtime import on_one_core

FOLLOWING = "studio"
"""The model that re-solves while a person paints: the one that finishes, so both show the same."""

_finishing = FinishingReady(FOLLOWING)


@dataclass(frozen=True)
class Studio:
    """What every tab works on."""

    folder: Path
    """Where exports, videos being made and, unless a team keeps them elsewhere, the dataset lie."""
    store: Store
    workspace: Workspace
    visits: Visits | None = None
    """In a demo, the visits, each with its own pictures; then `store` is that of whoever asks."""
    owner: Store | None = None
    """In a demo, the dataset that visitors may contribute to."""

    @classmethod
    def open(cls, folder: Path) -> "Studio":
        """The studio of the dataset in `folder`.

        Raises:
            StoreError: the dataset cannot be opened.
        """
        store = open_store(folder)
        return cls(folder, store, Workspace(Drafts(store), follow_painting))

    @classmethod
    def open_demo(cls, folder: Path, visits: Visits) -> "Studio":
        """The studio of a demo; what visitors contribute goes to the dataset in `folder`.

        Raises:
            StoreError: the dataset cannot be opened.
        """
        store = OwnStore()
        workspace = Workspace(Drafts(store), follow_painting)

        def end(visit: Visit) -> None:
            if visit.has_store:
                workspace.forget(workspace.drafts.ids())

        visits.ending.append(end)
        return cls(folder, store, workspace, visits, open_store(folder))


def follow_painting(image: Image, trimap: Trimap) -> Alpha:
    """As `follow_strokes`; and *Finish* will not have to wait for a process."""
    _finishing.renew()
    return follow_strokes(image, trimap)


def follow_strokes(image: Image, trimap: Trimap) -> Alpha:
    """The alpha (H, W) of the crop `image` (H, W, 3) by the model that keeps up with a brush, solved at once."""
    model = load_listed(FOLLOWING)
    assert isinstance(model, RegionModel)
    with on_one_core():
        return impose(model.run(image, trimap), trimap)
