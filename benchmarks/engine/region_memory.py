"""The memory that a region takes in a network of the literature: `python -m benchmarks.engine.region_memory NAME SIDE`,
on Linux.

Memory does not depend on the values of the weights, so random ones will do: they are written to a file first, as
training does.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from benchmarks.engine.network_memory import peak_gb
from matting.models import MODELS
from matting.models.published.base import TorchModel

if __name__ == "__main__":
    name, side = sys.argv[1], int(sys.argv[2])
    kind = MODELS[name]
    assert issubclass(kind, TorchModel), f"{name} is not a network of the literature that takes a trimap"
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "random.safetensors"
        save_file(kind.build().state_dict(), file)
        model = kind(file, exact=True)
    image = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    trimap = np.full((side, side), 128, np.uint8)
    trimap[: side // 4], trimap[-side // 4 :] = 255, 0
    before, started = peak_gb(), time.process_time()
    model.run(image, trimap)
    seconds = time.process_time() - started
    print(
        f"{name}, {side} × {side}: {seconds:.1f} processor seconds, {peak_gb() - before:.2f} GB more than loading took"
    )
