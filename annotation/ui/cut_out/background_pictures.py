"""Pictures to put behind a subject, drawn by the program itself, so nobody else has rights in them."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from annotation.ui.temporary_files import scratch_folder
from matting.arrays import Colours, to_float, to_uint8
from matting.files import write_image
from matting.resize import resize

SIZE = (600, 900)
Values = NDArray[np.float32]


@cache
def drawn_pictures() -> list[str]:
    """The paths of the pictures, written once for a process."""
    folder = scratch_folder()
    for name, draw in PICTURES.items():
        write_image(folder / f"{name}.jpg", to_uint8(np.clip(draw(), 0, 1).astype(np.float32)))
    return [str(Path(folder / f"{name}.jpg")) for name in PICTURES]


def rgb(colour: str) -> Values:
    """(3,) in [0, 1] of RRGGBB."""
    return to_float(np.frombuffer(bytes.fromhex(colour), np.uint8))


def between(first: str, second: str, share: Values) -> Colours:
    """From the colour `first` to `second`, both RRGGBB, by `share` (H, W) in [0, 1]."""
    start, end = rgb(first), rgb(second)
    return (start + share[..., None] * (end - start)).astype(np.float32)


def down() -> Values:
    """(H, W): 0 at the top, 1 at the bottom."""
    return np.repeat(np.linspace(0, 1, SIZE[0], dtype=np.float32)[:, None], SIZE[1], axis=1)


def noise(cells: int, seed: int) -> Values:
    """(H, W) in [0, 1]: smooth noise of about `cells` bumps from top to bottom."""
    rough = np.random.default_rng(seed).random((cells, cells * 3 // 2), np.float32)
    return resize(rough, SIZE)


def discs(ground: Colours, colours: list[str], *, seed: int, count: int = 70) -> Colours:
    """`ground` with soft translucent discs over it, as points of light out of focus."""
    random, picture = np.random.default_rng(seed), ground.copy()
    for _ in range(count):
        radius, strength = int(random.integers(13, 56)), float(random.uniform(0.1, 0.45))
        row, column = int(random.integers(SIZE[0])), int(random.integers(SIZE[1]))
        colour = rgb(colours[random.integers(len(colours))])
        part = picture[max(0, row - radius) : row + radius, max(0, column - radius) : column + radius]
        rows, columns = np.mgrid[: part.shape[0], : part.shape[1]]
        inside = np.hypot(rows - min(row, radius), columns - min(column, radius)) < radius
        part += strength * inside[..., None] * (colour - part)
    return cv2.GaussianBlur(picture, (0, 0), 2)  # type: ignore[return-value]


def studio() -> Colours:
    """A grey wall, lit in the middle."""
    rows, columns = np.mgrid[-1 : 1 : SIZE[0] * 1j, -1 : 1 : SIZE[1] * 1j].astype(np.float32)
    return between("d9dce1", "4b5563", np.clip(np.hypot(columns * 0.8, rows + 0.2) / 1.3, 0, 1))


def sky() -> Colours:
    """Blue, with clouds."""
    clouds = np.clip(0.5 * noise(4, 1) + 0.3 * noise(9, 2) + 0.2 * noise(20, 3) - 0.5, 0, 0.3) / 0.3
    blue = between("3b82c4", "cfe5f5", down())
    cover: Values = 0.85 * clouds * (1 - 0.5 * down())
    return blue + cover[..., None] * (1 - blue)


def sunset() -> Colours:
    """Violet above, orange below."""
    upper, lower = np.clip(2 * down(), 0, 1), np.clip(2 * down() - 1, 0, 1)
    return np.where(down()[..., None] < 0.5, between("2e2a5c", "c2567a", upper), between("c2567a", "ffc371", lower))


def leaves() -> Colours:
    """Green, out of focus."""
    return discs(between("1f4d2b", "7fae57", noise(3, 4)), ["c9e29a", "8fc26b", "3d7a3f", "f0f4c3"], seed=5)


def lights() -> Colours:
    """A street at night, out of focus."""
    return discs(between("0b1020", "1d2440", down()), ["ffb86b", "ffd9a0", "7fa7ff", "ff6f61"], seed=6)


def paper() -> Colours:
    """Warm white with a grain."""
    grain = np.random.default_rng(7).normal(0, 0.012, SIZE).astype(np.float32)
    return between("f6f1e7", "e6dccb", noise(3, 8)) + grain[..., None]


PICTURES: dict[str, Callable[[], Colours]] = {
    "studio": studio,
    "sky": sky,
    "sunset": sunset,
    "leaves": leaves,
    "lights": lights,
    "paper": paper,
}
