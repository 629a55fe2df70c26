"""`python -m matting models`: what can run here, its licence, its weights."""

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

from matting.models import listed_models
from matting.models.base import Model
from matting.models.things.model import PREFIX, ThingsModel
from matting.weights import WEIGHTS, Weights
from matting.weights.trained import licence_in_words


def models() -> None:
    """List the models: what each is for, whether it needs a trimap, its licence and where its weights are.

    Files in the weights folder that `train` wrote are listed too, as studio:NAME; every --model takes them.
    """
    columns = (
        Column("model", no_wrap=True),
        Column("for"),
        Column("licence", overflow="fold"),
        Column("weights", overflow="fold"),
    )
    table = Table(*columns, box=SIMPLE, padding=(0, 1, 0, 0))  # fits 80 columns; addresses are whole
    for name, (model, trained) in listed_models(with_plate=True).items():
        terms = licence_in_words(trained.licence) if trained else _licences(model)
        table.add_row(name, _use(model), terms, f"{trained.path.name} is there" if trained else _place(model))
    table.add_row(f"{PREFIX}KIND", "Every person, cat, car …", _licences(ThingsModel), _place(ThingsModel))
    Console(markup=False, emoji=False).print(table)


def _use(model: type[Model]) -> str:
    """What it is for, and what it needs besides a photo."""
    needs = "a trimap" if model.needs_trimap else "a picture of the empty background" if model.needs_plate else ""
    return f"{model.title}; needs {needs}" if needs else model.title


def licence(model: type[Model]) -> str:
    """The licences of a model's weights; empty for a solver, which has none."""
    return ", ".join(dict.fromkeys(WEIGHTS[name].licence for name in model.weights))


def _licences(model: type[Model]) -> str:
    """The same, and where the record tells them apart, the licence of the code and what the weights learned from."""
    backgrounds = dict.fromkeys(WEIGHTS[name].background for name in model.weights)
    return "; ".join(filter(None, [licence_in_words(licence(model)), *backgrounds]))


def _place(model: type[Model]) -> str:
    """Where the weights are, or what will happen when the model is used."""
    missing = [WEIGHTS[name] for name in model.weights if not WEIGHTS[name].is_present]
    if not model.weights:
        return "none needed"
    if not missing:
        return ", ".join(f"{WEIGHTS[name].file} is there" for name in model.weights)
    return "; ".join(f"{weights.file}: {_way(weights)}, {weights.cost}" for weights in missing)


def _way(weights: Weights) -> str:
    return f"place it by hand, from {weights.by_hand}" if weights.by_hand else "downloaded at first use"
