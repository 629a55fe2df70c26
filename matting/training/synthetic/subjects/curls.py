"""Wool, pompoms, the hair of trolls and dolls, and fair hair over a body of nearly its own colour."""

import numpy as np

from matting.training.synthetic import growths
from matting.training.synthetic.layers import grown, solid
from matting.training.synthetic.raster import Floats, Strands
from matting.training.synthetic.shapes import grid
from matting.training.synthetic.subjects.mesh import toned
from matting.training.synthetic.textures import Generator, log_uniform, noise, pale_colour

JOINTS = 14


def curls(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """Many thin strands, all over a body, that curl or radiate."""
    layer = solid(distance - rng.uniform(0, 20), surface, rng)
    return grown(layer, curled(distance, surface, rng))


def curled(distance: Floats, surface: Floats, rng: Generator) -> Strands:
    """The strands, 400 to 3500 of them."""
    inside = np.flatnonzero(distance > rng.uniform(-2, 6))
    count = int(log_uniform(rng, 400, 3500))
    chosen = rng.choice(inside if inside.size else np.arange(1), count)
    x, y = grid(distance.shape)
    roots = np.stack([x.ravel()[chosen], y.ravel()[chosen]], 1).astype(np.float32)
    dy, dx = np.gradient(distance)
    comb = rng.normal(0, 0.4) + rng.uniform(0, 1) * noise(distance.shape, rng.uniform(10, 90), rng)
    angles = growths.look_up(np.arctan2(-dy, -dx) + comb, roots) + rng.normal(0, rng.uniform(0.1, 1.2), count)
    bends = rng.normal(0, rng.uniform(0, 0.5), (count, 1)) + rng.normal(0, rng.uniform(0.02, 0.3), (count, JOINTS))
    points = growths.walk(roots, angles, log_uniform(rng, 12, 130) * rng.uniform(0.4, 1.2, count), bends)
    base = growths.look_up(surface, roots) if rng.random() < 0.5 else np.tile(pale_colour(rng), (count, 1))
    colours = growths.coloured(base, JOINTS, rng, tip=rng.uniform(0.85, 1.5), spread=rng.uniform(0.05, 0.3))
    radii = growths.tapered(count, JOINTS, rng, np.exp(rng.uniform(-1.5, 0.2)))
    return growths.strands(points, radii, colours, rng, opacity=rng.uniform(0.7, 1))


def fair_hair(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """Long hair of one, mostly light, colour over a body of nearly the same colour."""
    tone = pale_colour(rng)
    pale = np.clip(0.3 * surface + 0.7 * tone, 0, 1).astype(np.float32)
    layer = solid(distance, pale, rng)
    for _ in range(rng.integers(1, 4)):
        layer = grown(layer, toned(growths.hair(distance, pale, rng), tone))
    return layer
