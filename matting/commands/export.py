"""`python -m matting export`: a model's network as an ONNX file."""

from pathlib import Path
from typing import Annotated

import typer

from matting.environment.terminal import report, stop
from matting.models.onnx_export import EXPORTABLE, export_model
from matting.weights import WeightsError


def export(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help=f"Which model: {', '.join(EXPORTABLE)}; or studio:FILE.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.onnx", help="The file to write.")],
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file of weights, if it is not the one in weights/.")
    ] = None,
) -> None:
    """Write a model's network as an ONNX file for any size: inputs image and trimap (modnet: image), output alpha."""
    try:
        export_model(model, output, weights)
    except (WeightsError, ValueError, OSError) as error:
        raise stop(error) from error
    report(f"{output} is written")
