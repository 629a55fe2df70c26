"""Layers of leaves and blades: dense and crisp, with small bright gaps between them."""

from dataclasses import replace

import numpy as np

from matting.training.synthetic import growths
from matting.training.synthetic.layers import empty, grown
from matting.training.synthetic.raster import Floats, Strands
from matting.training.synthetic.textures import Generator, Size, log_uniform, noise, random_colour

DEPTHS = (0.55, 0.8, 1.0)
"""Brightness of the layers of leaves, the deepest first."""
JOINTS = 12


def thicket(distance: Floats, surface: Floats, rng: Generator) -> Floats:  # noqa: ARG001 - one signature for all kinds
    """One to three layers of leaves in uneven light, with blades in front of them in six of ten pictures."""
    size, layer = distance.shape, empty(distance)
    for depth in DEPTHS[: int(rng.integers(1, len(DEPTHS) + 1))]:
        leaves = growths.foliage(distance + rng.normal(10, 15), rng)
        layer = grown(layer, replace(leaves, colours=(leaves.colours * depth).astype(np.float32)))
    if rng.random() < 0.6:
        layer = grown(layer, blades(size, rng))
    light = 1 + 0.2 * noise(size, rng.uniform(40, 200), rng)
    grain = 1 + rng.uniform(0, 0.15) * noise(size, 3, rng, octaves=2)
    layer[..., :3] = np.clip(layer[..., :3] * (light * grain)[..., None], 0, layer[..., 3:])
    return layer


def blades(size: Size, rng: Generator) -> Strands:
    """Grass or reeds: 40 to 500 blades of one colour, rising from a line."""
    count = int(log_uniform(rng, 40, 500))
    angle, middle = rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.9, 2) * size[::-1]
    along = rng.uniform(-0.7, 0.7, count)[:, None] * max(size)
    roots = (middle + along * np.array([np.sin(angle), -np.cos(angle)])).astype(np.float32)
    bends = rng.normal(0, 0.05, (count, 1)) + rng.normal(0, 0.03, (count, JOINTS))
    lengths = min(size) * rng.uniform(0.3, 0.9) * rng.uniform(0.5, 1.2, count)
    points = growths.walk(roots, angle + rng.normal(0, rng.uniform(0.05, 0.5), count), lengths, bends)
    base = np.clip(random_colour(rng) * rng.uniform(0.5, 1.2, (count, 1)), 0, 1).astype(np.float32)
    colours = growths.coloured(base, JOINTS, rng, tip=rng.uniform(0.8, 1.5), spread=0.15)
    return growths.strands(points, growths.tapered(count, JOINTS, rng, np.exp(rng.uniform(-0.5, 1.3))), colours, rng)
