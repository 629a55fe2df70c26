"""A model's network as an ONNX file."""

from pathlib import Path
from typing import TYPE_CHECKING

from matting.models import kind_of
from matting.models.modnet import MODNetModel
from matting.models.published.gca import GCADistModel, GCAModel
from matting.models.studio import StudioModel
from matting.weights import find_weights

if TYPE_CHECKING:
    from torch import nn

EXPORTABLE: dict[str, type[StudioModel | GCAModel | GCADistModel | MODNetModel]] = {
    model.name: model for model in (StudioModel, GCAModel, GCADistModel, MODNetModel)
}
"""The models whose network alone gives the alpha; gca-studio's asks solvers first."""


def export_model(name: str, output: Path, weights: Path | None = None) -> None:
    """Write the network of the model called `name`, or of `name:FILE`, with those `weights` if they are given.

    Raises:
        ValueError: the model cannot be exported, or weights are named twice.
        WeightsError: its weights cannot be obtained; OSError: the file cannot be written.
    """
    model = name.partition(":")[0]
    if model not in EXPORTABLE:
        raise ValueError(f"no model called {name!r} can be exported; there are {', '.join(EXPORTABLE)}")
    trained = kind_of(name)[1]
    if trained and weights:
        raise ValueError(f"the weights are named twice, by {name} and by --weights {weights}; leave one out")
    path = trained.path if trained else weights or find_weights(EXPORTABLE[model].weights[0])
    write_network(model, path, output)


def write_network(model: str, weights: Path, output: Path) -> None:
    """Write the network of that `model` of EXPORTABLE with the weights in that file."""
    from matting.networks.onnx_file import write_onnx

    kind = EXPORTABLE[model]
    if issubclass(kind, MODNetModel):
        write_onnx(_modnet(weights), output, ("image",))
    else:
        write_onnx(kind.load(weights), output)


def _modnet(weights: Path) -> "nn.Module":
    from matting.networks.modnet import AlphaOnly
    from matting.networks.modnet_file import load_modnet

    return AlphaOnly(load_modnet(weights)).eval()
