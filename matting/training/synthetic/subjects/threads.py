"""A fringe: threads in many colours, hanging from a line or from the rim of a body, mostly side by side."""

import numpy as np

from matting.training.synthetic import growths
from matting.training.synthetic.layers import empty, grown, solid
from matting.training.synthetic.raster import Floats, Strands
from matting.training.synthetic.shapes import grid
from matting.training.synthetic.textures import Generator, Size, log_uniform, random_colour

JOINTS = 18


def threads(distance: Floats, surface: Floats, rng: Generator) -> Floats:
    """The fringe, over a body in seven of ten pictures."""
    layer = solid(distance, surface, rng) if rng.random() < 0.7 else empty(distance)
    count = int(log_uniform(rng, 40, 700))
    palette = np.stack([random_colour(rng) for _ in range(rng.integers(1, 10))])
    if rng.random() < 0.5:
        roots, angles = from_line(count, distance.shape, rng)
    else:
        roots, angles = from_rim(count, distance, rng)
    return grown(layer, hanging(roots, angles, palette, min(distance.shape), rng))


def from_line(count: int, size: Size, rng: Generator) -> tuple[Floats, Floats]:
    """(count, 2) roots along a line somewhere in the picture, and (count,) angles perpendicular to it."""
    angle, middle = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.8, 2) * size[::-1]
    along = rng.uniform(-0.6, 0.6, count)[:, None] * max(size)
    return middle + along * np.array([np.sin(angle), -np.cos(angle)]), np.full(count, angle)


def from_rim(count: int, distance: Floats, rng: Generator) -> tuple[Floats, Floats]:
    """(count, 2) roots on the rim of a body, and (count,) angles between outwards and downwards."""
    rim = np.flatnonzero(np.abs(distance - 4) < 6)
    chosen = rng.choice(rim if rim.size else np.arange(1), count)
    x, y = grid(distance.shape)
    roots = np.stack([x.ravel()[chosen], y.ravel()[chosen]], 1)
    dy, dx = np.gradient(distance)
    outward, fall = growths.look_up(np.arctan2(-dy, -dx), roots), np.pi / 2 + rng.normal(0, 0.5)
    return roots, outward + rng.uniform(0, 1) * np.angle(np.exp(1j * (fall - outward)))


def hanging(roots: Floats, angles: Floats, palette: Floats, side: int, rng: Generator) -> Strands:
    """Threads in the colours of `palette` (N, 3), slightly bent and uneven; the longest are about as long as `side`."""
    count = len(roots)
    bends = rng.normal(0, rng.uniform(0.005, 0.08), (count, 1))
    bends = bends + rng.normal(0, rng.uniform(0.01, 0.12), (count, JOINTS))
    lengths = side * log_uniform(rng, 0.08, 0.9) * rng.uniform(0.7, 1.2, count)
    angles = angles + rng.normal(0, rng.uniform(0.02, 0.3), count)
    points = growths.walk(roots.astype(np.float32), angles, lengths, bends)
    base = palette[rng.integers(len(palette), size=count)].astype(np.float32)
    colours = growths.coloured(base, JOINTS, rng, tip=rng.uniform(0.8, 1.2), spread=rng.uniform(0.05, 0.35))
    width = np.exp(rng.uniform(-0.9, 1.1)) * rng.uniform(0.6, 1.4, (count, 1))
    radii = width * np.linspace(1, rng.uniform(0.3, 1.1), JOINTS)
    return growths.strands(points, radii.astype(np.float32), colours, rng)
