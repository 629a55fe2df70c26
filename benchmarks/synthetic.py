"""The contact sheet of docs/design/training.md, and the number of crops that one core makes per second.

python -m benchmarks.synthetic docs/log/synthetic.jpg
"""

import sys
import time
from pathlib import Path

import numpy as np

from matting.arrays import to_uint8
from matting.files import write_image
from matting.resize import resize
from matting.training.augment import photographed
from matting.training.synthetic import KINDS, installed_photographs, synthesise
from matting.training.trimaps import random_trimap

SIZE, SHOWN = 320, 132


def main(path: Path) -> None:
    """Draw image, alpha and trimap of two subjects per kind."""
    photographs = installed_photographs()
    synthesise(0, (64, 64), photographs=photographs)  # compiles
    tiles, seconds = [], []
    for number, kind in enumerate(KINDS):
        for seed in (2 * number + 1, 2 * number + 2):
            start = time.process_time()
            scene = synthesise(seed, (SIZE, SIZE), photographs=photographs, kind=kind)
            rng = np.random.default_rng(seed)
            image, trimap = photographed(scene.composite(), rng), random_trimap(scene.alpha, rng)
            seconds.append(time.process_time() - start)
            greys = [np.repeat(grey[..., None], 3, 2) for grey in (to_uint8(scene.alpha), trimap)]
            tiles.append(np.hstack([resize(part, (SHOWN, SHOWN)) for part in (image, *greys)]))
    rows = [np.hstack(tiles[first : first + 2]) for first in range(0, len(tiles), 2)]
    write_image(path, np.vstack(rows))
    print(f"{1 / np.mean(seconds):.0f} crops of {SIZE} × {SIZE} per second of one core")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
