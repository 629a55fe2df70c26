"""Canvases: scenes drawn once by processes, in 8 bits, from which a device makes many different pictures.

Drawing strands takes a core some 50 ms a scene; everything else is cheap on a GPU. So a scene is visited several times,
each time as another window, in other light, before another background, with another trimap.
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
"""Of a canvas: straight foreground RGB, alpha, background RGB, distance in pixels to the nearest soft pixel or edge."""
TRIES = 8
BLOCK = 24
"""Canvases that travel together."""
SILENCE = 60.0
"""Seconds without a block after which the processes that draw are taken for dead."""
ENDLESS = 2**40


def draw(seed: int, number: int, side: int, photographs: Sequence[Image]) -> NDArray[np.uint8]:
    """Canvas `number` of `seed`: (PLANES, side, side). The first of TRIES scenes that has something to matte."""
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
    """Canvas `number` as a tensor."""

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
