"""Baskets, sieves, speaker grilles: small regular holes."""

import numpy as np

from matting.training.synthetic import growths
from matting.training.synthetic.layers import empty, grown, over
from matting.training.synthetic.raster import Floats
from matting.training.synthetic.shapes import coverage
from matting.training.synthetic.subjects.lattice import Lattice, chicken_wire, drawn_lattice, punched, woven
from matting.training.synthetic.textures import Generator, Size, log_uniform, noise, random_colour


def wire(distance: Floats, surface: Floats, rng: Generator) -> Floats:  # noqa: ARG001 - one signature for all kinds
    """One to three sheets of one material, with a solid rim around them in six of ten pictures."""
    size, below = distance.shape, empty(distance)
    grey = np.repeat(rng.uniform(0.05, 0.85), 3) * (1 + 0.05 * rng.normal(size=3))
    tone = grey if rng.random() < 0.6 else random_colour(rng)
    pitch, share = log_uniform(rng, 4, 22), rng.uniform(0.15, 0.55)
    area = distance if rng.random() < 0.7 else np.full_like(distance, 50)
    inside = coverage(area, 0.6)
    for depth in np.sort(rng.uniform(0.4, 1.1, rng.integers(1, 4))):
        covered, side = filled(drawn_lattice(size, pitch * rng.uniform(0.8, 1.25), rng), share, rng)
        below = over(below, shiny(tone * depth, side, size, rng), (covered * inside).astype(np.float32))
    if rng.random() < 0.6:
        band = coverage(rng.uniform(1.5, 10) - np.abs(area - rng.uniform(0, 6)), 0.6)
        light = 1 + 0.5 * noise(size, rng.uniform(30, 120), rng)
        below = over(below, np.clip(tone * light[..., None], 0, 1), band)
    return grown(below, growths.rods(size, rng)) if rng.random() < 0.2 else below


def filled(sheet: Lattice, share: float, rng: Generator) -> tuple[Floats, Floats]:
    """(coverage, side) of one of three kinds of metal sheet."""
    kind = rng.random()
    if kind < 0.55:
        return woven(sheet, share)
    return punched(sheet, share, rng) if kind < 0.8 else chicken_wire(sheet, share)


def shiny(tone: Floats, side: Floats, size: Size, rng: Generator) -> Floats:
    """(H, W, 3) colours of round wires in `tone` (3,) under a lamp, with glints here and there."""
    light = 1 + rng.uniform(0.1, 0.5) * side + 0.25 * noise(size, rng.uniform(40, 200), rng)
    glint = rng.uniform(0, 0.9) * np.exp(-(((side - rng.uniform(-0.6, 0.6)) / rng.uniform(0.1, 0.4)) ** 2))
    glint = glint * np.clip(noise(size, rng.uniform(20, 120), rng), 0, 1)
    return np.clip(tone * light[..., None] + glint[..., None], 0, 1)
