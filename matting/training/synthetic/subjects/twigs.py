"""Branches that fork, bare or with small leaves."""

import numpy as np

from matting.training.synthetic import growths
from matting.training.synthetic.layers import empty, grown, solid
from matting.training.synthetic.raster import Floats, Strands
from matting.training.synthetic.textures import Generator, Size, random_colour

JOINTS = 12
MAX_BRANCHES = 900
"""The most branches in one generation."""


def twigs(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """Two to four generations of branches, with the thick ones on top."""
    layer = solid(distance - 25, surface, rng) if rng.random() < 0.3 else empty(distance)
    for generation in reversed(branches(distance.shape, rng)):
        layer = grown(layer, generation)
    return grown(layer, growths.foliage(distance, rng)) if rng.random() < 0.25 else layer


def branches(size: Size, rng: Generator) -> list[Strands]:
    """The generations, thickest first; each has three to seven times as many branches, shorter and thinner ones."""
    count = int(rng.integers(1, 6))
    roots = (rng.uniform(0, 1, (count, 2)) * size[::-1]).astype(np.float32)
    angles, lengths = rng.normal(-np.pi / 2, 1.2, count), min(size) * rng.uniform(0.4, 1.1, count)
    radius, tone = np.exp(rng.uniform(0.3, 2)), random_colour(rng)
    generations = []
    for _ in range(int(rng.integers(2, 5))):
        bends = rng.normal(0, 0.05, (len(roots), 1)) + rng.normal(0, 0.08, (len(roots), JOINTS))
        points = growths.walk(roots, angles, lengths, bends)
        base = np.tile(tone, (len(roots), 1)).astype(np.float32)
        colours = growths.coloured(base, JOINTS, rng, tip=1.15, spread=0.15)
        radii = growths.tapered(len(roots), JOINTS, rng, radius)
        generations.append(growths.strands(points, radii, colours, rng))
        children = min(len(roots) * int(rng.integers(3, 8)), MAX_BRANCHES)
        parent, at = rng.integers(len(roots), size=children), rng.integers(2, JOINTS, children)
        heading = points[parent, at] - points[parent, at - 1]
        side = rng.choice((-1, 1), children) * rng.uniform(0.3, 1.1, children)
        roots, angles = points[parent, at], np.arctan2(heading[:, 1], heading[:, 0]) + side
        lengths = lengths[parent] * rng.uniform(0.25, 0.6, children)
        radius *= rng.uniform(0.45, 0.65)
    return generations
