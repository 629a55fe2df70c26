"""A dataset and the photos being corrected for it: opened once for a process, and passed to the tabs."""

from dataclasses import dataclass
from pathlib import Path

from annotation.correction.workspace import Workspace
from annotation.store import Drafts, Store, open_store
from matting.arrays import Alpha, Image, Trimap
from matting.models import load_listed
from matting.models.base import RegionModel, impose
from matting.runtime import on_one_core

FOLLOWING = "studio"
"""The model that re-solves while a person paints: the one that finishes, so both show the same."""


@dataclass(frozen=True)
class Studio:
    """What every tab works on."""

    folder: Path
    """Where exports, videos being made and, unless a team keeps them elsewhere, the dataset lie."""
    store: Store
    workspace: Workspace

    @classmethod
    def open(cls, folder: Path) -> "Studio":
        """The studio of the dataset in `folder`.

        Raises:
            StoreError: the dataset cannot be opened.
        """
        store = open_store(folder)
        return cls(folder, store, Workspace(Drafts(store), follow_strokes))


def follow_strokes(image: Image, trimap: Trimap) -> Alpha:
    """The alpha (H, W) of the crop `image` (H, W, 3) by the model that keeps up with a brush, solved at once."""
    model = load_listed(FOLLOWING)
    assert isinstance(model, RegionModel)
    with on_one_core():
        return impose(model.run(image, trimap), trimap)
