"""What MatAnyone 2 takes for a video: `python -m benchmarks.engine.follower_memory HEIGHT WIDTH FRAMES`, on Linux.

Neither memory nor time depends on the values of the weights, so random ones will do.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from benchmarks.engine.network_memory import peak_gb
from matting.arrays import Image
from matting.models.published.matanyone import MatAnyone2Model

if __name__ == "__main__":
    height, width, count = map(int, sys.argv[1:])
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "random.safetensors"
        save_file(MatAnyone2Model.build().state_dict(), file)
        model = MatAnyone2Model(file)
    picture = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    alpha = np.zeros((height, width), np.float32)
    alpha[height // 4 : height // 2, width // 4 : width // 2] = 1

    def frames() -> Iterator[Image]:
        """The picture, moving."""
        for number in range(count):
            yield np.roll(picture, 2 * number, axis=1)

    before, at = peak_gb(), [time.process_time()]
    for _ in model.starting_from(alpha).follow(frames()):
        at.append(time.process_time())
    mean = (at[-1] - at[1]) / (count - 1)
    print(f"{width} × {height}, {count} frames: {at[1] - at[0]:.1f} processor seconds for the first,", end=" ")
    print(f"{mean:.2f} for every other; {peak_gb() - before:.2f} GB more than loading took")
