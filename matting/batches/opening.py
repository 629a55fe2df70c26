"""The model of a command: its weights are fetched before the first picture, and their licence is printed."""

from rich.progress import Progress

from matting.environment.terminal import errors, report, stop
from matting.models import kind_of, load_model
from matting.models.auto import AutoModel
from matting.models.base import Model
from matting.models.studio import StudioModel
from matting.weights import WEIGHTS, WeightsError, find_weights
from matting.weights.trained import licence_in_words


def open_model(name: str, *, exact: bool = False, has_trimaps: bool = False, instead: str = "") -> Model:
    """As `load_model`, fetching the weights under a progress bar and printing their licence; stops if that fails.

    If every picture has a trimap, `auto` fetches only its solver. `instead` says what else can be done if it fails.
    """
    try:
        kind, trained = kind_of(name)
        if trained:
            report(f"the weights {trained.path.name}: {licence_in_words(trained.licence)}")
        needed = StudioModel.weights if has_trimaps and kind is AutoModel else kind.weights
        for weights in () if trained else needed:
            _fetch(weights)
        return load_model(name, exact=True) if exact else load_model(name)
    except (WeightsError, ValueError) as error:
        raise stop(f"{error}{instead}") from error


def _fetch(weights: str) -> None:
    """Fetch the weights under a progress bar; print size and licence if they have not been shown yet."""
    record = WEIGHTS[weights]
    if not record.by_default:
        report(f"the weights {weights} are under {'; '.join(filter(None, [record.licence, record.background]))}")
        if not record.is_present and not record.by_hand:
            report(f"{record.file} is fetched now: {record.cost}")
    with Progress(console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(weights, total=1.0)
        find_weights(weights, lambda text, share: bar.update(task, description=text, completed=share))
