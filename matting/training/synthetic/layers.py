"""Premultiplied (H, W, 4) float32 layers, on which subjects are painted, and their alpha and straight colours."""

import numpy as np

from matting.arrays import Alpha, Colours
from matting.training.synthetic.raster import Floats, Strands, paint
from matting.training.synthetic.shapes import coverage, lit
from matting.training.synthetic.textures import Generator


def empty(distance: Floats) -> Floats:
    """An empty layer of the size of `distance` (H, W)."""
    return np.zeros((*distance.shape, 4), np.float32)


def layer(colours: Floats, alpha: Floats) -> Floats:
    """The layer of straight `colours` (H, W, 3) and `alpha` (H, W)."""
    return np.dstack([colours * alpha[..., None], alpha]).astype(np.float32)


def over(below: Floats, colours: Floats, alpha: Floats) -> Floats:
    """The layer `below` with straight `colours` (H, W, 3) of `alpha` (H, W) on top."""
    covered: Floats = layer(colours, alpha) + below * (1 - alpha[..., None])
    return covered


def solid(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """An opaque body with a crisp to slightly soft edge."""
    return layer(lit(surface, distance, rng), coverage(distance, np.exp(rng.uniform(-0.9, 0.5))))


def grown(below: Floats, strands: Strands) -> Floats:
    """The layer `below` with `strands` over it."""
    paint(below, strands)
    return below


def straight(premultiplied: Floats) -> tuple[Alpha, Colours]:
    """The alpha and the straight colours of a layer; where it is empty, the colour is its mean colour."""
    alpha = np.clip(premultiplied[..., 3], 0, 1)
    mean = premultiplied[..., :3].sum((0, 1)) / max(float(alpha.sum()), 1e-3)
    divided = premultiplied[..., :3] / np.maximum(alpha, 1e-4)[..., None]
    colours = np.where(alpha[..., None] > 1e-4, divided, mean)
    return alpha, np.clip(colours, 0, 1).astype(np.float32)
