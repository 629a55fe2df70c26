"""Crumpled film or a plastic bag, lit from one side: faint where it is flat, bright along its creases."""

import cv2
import numpy as np

from matting.resize import resize
from matting.training.synthetic.layers import layer
from matting.training.synthetic.raster import Floats
from matting.training.synthetic.shapes import coverage, grid
from matting.training.synthetic.textures import Generator, Size, noise, random_colour


def plastic(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """The film, with a denser rim; a quarter of them are printed."""
    size = distance.shape
    dx, dy = creases(size, rng)
    facing, steep = lighting(dx, dy, rng.uniform(0, 2 * np.pi))
    glints = np.clip(rng.uniform(0.4, 1.1) * np.clip(facing, 0, 1.2) ** rng.uniform(8, 50), 0, 1)
    alpha = rng.uniform(0.02, 0.35) + rng.uniform(0.1, 0.6) * steep + rng.uniform(0.3, 0.9) * glints
    rim = coverage(rng.uniform(0.5, 4) - np.abs(distance - 2), 1.0) * rng.uniform(0, 0.7)
    tint = np.clip(0.6 + 0.4 * random_colour(rng), 0, 1) if rng.random() < 0.6 else random_colour(rng)
    colours = tint * (0.75 + 0.3 * np.clip(facing, -1, 1))[..., None]
    if rng.random() < 0.25:
        ink = coverage(noise(size, rng.uniform(30, 90), rng) * 20 - rng.uniform(5, 30), 1.0)
        alpha = np.maximum(alpha, ink * rng.uniform(0.5, 1))
        colours = colours * (1 - ink[..., None]) + surface * ink[..., None]
    colours = np.clip(colours * (1 - glints[..., None]) + glints[..., None], 0, 1)
    return layer(colours, np.clip(np.maximum(alpha, rim), 0, 1) * coverage(distance, 0.8))


def lighting(dx: Floats, dy: Floats, angle: float) -> tuple[Floats, Floats]:
    """(how much a surface with these slopes faces the lamp, about 1 where it does most; how steep it is, 0 to 1)."""
    length = np.sqrt(1 + dx**2 + dy**2)
    facing = (1 + dx * np.cos(angle) + dy * np.sin(angle)) / length
    return facing / max(float(np.quantile(facing, 0.97)), 0.1), 1 - 1 / length


def creases(size: Size, rng: Generator) -> tuple[Floats, Floats]:
    """The slopes in x and y of a crumpled sheet: flat facets between many bent folds, and some soft waves."""
    small = size[0] // 2, size[1] // 2
    x, y = grid(small)
    height = np.zeros(small, np.float32)
    warp = [rng.uniform(0, 25) * cv2.GaussianBlur(noise(small, 70, rng), (0, 0), 6) for _ in range(3)]
    for _ in range(rng.integers(5, 26)):
        angle = rng.uniform(0, np.pi) if rng.random() < 0.7 else rng.normal(1.2, 0.15)
        middle = rng.uniform(0, 1, 2) * small[::-1]
        off = (x - middle[0]) * np.cos(angle) + (y - middle[1]) * np.sin(angle) + warp[rng.integers(3)]
        along = (y - middle[1]) * np.cos(angle) - (x - middle[0]) * np.sin(angle)
        reach = min(small) * rng.uniform(0.15, 0.9)
        height += rng.exponential(0.35) * rng.choice((-1, 1)) * np.abs(off) * np.exp(-((along / reach) ** 2))
    height += rng.uniform(0, 3) * cv2.GaussianBlur(noise(small, rng.uniform(20, 80), rng), (0, 0), 5)
    sheet = cv2.GaussianBlur(height, (0, 0), rng.uniform(0.6, 2))
    dy, dx = (resize(slope, size) for slope in np.gradient(sheet))
    return dx, dy
