"""A bottle, glass, bulb or lens: clear, with dark or bright walls, strips of light, and perhaps a liquid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matting.training.synthetic.layers import layer
from matting.training.synthetic.raster import Floats
from matting.training.synthetic.shapes import coverage, grid
from matting.training.synthetic.textures import Generator, Size, random_colour


@dataclass(frozen=True)
class Vessel:
    """A body of revolution seen from the side; every array is (H, W)."""

    inner: Floats
    """The approximate distance to its outline in pixels, positive inside."""
    along: Floats
    """The distance from its middle, along its axis, in pixels."""
    place: Floats
    """The position across it, from -1 at one wall to 1 at the other."""


def glassware(distance: Floats, surface: Floats, rng: Generator) -> Floats:  # noqa: ARG001 - one signature for all kinds
    """The vessel, painted."""
    size, side = distance.shape, min(distance.shape)
    vessel = drawn_vessel(size, rng)
    wall = np.exp(-np.maximum(vessel.inner, 0) / np.exp(rng.uniform(0.3, 2.6)))
    second = rng.uniform(0, 0.7) * np.exp(-(((vessel.inner - rng.uniform(3, 14)) / rng.uniform(1, 3)) ** 2))
    alpha = rng.uniform(0.01, 0.3) + rng.uniform(0.15, 0.9) * wall + second
    tint = rng.uniform(0.3, 1) * (0.7 + 0.3 * random_colour(rng)) if rng.random() < 0.6 else random_colour(rng)
    edge = rng.uniform(0, 0.25) if rng.random() < 0.6 else rng.uniform(0.7, 1)
    mixed = np.clip(wall + second, 0, 1)[..., None]
    colours = tint * (1 - mixed) + edge * mixed
    if rng.random() < 0.4:  # a liquid up to a level
        level = (vessel.along - rng.uniform(-0.2, 0.3) * side).astype(np.float32)
        below = coverage(level, 1.0) * coverage(vessel.inner - 4, 0.8)
        alpha = np.maximum(alpha, rng.uniform(0.1, 0.8) * below)
        colours = colours + 0.7 * below[..., None] * (random_colour(rng) - colours)
    shine = strips_of_light(vessel, side, rng)
    colours = np.clip(colours * (1 - shine[..., None]) + shine[..., None], 0, 1)
    return layer(colours, np.clip(np.maximum(alpha, 0.95 * shine), 0, 1) * coverage(vessel.inner, 0.8))


def drawn_vessel(size: Size, rng: Generator) -> Vessel:
    """A vessel with a smooth random profile, slightly tilted."""
    (x, y), side, tilt = grid(size), min(size), rng.normal(0, 0.3)
    x, y = x - size[1] * rng.uniform(0.25, 0.75), y - size[0] * rng.uniform(0.3, 0.7)
    across, along = x * np.cos(tilt) + y * np.sin(tilt), y * np.cos(tilt) - x * np.sin(tilt)
    corners, places = (np.linspace(-1.2 * side, 1.2 * side, count) for count in (9, 161))
    widths = side * rng.uniform(0.1, 0.35) * np.exp(rng.normal(0, rng.uniform(0.05, 0.4), len(corners)))
    width = np.interp(along, places, _smooth(np.interp(places, corners, widths)))
    inner = np.minimum(width - np.abs(across), side * rng.uniform(0.3, 0.6) - np.abs(along))
    return Vessel(inner.astype(np.float32), along, across / np.maximum(width, 1))


def strips_of_light(vessel: Vessel, side: int, rng: Generator) -> Floats:
    """(H, W) in [0, 1]: the reflections of one to four windows or lamps along the vessel."""
    shine = np.zeros_like(vessel.inner)
    for _ in range(rng.integers(1, 5)):
        off = np.abs((vessel.place - rng.uniform(-0.85, 0.85)) / rng.uniform(0.02, 0.15))
        strip = np.exp(-(off ** rng.choice((2, 6))))
        length = side * rng.uniform(0.05, 0.4) - np.abs(vessel.along - side * rng.normal(0, 0.2))
        shine = np.maximum(shine, rng.uniform(0.2, 1) * strip * coverage(length.astype(np.float32), 3))
    return shine


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """`values` (N,), smoothed."""
    window = np.hanning(25) / np.hanning(25).sum()
    return np.convolve(np.pad(values, len(window) // 2, mode="edge"), window, "valid")
