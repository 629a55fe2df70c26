"""The models by name.

To add one: a file here with a subclass of Model, its weights in matting/weights/catalogue/, one line below.
"""

from functools import cache, lru_cache

from matting.environment.nearest_name import meant
from matting.models.auto.model import AutoModel
from matting.models.auto.strongest import loaded
from matting.models.base import Live, Model, RegionModel
from matting.models.classical.bayesian import BayesianMatting
from matting.models.classical.knn import UnknownKNN
from matting.models.classical.median import MedianOfSolvers
from matting.models.classical.poisson import PoissonMatting
from matting.models.classical.robust import RobustMatting
from matting.models.classical.solvers import SOLVERS
from matting.models.gca_studio import GCAStudioModel
from matting.models.mobile_sam import MOBILE_SAM
from matting.models.modnet import MODNetModel
from matting.models.published.bgmv2 import BGMv2MobileNetModel, BGMv2Model, BGMv2ResNet101Model
from matting.models.published.dim import DIMModel
from matting.models.published.fba import FBAModel
from matting.models.published.gca import GCADistModel, GCAModel
from matting.models.published.indexnet import IndexNetModel
from matting.models.published.matanyone import MatAnyone2Model
from matting.models.published.mematte import MEMatteBaseModel, MEMatteSmallModel
from matting.models.published.mgmatting import MGMattingModel
from matting.models.published.shm import SHMModel
from matting.models.published.vitmatte import ViTMatteBaseModel, ViTMatteSmallModel
from matting.models.rvm import RVMModel
from matting.models.square.base import square_network
from matting.models.square.ben2 import BEN2Model
from matting.models.square.birefnet import BiRefNetHRMattingModel, BiRefNetLiteModel, BiRefNetModel
from matting.models.square.david import DAViDModel
from matting.models.square.isnet import ISNetModel
from matting.models.square.ormbg import OrmbgModel
from matting.models.square.u2net import U2NetModel, U2NetPModel
from matting.models.studio import StudioModel
from matting.models.things.kinds import check_kind
from matting.models.things.model import PREFIX, ThingsModel, title_of
from matting.weights import WeightsUsed, sha256_of
from matting.weights.trained import Trained, find_trained, list_trained

_ALL: tuple[type[Model], ...] = (
    AutoModel,
    MODNetModel,
    U2NetPModel,
    U2NetModel,
    BiRefNetLiteModel,
    BiRefNetModel,
    BiRefNetHRMattingModel,
    BEN2Model,
    ISNetModel,
    OrmbgModel,
    DAViDModel,
    RVMModel,
    MatAnyone2Model,
    StudioModel,
    GCAStudioModel,
    MedianOfSolvers,
    *SOLVERS,
    UnknownKNN,
    PoissonMatting,
    BayesianMatting,
    RobustMatting,
    GCAModel,
    GCADistModel,
    MGMattingModel,
    FBAModel,
    DIMModel,
    IndexNetModel,
    BGMv2Model,
    BGMv2ResNet101Model,
    BGMv2MobileNetModel,
    SHMModel,
    MEMatteSmallModel,
    MEMatteBaseModel,
    ViTMatteSmallModel,
    ViTMatteBaseModel,
)

MODELS: dict[str, type[Model]] = {model.name: model for model in _ALL}
"""The one table of models. The fields of `Model` say what each can do."""
LIVE_MODELS: dict[str, Live] = {model.name: model.live for model in _ALL if model.live}


def load_model(name: str, *, exact: bool = False) -> Model:
    """The model called `name`, weights fetched where needed. The same object every time: models keep no state.

    `studio:FILE` is a model with weights that a person trained; see matting/weights/trained.py. If the file was
    rewritten, it is read again. `things:person` finds every person, `things:cat` every cat; see KINDS in
    matting/models/things.

    `exact` is for models that otherwise solve only what is around the unknown: they solve the whole picture at once,
    which takes more time and memory.

    Raises:
        ValueError: no model has that name, its file is missing or holds something else, or `exact` is not for it.
        WeightsError: its weights cannot be obtained; says how to place the file by hand.
    """
    kind, trained = kind_of(name)
    if exact and not issubclass(kind, RegionModel):
        able = ", ".join(each for each, model in MODELS.items() if issubclass(model, RegionModel))
        raise ValueError(f"exact is for models that solve regions, {able}; {name} does not")
    if name.startswith(PREFIX):
        return ThingsModel(name.removeprefix(PREFIX))
    return load_published(name, exact=exact) if trained is None else _load_trained(trained, trained.used(), exact=exact)


def load_listed(name: str) -> Model:
    """As `load_model`, for names that a browser sent: nothing but a name of `listed_models` is taken, never a path.

    Raises:
        ValueError: no listed model has that name, or its file is damaged.
        WeightsError: as `load_model`.
    """
    if name in MODELS or name.startswith(PREFIX):
        return load_model(name)
    trained = list_trained().get(name)
    if trained is None or trained.model not in _trainable():
        raise ValueError(f"no model is called {name!r}; there are {', '.join(listed_models())}")
    return _load_trained(trained, trained.used(), exact=False)


def listed_models(*, with_plate: bool = False) -> dict[str, tuple[type[Model], Trained | None]]:
    """All models by name, each followed by the files in the weights folder that a person trained for it.

    Models that also need a picture of the empty background are listed only if `with_plate`.
    """
    trained, listed = list_trained(), dict[str, tuple[type[Model], Trained | None]]()
    for name, kind in MODELS.items():
        if kind.needs_plate and not with_plate:
            continue
        listed[name] = (kind, None)
        if kind.is_trainable:
            listed |= {key: (kind, each) for key, each in trained.items() if each.model == name}
    return listed


def kind_of(name: str) -> tuple[type[Model], Trained | None]:
    """The class of the model called `name`, and the trained weights it names, if any; ValueError if none has it."""
    if name in MODELS:
        return MODELS[name], None
    if name.startswith(PREFIX):
        check_kind(name.removeprefix(PREFIX))
        return ThingsModel, None
    model, colon, file = name.partition(":")
    if not colon or model not in MODELS:
        guess = meant(model, [*MODELS, PREFIX.removesuffix(":")])
        raise ValueError(
            f"no model is called {name!r}{guess}; there are {', '.join(MODELS)}, {PREFIX}KIND, and {_own()}"
        )
    if model not in _trainable():
        raise ValueError(f"{model} takes no weights of your own, but got {name!r}; there are {_own()}")
    return MODELS[model], find_trained(model, file)


def short_title(name: str) -> str:
    """What a person calls the model of that name: "MODNet"; of weights that a person trained, the file's name."""
    if name == MOBILE_SAM:
        return "MobileSAM"
    if name in MODELS:
        return MODELS[name].title.partition(":")[0]
    if name.startswith(PREFIX):
        return title_of(name.removeprefix(PREFIX))
    return name.partition(":")[2] or name


def unload_models() -> None:
    """Let go of every model: the next one asked for is read from its file again."""
    load_published.cache_clear()
    _load_trained.cache_clear()
    square_network.cache_clear()
    loaded.cache_clear()


def _trainable() -> list[str]:
    return [name for name, model in MODELS.items() if model.is_trainable]


def _own() -> str:
    return ", ".join(f"{name}:FILE" for name in _trainable())


@cache
def load_published(name: str, *, exact: bool) -> Model:
    """The model called `name` in MODELS, once for each `exact`."""
    kind = MODELS[name]
    return kind(exact=exact) if issubclass(kind, RegionModel) else kind()


@lru_cache(maxsize=8)
def _load_trained(trained: Trained, used: WeightsUsed, *, exact: bool) -> Model:
    """The model of a file of exactly these bytes."""
    kind = MODELS[trained.model]
    model = kind(trained.path, exact=True) if exact else kind(trained.path)  # type: ignore[call-arg]
    if sha256_of(trained.path) != used.sha256:
        raise ValueError(f"{trained.path} was written anew while it was read; try again")
    model.name, model.trained = trained.name, used
    return model
