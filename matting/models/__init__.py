"""The models by name.

To add one: a file here with a Model subclass, its weights in matting/weights.py, one line below.
"""

from functools import cache

from matting.models.auto import AutoModel
from matting.models.base import Model
from matting.models.gca import GCADistModel, GCAModel
from matting.models.gca_studio import GCAStudioModel
from matting.models.median import MedianOfSolvers
from matting.models.modnet import MODNetModel
from matting.models.rvm import RVMModel
from matting.models.solvers import SOLVERS
from matting.models.u2net import U2NetModel, U2NetPModel

_ALL: tuple[type[Model], ...] = (
    AutoModel,
    MODNetModel,
    U2NetPModel,
    U2NetModel,
    RVMModel,
    *SOLVERS,
    MedianOfSolvers,
    GCAStudioModel,
    GCAModel,
    GCADistModel,
)

MODELS: dict[str, type[Model]] = {model.name: model for model in _ALL}


@cache
def load_model(name: str) -> Model:
    """The model called `name`, weights fetched where needed. The same object every time: models keep no state.

    Raises:
        ValueError: no model has that name; the names there are follow.
        WeightsError: its weights cannot be had; says how to place the file by hand.
    """
    if name not in MODELS:
        raise ValueError(f"no model is called {name!r}; there are {', '.join(MODELS)}")
    return MODELS[name]()
