"""`--class`: a command for the things of one kind."""

from typing import Annotated

import typer

from matting.batches.opening import open_model
from matting.environment.terminal import stop
from matting.models.base import Model
from matting.models.things.kinds import check_kind
from matting.models.things.model import PREFIX


def _known(kind: str | None) -> str | None:
    """The kind as KINDS spells it; refused before anything else is done if there is no such kind."""
    try:
        return kind if kind is None else check_kind(kind)
    except ValueError as error:
        raise stop(error) from error


KindOption = Annotated[
    str | None,
    typer.Option(
        "--class",
        callback=_known,
        metavar="KIND",
        help="Look for every thing of this kind: person, cat, car and 77 more, the classes of COCO.",
    ),
]

EachOption = Annotated[
    bool, typer.Option("--each", help="With --class: also write the alpha of each thing by itself to OUTPUT/each.")
]
ErodeOption = Annotated[
    int | None,
    typer.Option(
        "--erode", min=0, help="With --class or --mask: unknown pixels inside the edge; default 1.2 % of its size."
    ),
]
DilateOption = Annotated[
    int | None,
    typer.Option(
        "--dilate", min=0, help="With --class or --mask: unknown pixels outside the edge; default 1.6 % of its size."
    ),
]


def open_kind(kind: str) -> Model:
    """The model that finds every thing of `kind`, its weights fetched; stops if there is no such kind."""
    return open_model(PREFIX + kind)
