"""The process of a job whose model learns in milliseconds: `-m tests.matting.training.jobs.tiny_job FOLDER`."""

import sys
from pathlib import Path

import torch

from matting.training.jobs.__main__ import main
from matting.training.trainees import TRAINEES, Trainee
from tests.matting.training.tiny import TINY, Tiny

LEARNER = Trainee("tiny", Tiny, TINY.encode, settings={"crop": 64, "batch": 2})

if __name__ == "__main__":
    TRAINEES["tiny"] = LEARNER
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
