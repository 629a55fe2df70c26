"""Shapes taken from photographs: the places where a picture is darker, or lighter, than a level."""

from collections.abc import Sequence

import cv2
import numpy as np

from matting.arrays import Image
from matting.training.synthetic.layers import layer
from matting.training.synthetic.raster import Floats
from matting.training.synthetic.shapes import coverage
from matting.training.synthetic.textures import Generator, texture


def cut_out(distance: Floats, surface: Floats, rng: Generator, *, photographs: Sequence[Image]) -> Floats:
    """`surface` in a shape taken from the brightness of one of `photographs`, or of a generated picture."""
    grey = texture(distance.shape, rng, photographs, share=1).mean(2)
    grey = cv2.GaussianBlur(grey, (0, 0), np.exp(rng.uniform(-0.7, 1.2)))
    level = cv2.GaussianBlur(grey, (0, 0), rng.uniform(20, 90)) if rng.random() < 0.5 else np.quantile(grey, 0.5)
    beyond = (grey - level) / max(float(np.std(grey - level)), 1e-3)
    beyond = beyond * rng.choice((-1, 1)) + rng.normal(0, 0.5)
    alpha = np.clip(0.5 + beyond * np.exp(rng.uniform(0, 2.3)), 0, 1)
    return layer(surface, alpha * coverage(distance, 3) if rng.random() < 0.6 else alpha)
