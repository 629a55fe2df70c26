"""Canvases: scenes in 8 bits, each drawn once by a worker process, from which a device makes many different pictures.

Drawing strands takes one core about 50 ms per scene; everything else is cheap on a GPU. So each scene is used several
times: another window of it, in other light, over another background, with another trimap.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from matting.arrays import Image, to_float, to_uint8
from matting.training.synthetic import Scene, synthesise
from matting.training.trimaps import edges
from matting.trimap import distance_to

PLANES = 8
"""The planes of a canvas: straight foreground RGB, alpha, background RGB, and the distance in pixels to the nearest
soft pixel or edge.
"""
TRIES = 8
BLOCK = 24
"""Canvases in a block, which is drawn and passed on as one."""
SILENCE = 60.0
"""Seconds without a block after which the worker processes are taken for dead."""
ENDLESS = 2**40


def draw(seed: int, number: int, side: int, photographs: Sequence[Image]) -> NDArray[np.uint8]:
    """Canvas `number` of `seed`: (PLANES, side, side); of TRIES scenes, the first that is fit for matting."""
    for attempt in range(TRIES):
        scene = synthesise([seed, number, attempt], (side, side), photographs=photographs)
        soft = float(np.mean((scene.alpha > 0.02) & (scene.alpha < 0.98)))
        if 0.003 < soft < 0.9 and 0.02 < scene.alpha.mean() < 0.97:
            break
    return packed(scene)


def packed(scene: Scene) -> NDArray[np.uint8]:
    """The planes of `scene`; distances beyond 255 pixels count as 255."""
    alpha = to_uint8(scene.alpha)
    soft = ((alpha > 0) & (alpha < 255)) | edges(to_float(alpha))
    distance = np.minimum(distance_to(soft), 255).astype(np.uint8)
    front, back = (to_uint8(colours).transpose(2, 0, 1) for colours in (scene.foreground, scene.background))
    return np.concatenate([front, alpha[None], back, distance[None]])


class Canvases(Dataset[Tensor]):
    """A dataset of canvases as tensors."""

    def __init__(self, photographs: Sequence[Image], *, side: int, seed: int) -> None:
        self.photographs, self.side, self.seed = photographs, side, seed

    def __getitem__(self, number: int) -> Tensor:
        return torch.from_numpy(draw(self.seed, number, self.side, self.photographs))

    def blocks(self, first: int, *, workers: int, last: int = ENDLESS, size: int = BLOCK) -> Iterator[Tensor]:
        """Blocks (size, PLANES, side, side) uint8 of canvases `first` … `last` − 1, in order, by `workers` processes.

        Raises:
            RuntimeError: a process died, or none has answered for a minute.
        """
        loader = DataLoader(
            self,
            batch_size=size,
            sampler=range(first, last),
            num_workers=workers,
            multiprocessing_context="spawn" if workers else None,
            timeout=SILENCE if workers else 0,
        )
        return iter(loader)
