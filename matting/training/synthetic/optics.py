"""The effect of a lens on a picture or premultiplied layer: defocus and motion. They are linear: alpha stays exact."""

import cv2
import numpy as np

from matting.training.synthetic.raster import Floats
from matting.training.synthetic.textures import Generator, noise


def disc(radius: float) -> Floats:
    """The kernel of an out-of-focus lens: an anti-aliased disc that sums to 1."""
    reach = int(np.ceil(radius))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return kernel / kernel.sum()


def streak(length: float, angle: float) -> Floats:
    """The kernel of a straight motion of `length` pixels, summing to 1."""
    reach = int(np.ceil(length / 2)) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    kernel = np.clip(length / 2 + 0.5 - np.abs(along), 0, 1) * np.clip(1 - np.abs(across), 0, 1)
    return (kernel / kernel.sum()).astype(np.float32)


def blurred(picture: Floats, kernel: Floats) -> Floats:
    """`picture` (H, W, C) filtered by `kernel`, mirrored at the border."""
    return np.clip(cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_REFLECT), 0, 1)


def defocused(picture: Floats, radius: float) -> Floats:
    """`picture` out of focus by `radius` pixels."""
    return blurred(picture, disc(radius)) if radius > 0.3 else picture


def subject_lens(picture: Floats, rng: Generator) -> Floats:
    """The subject through a lens: always a little soft, sometimes out of focus or moving."""
    picture = np.clip(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 0.9)), 0, 1)
    kind = rng.random()
    if kind < 0.15:
        return defocused(picture, np.exp(rng.uniform(0, 1.6)))
    if kind < 0.22:
        return blurred(picture, streak(rng.uniform(3, 18), rng.uniform(0, np.pi)))
    return picture


def background_lens(picture: Floats, rng: Generator) -> Floats:
    """The background through a lens: mostly out of focus, as behind a photographed subject; sharp in one of four."""
    if rng.random() < 0.25:
        return np.clip(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 0.9)), 0, 1)
    return defocused(picture, np.exp(rng.uniform(0, 2.8)))


def partly_defocused(layer: Floats, rng: Generator) -> Floats:
    """A premultiplied layer, in focus in some places and not in others; mixing is linear, so alpha stays exact."""
    near = defocused(layer, np.exp(rng.uniform(0.3, 2.2)))
    sharp = np.clip(cv2.GaussianBlur(layer, (0, 0), rng.uniform(0.3, 0.7)), 0, 1)
    field = noise((layer.shape[0], layer.shape[1]), rng.uniform(150, 500), rng)
    blend = np.clip(0.5 + rng.uniform(0.5, 2) * field, 0, 1)[..., None]
    return (near * blend + sharp * (1 - blend)).astype(np.float32)
