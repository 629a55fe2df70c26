"""What a lamp, a camera and a file do to colours: light, sharpening, noise, JPEG. Alpha stays as it is."""

import cv2
import numpy as np

from matting.arrays import Colours, Image, to_uint8


def photographed(composite: Colours, rng: np.random.Generator) -> Image:
    """A float composite as a camera with random flaws would have stored it: (H, W, 3) uint8."""
    picture = composite
    if rng.random() < 0.15:
        picture = lamp(picture, rng)
    if rng.random() < 0.2:
        picture = sharpened(picture, rng.uniform(0.2, 1))
    picture = noisy(picture, rng)
    if rng.random() < 0.35:
        return jpeg(to_uint8(picture), int(rng.integers(60, 98)))
    return to_uint8(picture)


def graded(colours: Colours, rng: np.random.Generator) -> Colours:
    """`colours` in other light: another exposure and colour temperature, and a soft gradient."""
    gain = np.exp(rng.normal(0, 0.25)) * np.exp(rng.normal(0, 0.12) * np.array([1, 0, -1]) + rng.normal(0, 0.03, 3))
    slope = rng.normal(0, 0.15, 2)
    ramps = [np.linspace(-1, 1, side)[:, None] for side in colours.shape[:2]]
    light = np.exp(slope[0] * ramps[0] + slope[1] * ramps[1].T)
    return np.clip(colours * gain * light[..., None], 0, 1).astype(np.float32)


def lamp(picture: Colours, rng: np.random.Generator) -> Colours:
    """A point light, or a line light across the picture, over subject and background alike."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    cx, cy, reach = rng.uniform(0, width), rng.uniform(0, height), max(height, width) * rng.uniform(0.2, 0.7)
    angle = rng.uniform(0, np.pi)
    across = np.hypot(x - cx, y - cy) if rng.random() < 0.5 else (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
    light = 1 + rng.uniform(-0.4, 0.6) * np.exp(-((across / reach) ** 2))[..., None] * rng.uniform(0.8, 1, 3)
    return np.clip(picture * light, 0, 1).astype(np.float32)


def sharpened(picture: Colours, amount: float) -> Colours:
    """Unsharp masking with a radius of one pixel, as cameras apply it."""
    return np.clip(picture + amount * (picture - cv2.GaussianBlur(picture, (0, 0), 1.0)), 0, 1)


def noisy(picture: Colours, rng: np.random.Generator) -> Colours:
    """Shot noise, which grows with brightness, plus read noise: from none to that of a phone in the evening."""
    read, shot = rng.exponential(0.004), rng.exponential(0.006)
    grain = rng.standard_normal(picture.shape, dtype=np.float32)
    return np.clip(picture + grain * np.sqrt(read**2 + shot**2 * picture), 0, 1).astype(np.float32)


def jpeg(image: Image, quality: int) -> Image:
    """`image` after one trip through JPEG at `quality` 1 to 100."""
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert decoded is not None  # it was encoded one line above
    return np.ascontiguousarray(decoded[..., ::-1], np.uint8)
