"""Weights and pictures that two implementations can make alike without a file changing hands: everything follows from
the names and shapes of the parameters, and from the size of the picture."""

import hashlib

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn


def seeded(name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """The values of one parameter, of a size that keeps a deep network's activations alive."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    noise = np.random.default_rng(seed).standard_normal(shape)
    kind = name.split(".")[-1]
    if kind == "running_var":
        noise = 1 + 0.1 * np.abs(noise)
    elif kind in ("running_mean", "bias"):
        noise = 0.1 * noise
    elif kind == "weight" and len(shape) == 1:
        noise = 1 + 0.1 * noise
    elif not kind.endswith("_u"):
        noise = noise * np.sqrt(2 / np.prod(shape[1:], dtype=int))
    return noise.astype(np.float32)


def seed_network(network: nn.Module) -> nn.Module:
    """`network` with its values replaced, spectral norm's vectors converged on the weights they belong to."""
    state = {}
    for name, value in network.state_dict().items():
        if name.endswith("num_batches_tracked"):
            state[name] = torch.zeros((), dtype=torch.int64)
        elif not name.endswith(("_u", "_v")):
            state[name] = torch.from_numpy(seeded(name, tuple(value.shape)))
    for bar in [name for name in state if name.endswith("_bar")]:
        stem = bar.removesuffix("_bar")
        matrix = state[bar].flatten(1).double()
        left = torch.from_numpy(seeded(f"{stem}_u", (len(matrix), 1))[:, 0]).double()
        for _ in range(50):
            right = nn.functional.normalize(matrix.T @ left, dim=0)
            left = nn.functional.normalize(matrix @ right, dim=0)
        state[f"{stem}_u"], state[f"{stem}_v"] = left.float(), right.float()
    network.load_state_dict(state)
    return network.eval()


def seeded_picture(height: int, width: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """An RGB picture of ramps under coarse coloured tiles, and a trimap: a disc, a ring of unknown, background."""
    rng = np.random.default_rng(10_000 * height + width)
    down, across = np.mgrid[:height, :width]
    tiles = rng.integers(0, 96, (1 + height // 8, 1 + width // 8, 3))
    ramps = (down * 159 // height, across * 159 // width, (down + across) * 159 // (height + width))
    image = np.stack(ramps, axis=2) + np.kron(tiles, np.ones((8, 8, 1), int))[:height, :width]
    squared = (2 * down - height) ** 2 + (2 * across - width) ** 2
    side = min(height, width) ** 2
    trimap = np.where(25 * squared < 4 * side, 255, np.where(25 * squared > 16 * side, 0, 128))
    return image.astype(np.uint8), trimap.astype(np.uint8)
