"""The strongest model for any subject among those that are on this computer."""

from functools import lru_cache

from matting.environment.memory import memory_gb
from matting.models.square.base import SquareModel
from matting.models.square.ben2 import BEN2Model
from matting.models.square.birefnet import BiRefNetHRMattingModel, BiRefNetLiteModel, BiRefNetModel
from matting.weights import WEIGHTS

RANK: tuple[type[SquareModel], ...] = (BiRefNetHRMattingModel, BiRefNetModel, BEN2Model, BiRefNetLiteModel)
"""The strongest first; docs/design/models.md has the figures this goes by."""


def strongest_present() -> SquareModel | None:
    """The first of RANK whose file is there, and which fits into this computer's memory; None if there is none.

    Raises:
        WeightsError: its file is there, but is not the expected one. ValueError: the file holds a different network.
    """
    known = ((kind, WEIGHTS[kind.weights[0]]) for kind in RANK)
    fitting = (kind for kind, weights in known if weights.is_present and weights.memory_gb <= memory_gb())
    kind = next(fitting, None)
    return loaded(kind) if kind else None


@lru_cache(maxsize=1)
def loaded(kind: type[SquareModel]) -> SquareModel:
    """The model of that kind; its file, a large one, is read and checked once."""
    return kind()
