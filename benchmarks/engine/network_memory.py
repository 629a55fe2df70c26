"""The memory that the network of an ONNX file takes: `python -m benchmarks.engine.network_memory FILE CHANNELS SIDE`,
on Linux.

Memory does not depend on the values of the weights, so a network of the same form with random ones will do.
"""

import resource
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime  # noqa: F401 — loaded before the measurement begins

from matting.runtime import picture_network


def peak_gb() -> float:
    """The most memory this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    path, channels, side = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    picture = np.random.default_rng(0).random((1, channels, side, side), np.float32)
    before = peak_gb()
    network = picture_network(path, (1, channels, None, None))
    loaded, started = peak_gb(), time.process_time()
    network(picture)
    print(f"{path.name}, {side} × {side}: {time.process_time() - started:.1f} processor seconds, loaded", end=" ")
    print(f"{loaded - before:.2f} GB, at its peak {peak_gb() - before:.2f} GB")
