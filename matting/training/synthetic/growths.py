"""Growths on or around a body: fur, hair, foliage, feathers, nets, wires. Each function gives strands to paint."""

import numpy as np

from matting.training.synthetic.raster import Floats, Strands
from matting.training.synthetic.shapes import grid
from matting.training.synthetic.textures import Generator, Size, hue_colour, noise, random_colour


def walk(roots: Floats, angles: Floats, lengths: Floats, bends: Floats) -> Floats:
    """(S, P, 2) joints of curves that begin at `roots` (S, 2); `bends` (S, P) turn each step away from `angles`."""
    joints = bends.shape[1]
    headings = angles[:, None] + np.cumsum(bends, 1)
    steps = np.stack([np.cos(headings), np.sin(headings)], 2) * (lengths / (joints - 1))[:, None, None]
    steps[:, 0] = 0
    return (roots[:, None] + np.cumsum(steps, 1)).astype(np.float32)


def look_up(field: Floats, points: Floats) -> Floats:
    """`field` (H, W[, C]) at `points` (S, 2); beyond its border, the value at the border."""
    rows = np.clip(points[:, 1], 0, field.shape[0] - 1).astype(int)
    columns = np.clip(points[:, 0], 0, field.shape[1] - 1).astype(int)
    return field[rows, columns]


def tapered(count: int, joints: int, rng: Generator, radius: float) -> Floats:
    """(S, P) half widths that taper to a thin tip, a little differently for each strand."""
    along = np.linspace(0, 1, joints, dtype=np.float32)
    return (radius * rng.uniform(0.6, 1.4, (count, 1)) * (1 - 0.8 * along**2)).astype(np.float32)


def coloured(base: Floats, joints: int, rng: Generator, *, tip: float, spread: float) -> Floats:
    """(S, P, 3) from root colours `base` (S, 3): brightness varies by strand (`spread`) and towards the tip (`tip`)."""
    along = np.linspace(0, 1, joints, dtype=np.float32)[None, :, None]
    strand = np.exp(rng.normal(0, spread, (len(base), 1, 1)))
    return np.clip(base[:, None] * strand * (1 + (tip - 1) * along), 0, 1).astype(np.float32)


def strands(points: Floats, radii: Floats, colours: Floats, rng: Generator, *, opacity: float = 1.0) -> Strands:
    """The strands, all lit from the same side."""
    count = len(points)
    light = rng.uniform(-0.3, 0.3) + rng.normal(0, 0.1, count)
    return Strands(points, radii, colours, np.full(count, opacity, np.float32), light.astype(np.float32))


def fur(distance: Floats, surface: Floats, rng: Generator) -> Strands:
    """Short strands, combed outwards over the rim of a body: plush, animals, thistles."""
    length = np.exp(rng.uniform(np.log(6), np.log(45)))
    x, y = grid(distance.shape)
    rim = np.flatnonzero((distance > -1) & (distance < max(6, 0.7 * length)))
    if rim.size == 0:
        rim = np.arange(1)
    count = min(int(rim.size * rng.uniform(0.08, 0.5)), 6000) + 1
    chosen = rng.choice(rim, count)
    chosen = chosen[np.argsort(distance.ravel()[chosen], kind="stable")]  # the inner strands lie on top
    roots = np.stack([x.ravel()[chosen], y.ravel()[chosen]], 1) + rng.uniform(-0.5, 0.5, (count, 2)).astype(np.float32)
    dy, dx = np.gradient(distance)
    comb = rng.normal(0, 0.6) + rng.uniform(0, 0.7) * noise(distance.shape, rng.uniform(8, 80), rng)
    angles = look_up(np.arctan2(-dy, -dx) + comb, roots) + rng.normal(0, rng.uniform(0.05, 0.5), count)
    joints = 6
    bends = rng.normal(0, 0.08, (count, 1)) + rng.normal(0, 0.06, (count, joints))
    points = walk(roots, angles, length * rng.uniform(0.5, 1.3, count), bends)
    clump = rng.uniform(0, 0.6) * rng.uniform(0.5, 1) * length
    pull = np.stack([look_up(noise(distance.shape, 10, rng), roots) for _ in range(2)], 1) * clump * 0.4
    points += pull[:, None] * np.linspace(0, 1, joints, dtype=np.float32)[None, :, None] ** 2
    colours = coloured(look_up(surface, roots), joints, rng, tip=rng.uniform(0.8, 1.5), spread=rng.uniform(0.05, 0.25))
    return strands(points.astype(np.float32), tapered(count, joints, rng, np.exp(rng.uniform(-1.2, 0.2))), colours, rng)


def hair(distance: Floats, surface: Floats, rng: Generator) -> Strands:
    """Long strands in locks from the rim of a body, straight to curly, with a few flyaway hairs."""
    rim = np.flatnonzero((distance > 0) & (distance < 25))
    rim = rim if rim.size else np.arange(1)
    x, y = grid(distance.shape)
    locks, joints = int(rng.integers(4, 40)), 22
    each = int(np.exp(rng.uniform(np.log(6), np.log(60))))
    lock_root = rng.choice(rim, locks)
    dy, dx = np.gradient(distance)
    roots = np.stack([x.ravel()[lock_root], y.ravel()[lock_root]], 1)
    fall = np.pi / 2 + rng.normal(0, 0.6)
    outward = look_up(np.arctan2(-dy, -dx), roots)
    angles = outward + rng.uniform(0, 0.9) * np.angle(np.exp(1j * (fall - outward))) + rng.normal(0, 0.25, locks)
    lock = np.repeat(np.arange(locks), each)
    count = len(lock)
    stray = rng.random(count) < rng.uniform(0.02, 0.25)
    wave = rng.uniform(0, 0.35) * np.sin(np.linspace(0, rng.uniform(3, 25), joints) + rng.uniform(0, 6, (locks, 1)))
    bends = rng.normal(0, 0.03, (locks, 1)) + wave + rng.normal(0, 0.03, (locks, joints))
    loose = rng.normal(0, np.where(stray, 0.12, 0.015)[:, None], (count, 1)) + rng.normal(0, 0.02, (count, joints))
    width = rng.uniform(2, 10)
    length = min(distance.shape) * rng.uniform(0.2, 0.9) * rng.uniform(0.6, 1.2, locks)
    points = walk(
        roots[lock] + rng.normal(0, width, (count, 2)).astype(np.float32),
        angles[lock] + rng.normal(0, np.where(stray, 0.5, 0.08)),
        length[lock] * rng.uniform(0.6, 1.1, count),
        bends[lock] + loose,
    )
    base = look_up(surface, roots)[lock] if rng.random() < 0.3 else np.tile(random_colour(rng), (count, 1))
    colours = coloured(base, joints, rng, tip=rng.uniform(0.9, 1.4), spread=rng.uniform(0.08, 0.3))
    radii = tapered(count, joints, rng, np.exp(rng.uniform(-1.4, -0.2)))
    return strands(points, radii, colours, rng, opacity=rng.uniform(0.6, 1))


def foliage(distance: Floats, rng: Generator) -> Strands:
    """Overlapping leaves, blades or petals, darker the deeper they are, with hard edges and small gaps."""
    inside = np.flatnonzero(distance > -5)
    inside = inside if inside.size else np.arange(1)
    x, y = grid(distance.shape)
    count, joints = int(np.exp(rng.uniform(np.log(50), np.log(400)))), 12
    chosen = rng.choice(inside, count)
    roots = np.stack([x.ravel()[chosen], y.ravel()[chosen]], 1)
    length = np.exp(rng.uniform(np.log(25), np.log(130))) * rng.uniform(0.5, 1.3, count)
    slender = rng.uniform(0.06, 0.3)
    dy, dx = np.gradient(distance)
    angles = look_up(np.arctan2(-dy, -dx), roots) + rng.normal(0, rng.uniform(0.2, 1.5), count)
    bends = rng.normal(0, 0.06, (count, 1)) + rng.normal(0, 0.03, (count, joints))
    along = np.linspace(0, 1, joints, dtype=np.float32)
    profile = np.maximum(np.sin(np.pi * along ** rng.uniform(0.6, 1.2)), 0) ** rng.uniform(0.6, 1.3)
    radii = (length[:, None] * slender * 0.5 * rng.uniform(0.7, 1.3, (count, 1)) * profile + 0.3).astype(np.float32)
    hue = rng.uniform(0.18, 0.4) if rng.random() < 0.5 else rng.random()
    base = np.stack([hue_colour(hue + shift, rng.uniform(0.3, 0.95), 1) for shift in rng.normal(0, 0.03, count)])
    value = np.sort(rng.uniform(0.12, rng.uniform(0.4, 1), count))[:, None]
    colours = coloured((base * value).astype(np.float32), joints, rng, tip=rng.uniform(0.8, 1.3), spread=0.1)
    return strands(walk(roots, angles, length, bends), radii, colours, rng)


def feather(size: Size, rng: Generator) -> Strands:
    """A quill with many fine barbs on both sides, some of them parted."""
    side, joints, count = min(size), 8, int(rng.integers(150, 500))
    start = np.array([[size[1] * rng.uniform(0.1, 0.9), size[0] * rng.uniform(0.1, 0.9)]], np.float32)
    angle = np.arctan2(size[0] / 2 - start[0, 1], size[1] / 2 - start[0, 0]) + rng.normal(0, 0.3)
    quill = walk(start, np.array([angle]), np.array([side * rng.uniform(0.6, 1.2)]), rng.normal(0, 0.02, (1, 60)))[0]
    at = np.linspace(3, 58, count).astype(int)
    heading = np.arctan2(*(quill[at] - quill[at - 1]).T[::-1])
    sides = np.where(np.arange(count) % 2, 1, -1)
    opening = rng.uniform(0.5, 1.0)
    length = side * rng.uniform(0.08, 0.3) * np.sin(np.linspace(0.4, 2.9, count)) * rng.uniform(0.85, 1.1, count)
    bends = -sides[:, None] * np.full((count, joints), rng.uniform(0, 0.06)) + rng.normal(0, 0.02, (count, joints))
    parted = rng.uniform(0, 0.25) * np.sin(np.arange(count) * rng.uniform(0.02, 0.2))
    points = walk(quill[at], heading + sides * (opening + parted), length, bends)
    base = np.tile(random_colour(rng), (count, 1)) * (1 + 0.3 * np.sin(at * rng.uniform(0.1, 0.6)))[:, None]
    colours = coloured(base.astype(np.float32), joints, rng, tip=rng.uniform(0.7, 1.4), spread=0.12)
    radii = tapered(count, joints, rng, rng.uniform(0.5, 1.2))
    return strands(points, radii, colours, rng, opacity=rng.uniform(0.6, 1))


def net(distance: Floats, rng: Generator) -> Strands:
    """Two families of threads across a body: wire mesh, tulle, lace, a string bag."""
    size = distance.shape
    spacing, joints = np.exp(rng.uniform(np.log(5), np.log(28))), 48
    reach = 0.75 * np.hypot(*size)
    offsets = np.arange(-reach, reach, spacing)
    along = np.linspace(-reach, reach, joints)
    first = rng.uniform(0, np.pi)
    second = first + (np.pi / 2 if rng.random() < 0.5 else rng.uniform(0.6, 2.5))
    sheets = []
    for angle in (first, second):
        u, v = np.meshgrid(along, offsets)
        points = np.stack([u * np.cos(angle) - v * np.sin(angle), u * np.sin(angle) + v * np.cos(angle)], 2)
        sheets.append(points + np.array([size[1] / 2, size[0] / 2]))
    points = np.concatenate(sheets)
    warp = [rng.uniform(0, 0.6) * spacing * noise(size, rng.uniform(40, 160), rng) for _ in range(2)]
    flat = points.reshape(-1, 2)
    points = points + np.stack([look_up(field, flat) for field in warp], 1).reshape(points.shape)
    inside = look_up(distance, points.reshape(-1, 2)).reshape(points.shape[:2]) > 0
    radius = min(np.exp(rng.uniform(-0.7, 1.2)), spacing / 3.5)
    base = np.tile(random_colour(rng), (len(points), 1)).astype(np.float32)
    colours = coloured(base, joints, rng, tip=1, spread=0.15)
    return strands(points.astype(np.float32), np.where(inside, radius, 0).astype(np.float32), colours, rng)


def rods(size: Size, rng: Generator) -> Strands:
    """A few sticks, stems, cables or wires across the picture."""
    count, joints = int(rng.integers(1, 9)), 14
    roots = rng.uniform(0, 1, (count, 2)) * np.array(size[::-1])
    stiffness = rng.choice((0.0, 0.02, 0.12))
    bends = rng.normal(0, stiffness, (count, 1)) + rng.normal(0, stiffness / 2, (count, joints))
    lengths = min(size) * rng.uniform(0.4, 1.5, count)
    points = walk(roots.astype(np.float32), rng.normal(-np.pi / 2, 0.8, count), lengths, bends)
    radii = np.exp(rng.uniform(-0.5, 2.4, (count, 1))) * np.linspace(1, rng.uniform(0.4, 1), joints)
    base = np.stack([random_colour(rng) for _ in range(count)])
    return strands(points, radii.astype(np.float32), coloured(base, joints, rng, tip=1.1, spread=0.1), rng)
