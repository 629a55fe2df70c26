"""See-through subjects: smoke, glass, and perforated cloth. Each is a premultiplied (H, W, 4) layer."""

import numpy as np

from matting.training.synthetic.layers import layer
from matting.training.synthetic.raster import Floats
from matting.training.synthetic.shapes import coverage
from matting.training.synthetic.textures import Generator, noise, random_colour


def smoke(distance: Floats, rng: Generator) -> Floats:
    """Wisps of one near-grey colour, dense inside the body and thin around it."""
    size = distance.shape
    wisps = noise(size, rng.uniform(50, 180), rng, octaves=6)
    fade = 1 / (1 + np.exp(-distance / rng.uniform(8, 50)))
    alpha = np.clip(rng.uniform(0.3, 1) * fade * (0.6 + 0.6 * wisps), 0, 1)
    tint = rng.uniform(0.5, 1) * (1 + 0.08 * rng.normal(size=3))
    colours = np.clip(tint * (1 + 0.1 * noise(size, 40, rng))[..., None], 0, 1)
    return layer(colours, alpha)


def glass(distance: Floats, rng: Generator) -> Floats:
    """A clear body: faint in the middle, denser at the rim, with opaque highlights."""
    size = distance.shape
    inside = coverage(distance)
    rim = np.exp(-np.maximum(distance, 0) / rng.uniform(3, 15))
    glints = coverage(noise(size, rng.uniform(20, 70), rng) * 10 - rng.uniform(13, 22), 2.0)
    alpha = np.clip(rng.uniform(0.05, 0.4) + rng.uniform(0.2, 0.7) * rim + 0.9 * glints, 0, 1) * inside
    tint = random_colour(rng) * 0.6 + 0.3
    bright = np.clip(glints + 0.4 * rim, 0, 1)[..., None]
    return layer(np.clip(tint * (1 - bright) + bright, 0, 1), alpha)


def porous(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """Cloth, lace or leaves with small holes all over: a body, cut by thresholded noise."""
    size = distance.shape
    grain = np.exp(rng.uniform(np.log(5), np.log(40)))
    cut = grain * (noise(size, grain, rng, octaves=2) + rng.uniform(-0.4, 1.2))
    return layer(surface, coverage(np.minimum(distance, cut), 0.6))
