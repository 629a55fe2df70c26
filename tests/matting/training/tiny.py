"""A network small enough to train in milliseconds, and a run of it: for tests, and for the processes they start."""

from pathlib import Path

import torch
from torch import nn

from matting.training.crops.crop_sources import SyntheticCrops
from matting.training.finetune import finetune
from matting.training.settings import Settings
from matting.training.trainees import TRAINEES, Trainee

SMALL = Settings(steps=8, batch=4, crop=64, rate=1e-3, warm_up=2, bf16=False, validate_every=4, checkpoint_every=0)


class Tiny(nn.Module):
    """Two convolutions and a norm: what the loop must handle, in milliseconds."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Conv2d(6, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.last = nn.Conv2d(8, 1, 3, padding=1)

    def forward(self, image, trimap):
        return self.last(torch.relu(self.norm(self.encoder(torch.cat((image, trimap), 1))))).sigmoid()


TINY = Trainee("tiny", Tiny, TRAINEES["gca"].encode)


def source(size=64):
    return SyntheticCrops((), size=size, seed=5)


def train(folder, settings=SMALL, learner=TINY, crops=None, **keywords):
    return list(finetune(learner, crops or source(settings.crop), settings, folder=folder, **keywords))


if __name__ == "__main__":
    import sys

    from accelerate import PartialState

    torch.set_num_threads(1)
    train(Path(sys.argv[1]))
    state = PartialState()
    sys.stdout.write(f"process {state.process_index} of {state.num_processes}\n")
