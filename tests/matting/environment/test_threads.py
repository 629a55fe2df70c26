"""A person's number of threads is also that of numba, and torch keeps it after numba has worked."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import numpy as np
import matting
import torch
from matting.foreground import estimate_foreground
estimate_foreground(np.zeros((8, 8, 3), np.uint8), np.full((8, 8), 0.5, np.float32))
print(torch.get_num_threads())
"""


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="needs two cores")
def test_torch_keeps_the_number_of_threads_after_numba_has_worked():
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.split() == ["1"]
