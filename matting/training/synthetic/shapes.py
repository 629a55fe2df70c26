"""Bodies: smooth solids as signed distances, so that their edges are anti-aliased exactly."""

import numpy as np

from matting.training.synthetic.raster import Floats
from matting.training.synthetic.textures import Generator, Size, noise


def grid(size: Size) -> tuple[Floats, Floats]:
    """The x and y of every pixel, each (H, W) float32."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    return x, y


def ellipse(x: Floats, y: Floats, centre: Floats, radii: Floats, angle: float) -> Floats:
    """The approximate signed distance to an ellipse in pixels, positive inside."""
    u = ((x - centre[0]) * np.cos(angle) + (y - centre[1]) * np.sin(angle)) / radii[0]
    v = ((y - centre[1]) * np.cos(angle) - (x - centre[0]) * np.sin(angle)) / radii[1]
    length = np.sqrt(u * u + v * v) + 1e-6
    slope = np.sqrt((u / radii[0]) ** 2 + (v / radii[1]) ** 2) / length + 1e-6
    return ((1 - length) / slope).astype(np.float32)


def box(x: Floats, y: Floats, centre: Floats, radii: Floats, angle: float) -> Floats:
    """The signed distance to a rotated box with slightly rounded corners, positive inside."""
    corner = 0.15 * radii.min()
    u = np.abs((x - centre[0]) * np.cos(angle) + (y - centre[1]) * np.sin(angle)) - radii[0] + corner
    v = np.abs((y - centre[1]) * np.cos(angle) - (x - centre[0]) * np.sin(angle)) - radii[1] + corner
    outside = np.hypot(np.maximum(u, 0), np.maximum(v, 0))
    return (corner - outside - np.minimum(np.maximum(u, v), 0)).astype(np.float32)


def body(size: Size, rng: Generator) -> Floats:
    """(H, W) signed distance, positive inside, to a blobby or angular solid whose outline crosses the picture."""
    x, y = grid(size)
    side = min(size)
    middle = np.array([size[1], size[0]], np.float32) * rng.uniform(0.1, 0.9, 2)
    primitive = box if rng.random() < 0.2 else ellipse
    scale = side * rng.uniform(0.18, 0.6)
    distance = primitive(x, y, middle, scale * rng.uniform(0.6, 1.3, 2), rng.uniform(0, np.pi))
    for _ in range(rng.integers(0, 5)):
        centre = middle + rng.normal(0, scale, 2)
        part = ellipse(x, y, centre, scale * rng.uniform(0.15, 0.7, 2), rng.uniform(0, np.pi))
        distance = np.maximum(distance, part)
    if rng.random() < 0.25:  # a hole, as in the handle of a cup
        hole = ellipse(
            x, y, middle + rng.normal(0, scale / 2, 2), scale * rng.uniform(0.08, 0.35, 2), rng.uniform(0, 3)
        )
        distance = np.minimum(distance, -hole)
    if rng.random() < 0.6:
        distance = distance + rng.uniform(0.5, 5) * noise(size, np.exp(rng.uniform(1.8, 4.5)), rng, octaves=2)
    return distance


def coverage(distance: Floats, softness: float = 0.5) -> Floats:
    """(H, W) float32 in [0, 1]: the share of each pixel that is inside, for an edge `2 * softness` pixels wide."""
    slope = np.maximum(np.hypot(*np.gradient(distance)), 0.5)
    return np.clip(0.5 + distance / slope / (2 * softness), 0, 1).astype(np.float32)


def lit(colours: Floats, distance: Floats, rng: Generator) -> Floats:
    """`colours` on a rounded solid under a lamp: brighter towards the light, darker towards the far edge."""
    depth = np.clip(distance / (0.3 * min(distance.shape)), 0, 1)
    dy, dx = np.gradient(np.sqrt(depth))
    angle = rng.uniform(0, 2 * np.pi)
    lamp = 30 * (dx * np.cos(angle) + dy * np.sin(angle))
    light = 1 - rng.uniform(0, 0.4) * (1 - np.sqrt(depth)) + rng.uniform(0, 0.35) * np.tanh(lamp)
    return np.clip(colours * light[..., None], 0, 1).astype(np.float32)
