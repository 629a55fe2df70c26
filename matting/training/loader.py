"""Crops → batches of tensors, the same for any number of processes and workers."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from matting.arrays import UNKNOWN
from matting.training.crops import CropSource
from matting.training.settings import Settings
from matting.training.trainees import Trainee


class CropTensors(Dataset[dict[str, Any]]):
    """Crop `index` as tensors for the loop: inputs, alpha (1, H, W), unknown (1, H, W), colours (3, H, W)."""

    def __init__(self, source: CropSource, trainee: Trainee) -> None:
        self.source, self.trainee = source, trainee

    def __getitem__(self, index: int) -> dict[str, Any]:
        crop = self.trainee.prepared(self.source(index))
        return {
            "inputs": {name: torch.from_numpy(array[0]) for name, array in self.trainee.encode(crop).items()},
            "alpha": torch.from_numpy(crop.alpha)[None],
            "unknown": torch.from_numpy((crop.trimap == UNKNOWN).astype(np.float32))[None],
            "foreground": torch.from_numpy(crop.foreground).permute(2, 0, 1),
            "background": torch.from_numpy(crop.background).permute(2, 0, 1),
        }


class Turns(Sampler[list[int]]):
    """The crops of each step in this process: all processes share crops s·batch … (s + 1)·batch − 1 in step s."""

    def __init__(self, settings: Settings, first: int, *, rank: int, processes: int) -> None:
        if settings.batch % processes:
            raise ValueError(f"batch must be a multiple of the {processes} processes, but is {settings.batch}")
        self.settings, self.first, self.rank, self.share = settings, first, rank, settings.batch // processes

    def __iter__(self) -> Iterator[list[int]]:
        for step in range(self.first, self.settings.steps):
            start = step * self.settings.batch + self.rank * self.share
            yield list(range(start, start + self.share))

    def __len__(self) -> int:
        return max(0, self.settings.steps - self.first)


def batches(
    source: CropSource, trainee: Trainee, settings: Settings, *, first: int, rank: int, processes: int
) -> DataLoader[dict[str, Any]]:
    """This process's batches of steps `first` … settings.steps − 1, in order."""
    return DataLoader(
        CropTensors(source, trainee),
        batch_sampler=Turns(settings, first, rank=rank, processes=processes),
        num_workers=settings.workers,
        multiprocessing_context="spawn" if settings.workers else None,
        pin_memory=torch.cuda.is_available(),
    )
