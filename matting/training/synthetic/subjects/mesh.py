"""Wire mesh seen through itself."""

from dataclasses import replace

import numpy as np

from matting.training.synthetic import growths
from matting.training.synthetic.layers import empty, grown, solid
from matting.training.synthetic.raster import Floats, Strands
from matting.training.synthetic.shapes import body
from matting.training.synthetic.textures import Generator, random_colour


def mesh(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """Two to four sheets at different angles, mostly of one material, darker the deeper they are."""
    layer = solid(body(distance.shape, rng), surface, rng) if rng.random() < 0.25 else empty(distance)
    tone, is_same = random_colour(rng), rng.random() < 0.7
    area = distance if rng.random() < 0.6 else np.full_like(distance, 50)
    for depth in np.sort(rng.uniform(0.35, 1.1, rng.integers(2, 5))):
        sheet = growths.net(area + rng.normal(0, 8), rng)
        layer = grown(layer, toned(sheet, (tone if is_same else random_colour(rng)) * depth))
    return grown(layer, growths.rods(distance.shape, rng)) if rng.random() < 0.4 else layer


def toned(strands: Strands, tone: Floats) -> Strands:
    """`strands` in shades of the colour `tone` (3,), with the mean brightness of `tone`."""
    grey = strands.colours.mean(2, keepdims=True)
    colours = np.clip(tone * (grey / max(float(grey.mean()), 1e-3)), 0, 1)
    return replace(strands, colours=colours.astype(np.float32))
