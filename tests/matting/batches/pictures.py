"""Photos and trimaps for batches."""

import numpy as np

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN
from matting.files import write_image


def draw(folder, count):
    """`folder`/photos and `folder`/trimaps: `count` of each, and a photo that is damaged."""
    trimap = np.repeat(np.uint8([BACKGROUND, UNKNOWN, FOREGROUND]), 16)[:, None].repeat(40, axis=1)
    for number in range(count):
        noise = np.random.default_rng(number).integers(0, 60, (48, 40, 3))
        write_image(folder / "photos" / f"{number}.png", np.uint8(trimap[..., None] // 2 + noise))
        write_image(folder / "trimaps" / f"{number}.png", trimap)
    (folder / "photos" / "damaged.png").write_bytes(b"no picture")
