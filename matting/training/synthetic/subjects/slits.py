"""A body in pieces with thin empty gaps between them: overlapping petals, bark, cut paper, a hedge."""

import numpy as np

from matting.training.synthetic.layers import layer
from matting.training.synthetic.raster import Floats
from matting.training.synthetic.shapes import coverage
from matting.training.synthetic.textures import Generator, log_uniform, noise


def slits(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """A body, cut where one to three noise fields are zero; the pieces differ in brightness."""
    size, gaps, shade = distance.shape, np.full_like(distance, 99), np.ones_like(distance)
    for _ in range(rng.integers(1, 4)):
        field = noise(size, log_uniform(rng, 20, 110), rng, octaves=int(rng.integers(1, 3)))
        slope = np.maximum(np.hypot(*np.gradient(field)), 2e-3)
        width = np.exp(rng.uniform(-0.7, 1.4)) * np.clip(1 + 0.9 * noise(size, 60, rng), -0.3, 3)
        gaps = np.minimum(gaps, np.abs(field) / slope - width)
        shade = shade * np.where(field > 0, rng.uniform(0.6, 1.1), rng.uniform(0.6, 1.1))
    shade = shade * (0.6 + 0.4 * np.clip(gaps / rng.uniform(3, 15), 0, 1))
    return layer(np.clip(surface * shade[..., None], 0, 1), coverage(np.minimum(distance, gaps), 0.5))
