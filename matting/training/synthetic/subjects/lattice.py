"""Coordinates on a sheet of equal cells, and three ways to fill a cell with metal."""

from dataclasses import dataclass

import numpy as np

from matting.training.synthetic.raster import Floats
from matting.training.synthetic.shapes import grid
from matting.training.synthetic.textures import Generator, Size, noise


@dataclass(frozen=True)
class Lattice:
    """The place of each pixel on the sheet; every array is (H, W)."""

    u: Floats
    """Coordinates on the sheet, in cells."""
    v: Floats
    scale_u: Floats
    """Pixels per cell along u."""
    scale_v: Floats


def drawn_lattice(size: Size, pitch: float, rng: Generator) -> Lattice:
    """A sheet with cells of about `pitch` pixels, turned, tilted and dented; half of them bent around a cylinder."""
    x, y = grid(size)
    side, angle = min(size), rng.uniform(0, np.pi)
    x, y = x - size[1] * rng.uniform(0.3, 0.7), y - size[0] * rng.uniform(0.3, 0.7)
    u, v = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    if rng.random() < 0.5:
        radius, lift = side * rng.uniform(0.25, 1), rng.normal(0, 0.25)
        sine = np.clip(u / radius, -0.95, 0.95)
        u, v = radius * np.arcsin(sine) + 3 * (u - radius * sine), v + lift * radius * np.sqrt(1 - sine**2)
    depth = np.maximum(1 + rng.uniform(-0.5, 0.5) * u / side + rng.uniform(-0.5, 0.5) * v / side, 0.3)
    dents = rng.uniform(0, 0.5) * pitch
    u, v = ((plane / depth + dents * noise(size, rng.uniform(40, 200), rng)) / pitch for plane in (u, v))
    scales = (1 / np.maximum(np.hypot(*np.gradient(plane)), 1e-3) for plane in (u, v))
    return Lattice(u, v, *scales)


def woven(sheet: Lattice, share: float) -> tuple[Floats, Floats]:
    """(coverage, side), both (H, W), of two families of wires; side, -1 to 1, is where on a wire a pixel lies.

    The wire takes up a `share` of a cell's width. Crossing wires pass over and under each other in turn.
    """
    radii, away, covered = [], [], []
    for plane, scale in ((sheet.u, sheet.scale_u), (sheet.v, sheet.scale_v)):
        radius, off = np.maximum(share / 2 * scale, 0.25), _off_line(plane) * scale
        radii.append(radius)
        away.append(off)
        covered.append(np.clip(radius - np.abs(off) + 0.5, 0, 1) * np.minimum(1, 2 * radius))
    is_over = (np.floor(sheet.u) + np.floor(sheet.v)) % 2 < 1
    side = np.where(is_over == (covered[0] >= covered[1]), away[0] / radii[0], away[1] / radii[1])
    return np.maximum(*covered), np.clip(side, -1, 1)


def punched(sheet: Lattice, share: float, rng: Generator) -> tuple[Floats, Floats]:
    """Like `woven`, for a plate with round or square holes, mostly in rows shifted by half a cell."""
    u = sheet.u + 0.5 * (np.floor(sheet.v) % 2) * (rng.random() < 0.7)
    power = 2 if rng.random() < 0.6 else 6
    reach = (np.abs(u % 1 - 0.5) ** power + np.abs(sheet.v % 1 - 0.5) ** power) ** (1 / power)
    away = (reach - 0.5 * (1 - share)) * np.minimum(sheet.scale_u, sheet.scale_v)
    return np.clip(away + 0.5, 0, 1), np.clip(1 - away, -1, 1) * np.sign(sheet.v % 1 - 0.5)


def chicken_wire(sheet: Lattice, share: float) -> tuple[Floats, Floats]:
    """Like `woven`, for the edges of hexagons: the pixels that are equally near to two centres."""
    u, v = sheet.u, sheet.v / 3**0.5 * 2
    first = np.stack([_off_line(u), _off_line(v / 2) * 3**0.5])
    second = np.stack([_off_line(u + 0.5), _off_line(v / 2 + 0.5) * 3**0.5])
    across, up = np.abs(np.where((first**2).sum(0) < (second**2).sum(0), first, second))
    scale = np.minimum(sheet.scale_u, sheet.scale_v)
    away = (0.5 - np.maximum(across, across / 2 + up * 3**0.5 / 2)) * scale
    radius = np.maximum(share / 2.5 * scale, 0.3)
    return np.clip(radius - away + 0.5, 0, 1) * np.minimum(1, 2 * radius), np.clip(away / radius, -1, 1)


def _off_line(u: Floats) -> Floats:
    """The signed distance of `u` to the nearest whole number."""
    off: Floats = (u + 0.5) % 1 - 0.5
    return off
