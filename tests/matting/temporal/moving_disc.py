"""A disc that moves before a wall."""

import numpy as np


def disc(centre, size=(96, 128), *, inside=True):
    """A textured disc on a textured wall, and its alpha."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    texture = np.random.default_rng(0).integers(0, 90, (200, 200, 3))
    wall = texture[rows, columns]
    inside = inside * ((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < 24**2)
    skin = texture[rows - centre[0] + 100, columns - centre[1] + 100] + 140
    return np.where(inside[..., None] > 0, skin, wall).astype(np.uint8), inside.astype(np.float32)
