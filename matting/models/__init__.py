"""The models by name.

To add one: a file here with a Model subclass, its weights in matting/weights.py, one line below.
"""

from functools import cache

from matting.models.auto import AutoModel
from matting.models.base import Model
from matting.models.gca import GCADistModel, GCAModel
from matting.models.gca_studio import GCAStudioModel
from matting.models.knn import UnknownKNN
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
    GCAStudioModel,
    MedianOfSolvers,
    *SOLVERS,
    UnknownKNN,
    GCAModel,
    GCADistModel,
)

MODELS: dict[str, type[Model]] = {model.name: model for model in _ALL}


@cache
def load_model(name: str, *, exact: bool = False) -> Model:
    """The model called `name`, weights fetched where needed. The same object every time: models keep no state.

    `exact` is for models that otherwise solve only what is around the unknown: they solve the whole picture at once,
    which takes more time and memory.

    Raises:
        ValueError: no model has that name, or `exact` is not for it; the names there are follow.
        WeightsError: its weights cannot be had; says how to place the file by hand.
    """
    if name not in MODELS:
        raise ValueError(f"no model is called {name!r}; there are {', '.join(MODELS)}")
    if not exact:
        return MODELS[name]()
    by_regions = {each: model for each, model in MODELS.items() if model.solves_regions}
    if name not in by_regions:
        raise ValueError(f"exact is for models that solve regions, {', '.join(by_regions)}; {name} always sees it all")
    return by_regions[name](exact=True)  # type: ignore[call-arg]
