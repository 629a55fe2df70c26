"""`python -m matting export`: a model's network as an ONNX file."""

from pathlib import Path
from typing import Annotated

import typer

from matting.commands.batch import report, stop
from matting.models import kind_of
from matting.models.gca import GCADistModel, GCAModel
from matting.models.studio import StudioModel
from matting.weights import WeightsError, find_weights

EXPORTABLE = {model.name: model for model in (StudioModel, GCAModel, GCADistModel)}
"""The models that run in PyTorch; the files of the others are ONNX already."""


def export(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help=f"Which model: {', '.join(EXPORTABLE)}; or studio:FILE.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.onnx", help="Where the file goes.")],
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The weights, if not those in their place in weights/.")
    ] = None,
) -> None:
    """Write a model's network as an ONNX file for any size: inputs image and trimap, output alpha."""
    if model.partition(":")[0] not in EXPORTABLE:
        raise stop(f"no model called {model!r} can be exported; there are {', '.join(EXPORTABLE)}")
    kind = EXPORTABLE[model.partition(":")[0]]
    try:
        trained = kind_of(model)[1]
        if trained and weights:
            raise ValueError(f"the weights are named twice, by {model} and by --weights {weights}; leave one out")
        network = kind.load(trained.path if trained else weights or find_weights(kind.weights[0]))
        from matting.networks.onnx_file import write_onnx

        write_onnx(network, output)
    except (WeightsError, ValueError, OSError) as error:
        raise stop(error) from error
    report(f"{output} is written")
