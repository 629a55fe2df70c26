"""Backgrounds: out of focus or sharp, in colours like the subject's or not, or seen through glass."""

from collections.abc import Sequence

import cv2
import numpy as np

from matting.arrays import Alpha, Image
from matting.training.augment import graded
from matting.training.synthetic import optics
from matting.training.synthetic.raster import Floats
from matting.training.synthetic.shapes import grid
from matting.training.synthetic.textures import Generator, Size, noise, random_colour, texture


def background(size: Size, rng: Generator, photographs: Sequence[Image], like: Floats, share: float = 0.75) -> Floats:
    """A background (H, W, 3), a photograph with a chance of `share`.

    One in eight resembles `like` (3,), the mean colour of the subject.
    """
    colours = graded(texture(size, rng, photographs, share), rng)
    if rng.random() < 0.2:
        mix = np.clip(0.5 + 0.5 * noise(size, rng.uniform(60, 300), rng), 0, 1)[..., None]
        colours = colours * mix + random_colour(rng) * (1 - mix)
    if rng.random() < 0.125:
        colours = np.clip(colours + 0.7 * (like - colours.mean((0, 1))), 0, 1)
    return optics.background_lens(colours.astype(np.float32), rng)


def sharp_background(size: Size, rng: Generator, photographs: Sequence[Image], share: float = 0.8) -> Floats:
    """A background (H, W, 3) in focus, with stretched contrast; a photograph with a chance of `share`."""
    colours = graded(texture(size, rng, photographs, share), rng)
    low, high = np.quantile(colours, (0.03, 0.97))
    stretched = np.clip((colours - low) / max(float(high - low), 0.1), 0, 1)
    strength = rng.uniform(0.2, 1)
    mixed = (colours * (1 - strength) + stretched * strength).astype(np.float32)
    return np.clip(cv2.GaussianBlur(mixed, (0, 0), rng.uniform(0.3, 0.8)), 0, 1)


def displaced(behind: Floats, alpha: Alpha, rng: Generator) -> Floats:
    """`behind` as seen through glass: shifted by a smooth field where `alpha` is above 0, unchanged elsewhere."""
    size = alpha.shape
    inside = cv2.GaussianBlur((alpha > 0.01).astype(np.float32), (0, 0), rng.uniform(1, 4))
    dy, dx = np.gradient(cv2.GaussianBlur(inside, (0, 0), rng.uniform(8, 30)))
    pull, waves = rng.normal(0, 600), rng.uniform(0, 9)
    shift_x, shift_y = (pull * slope + waves * noise(size, rng.uniform(20, 90), rng) for slope in (dx, dy))
    x, y = grid(size)
    across, down = (x + inside * shift_x).astype(np.float32), (y + inside * shift_y).astype(np.float32)
    seen = cv2.remap(behind.astype(np.float32), across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return np.clip(seen, 0, 1)
