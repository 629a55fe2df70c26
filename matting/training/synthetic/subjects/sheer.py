"""Thin cloth or film: semi-transparent all over, denser in the folds."""

import numpy as np

from matting.training.synthetic import growths
from matting.training.synthetic.layers import grown, layer
from matting.training.synthetic.raster import Floats
from matting.training.synthetic.shapes import coverage
from matting.training.synthetic.textures import Generator, noise, pale_colour


def sheer(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """A veil with highlights along its folds, perhaps with a hem, perhaps of tulle."""
    size, inside = distance.shape, coverage(distance, np.exp(rng.uniform(-0.7, 1)))
    folds = np.abs(noise(size, rng.uniform(15, 120), rng, octaves=int(rng.integers(1, 4))))
    alpha = rng.uniform(0.03, 0.6) + rng.uniform(0.1, 0.6) * np.exp(-folds / rng.uniform(0.03, 0.3))
    alpha = alpha + rng.uniform(0, 0.25) * noise(size, rng.uniform(30, 150), rng)
    if rng.random() < 0.3:  # a hem
        alpha = alpha + rng.uniform(0.2, 0.7) * np.exp(-np.abs(distance - 3) / rng.uniform(2, 8))
    shine = rng.uniform(0, 1) * np.exp(-folds / rng.uniform(0.02, 0.1))
    tint = pale_colour(rng) if rng.random() < 0.6 else surface
    colours = np.clip(tint * (0.8 + 0.3 * noise(size, 40, rng))[..., None] + shine[..., None], 0, 1)
    veil = layer(colours, np.clip(np.maximum(alpha, 0.9 * shine), 0, 1) * inside)
    return grown(veil, growths.net(distance, rng)) if rng.random() < 0.2 else veil
