"""Colours for surfaces and backgrounds: noise, palettes, patterns, and crops of photographs."""

from collections.abc import Callable, Sequence

import numpy as np

from matting.arrays import Image, to_float
from matting.resize import resize
from matting.training.synthetic.raster import Floats

Generator = np.random.Generator
Size = tuple[int, int]


def installed_photographs() -> list[Image]:
    """The photographs that come with scikit-image: public domain or CC0, so data made from them may be passed on."""
    from skimage import data

    names = ("astronaut", "chelsea", "coffee", "rocket", "brick", "grass", "gravel", "hubble_deep_field")
    pictures = [getattr(data, name)() for name in names]
    return [np.repeat(picture[..., None], 3, 2) if picture.ndim == 2 else picture for picture in pictures]


def noise(size: Size, scale: float, rng: Generator, *, octaves: int = 1) -> Floats:
    """(H, W) smooth noise with a mean of about 0, a deviation of about 1, and features up to `scale` pixels wide."""
    total = np.zeros(size, np.float32)
    power = 0.0
    for octave in range(octaves):
        cell = max(scale / 2**octave, 1.0)
        grid = (int(size[0] / cell) + 3, int(size[1] / cell) + 3)
        coarse = rng.standard_normal(grid, dtype=np.float32)
        span = (round(grid[0] * cell), round(grid[1] * cell))
        top, left = rng.integers(0, max(1, span[0] - size[0])), rng.integers(0, max(1, span[1] - size[1]))
        total += resize(coarse, span)[top : top + size[0], left : left + size[1]] * 0.5**octave
        power += 0.25**octave * 0.45
    return total / np.float32(np.sqrt(power))


def log_uniform(rng: Generator, low: float, high: float) -> float:
    """A random number between `low` and `high`, uniform in its logarithm."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def hue_colour(hue: float, saturation: float, value: float) -> Floats:
    """(3,) RGB of a hue in turns, with saturation and value in [0, 1]."""
    ramp = np.clip(np.abs((hue * 6 + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)
    return (value * (1 - saturation + saturation * ramp)).astype(np.float32)


def random_colour(rng: Generator) -> Floats:
    """(3,) RGB; saturated colours are rarer than muted ones, as in nature."""
    return hue_colour(rng.random(), rng.beta(1.6, 2), rng.beta(2.2, 1.6))


def pale_colour(rng: Generator) -> Floats:
    """(3,) RGB; half of them are light, like fair hair and thistledown."""
    colour = random_colour(rng)
    return np.clip(0.65 + 0.35 * colour, 0, 1) if rng.random() < 0.5 else colour


def photo_crop(size: Size, rng: Generator, photographs: Sequence[Image]) -> Floats:
    """(H, W, 3) float RGB, cut from one photograph at a random place and scale, mirrored or not."""
    photo = photographs[int(rng.integers(len(photographs)))]
    fit = min(photo.shape[0] / size[0], photo.shape[1] / size[1])
    scale = min(fit, float(np.exp(rng.uniform(np.log(0.6), np.log(max(fit, 0.7))))))
    height, width = max(2, int(size[0] * scale)), max(2, int(size[1] * scale))
    top, left = rng.integers(photo.shape[0] - height + 1), rng.integers(photo.shape[1] - width + 1)
    crop = to_float(photo[top : top + height, left : left + width])
    return resize(np.ascontiguousarray(crop[:, :: rng.choice((-1, 1))]), size)


def plain(size: Size, rng: Generator) -> Floats:
    """One colour with soft changes of light."""
    light = 1 + 0.12 * noise(size, rng.uniform(60, 250), rng) + rng.uniform(0, 0.05) * noise(size, 3, rng)
    return random_colour(rng) * light[..., None]


def mottled(size: Size, rng: Generator) -> Floats:
    """Two or three colours in patches of fractal noise: hide, stone, foliage, cloth."""
    field = noise(size, np.exp(rng.uniform(2, 5)), rng, octaves=int(rng.integers(2, 6)))
    sharpness = np.exp(rng.uniform(0, 2.5))
    mix = 1 / (1 + np.exp(-sharpness * field))
    base, other = random_colour(rng), random_colour(rng)
    return base * mix[..., None] + other * (1 - mix[..., None]) + 0.04 * noise(size, 2, rng)[..., None]


def striped(size: Size, rng: Generator) -> Floats:
    """Warped stripes or checks: wood, knitting, fabric, blinds."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    angle, period = rng.uniform(0, np.pi), np.exp(rng.uniform(1.4, 4))
    warp = rng.uniform(0, 1) * period * noise(size, rng.uniform(30, 150), rng)
    wave = np.sin((x * np.cos(angle) + y * np.sin(angle) + warp) * 2 * np.pi / period)
    if rng.random() < 0.4:
        wave = wave * np.sin((y * np.cos(angle) - x * np.sin(angle) + warp) * 2 * np.pi / period)
    mix = np.clip(0.5 + rng.uniform(0.3, 3) * wave, 0, 1)[..., None]
    light = 1 + 0.1 * noise(size, 80, rng)[..., None]
    return (random_colour(rng) * mix + random_colour(rng) * (1 - mix)) * light


GENERATED: tuple[Callable[[Size, Generator], Floats], ...] = (plain, mottled, striped)


def texture(size: Size, rng: Generator, photographs: Sequence[Image], share: float = 0.5) -> Floats:
    """(H, W, 3) float RGB in [0, 1]; a `share` of them is cut from photographs, the others are generated."""
    if photographs and rng.random() < share:
        colours = photo_crop(size, rng, photographs)
        if rng.random() < 0.3:  # the photograph's pattern in another colour
            colours = colours.mean(2, keepdims=True) * random_colour(rng) * 1.8
    else:
        colours = GENERATED[rng.integers(len(GENERATED))](size, rng)
    return np.clip(colours, 0, 1).astype(np.float32)
