"""MODNet's weights from any of its files: the published checkpoint, the ONNX file made from it, or one from training.

The ONNX file holds only what the alpha needs: its backbone's batch norms are folded into the convolutions before them,
and the heads for semantics and detail, which only training needs, are left out. Here each folded norm is replaced by
one that only adds the convolution's bias, and the two heads by heads trained to fit the rest.
"""

from pathlib import Path

import torch
from torch import Tensor, nn

from matting.networks.folding import fold_batch_norm, idle_norm
from matting.networks.modnet import FINE, MODNet
from matting.networks.weights_file import load_network, read_tensors
from matting.weights.folders import SHIPPED

ALIAS = "lr_branch.backbone."
"""The published network registers its backbone twice."""
BRANCHES = ("lr_branch.", "hr_branch.", "f_branch.")
HEADS = SHIPPED / "modnet-heads.safetensors"
HEADS_NORM = "hr_branch.conv_hr.0.layers.1.bnorm"


def load_modnet(path: Path) -> MODNet:
    """MODNet with the weights of `path`, in evaluation mode, with batch norms folded into the convolutions.

    Raises:
        ValueError: the file is missing, cannot be read safely, or holds a different network; the message says which.
    """
    return load_network(MODNet, path, read=read_modnet)


def folded_modnet() -> MODNet:
    """An untrained MODNet in training mode, with batch norms folded: with few pictures they could only harm."""
    network = MODNet().eval()
    fold_batch_norm(network)
    return network.train()


def read_modnet(path: Path) -> dict[str, Tensor]:
    """Published name → tensor; for a file from training, the names are those of the folded network.

    Raises:
        ValueError: the file is missing, damaged, or of a different network.
    """
    tensors = _unfolded(_initialisers(path), path) if path.suffix == ".onnx" else read_tensors(path)
    twice = {name: tensor for name, tensor in tensors.items() if name.startswith(ALIAS)}
    once = {name: tensor for name, tensor in tensors.items() if name not in twice}
    return once | {name.removeprefix("lr_branch."): tensor for name, tensor in twice.items()}


def _initialisers(path: Path) -> list[tuple[str, str, Tensor]]:
    """(operator that uses it, name, value) of each constant of an ONNX file, in the order of use."""
    import onnx
    from onnx import numpy_helper

    if not path.is_file():
        raise ValueError(f"{path} must be a file of weights, but does not exist")
    try:
        graph = onnx.load_model(path, load_external_data=False).graph
        constants = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
        return [
            (node.op_type, name, torch.tensor(constants[name]))
            for node in graph.node
            for name in node.input
            if name in constants
        ]
    except Exception as error:
        raise ValueError(f"{path} must be an ONNX file, but cannot be read as one") from error


def _unfolded(constants: list[tuple[str, str, Tensor]], path: Path) -> dict[str, Tensor]:
    """The published tensors; those without names are recognised by their order, which is the network's."""
    named = {name: tensor for _, name, tensor in constants if name.startswith(BRANCHES)}
    folded = [tensor for operator, name, tensor in constants if operator == "Conv" and name not in named]
    attention = [tensor.T for operator, name, tensor in constants if operator == "MatMul" and name not in named]
    with torch.device("meta"):
        network = MODNet()
    names = [name for name, module in network.named_modules() if _is_folded_away(name, module)]
    layers = ["lr_branch.se_block.fc.0.weight", "lr_branch.se_block.fc.2.weight"]
    if len(folded) != 2 * len(names) or len(attention) != len(layers):
        raise ValueError(f"{path} must be MODNet's ONNX file, but holds a different network")
    tensors = read_tensors(HEADS) | idle_norm(HEADS_NORM, torch.zeros(FINE // 2))
    tensors |= named | dict(zip(layers, attention, strict=True))
    for name, weight, bias in zip(names, folded[::2], folded[1::2], strict=True):
        tensors |= _with_norm(name, weight, bias)
    return tensors


def _is_folded_away(name: str, module: nn.Module) -> bool:
    return name.startswith("backbone.") and isinstance(module, nn.Conv2d)


def _with_norm(name: str, weight: Tensor, bias: Tensor) -> dict[str, Tensor]:
    """The tensors of a convolution and a batch norm that together equal the convolution `weight` with `bias`."""
    stem, index = name.rsplit(".", 1)
    return {f"{name}.weight": weight} | idle_norm(f"{stem}.{int(index) + 1}", bias)
