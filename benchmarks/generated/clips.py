"""Generated clips whose alpha is known: a person moves in front of a room, filmed by a noisy camera.

The person is scikit-image's photo of an astronaut (NASA, public domain), cut out once. That alpha is the truth of every
frame, because every frame is composited with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from skimage import data

from matting import load_model
from matting.arrays import Alpha, Colours, Image, to_float, to_uint8
from matting.composite import composite
from matting.resize import resize


@dataclass(frozen=True)
class Clip:
    """The motion of a clip. `speed` scales the person's sway, 0 for a still scene; `pan` moves the room, in pixels."""

    frames: int = 60
    size: tuple[int, int] = (480, 640)
    speed: float = 1.0
    pan: float = 0.0
    noise: float = 3.0
    seed: int = 0


def person() -> tuple[Image, Alpha]:
    """The astronaut (512, 512, 3) and her alpha, including the lower parts of the picture that belong to her body."""
    image = data.astronaut()
    alpha = load_model("modnet")(image)
    return image, np.clip((alpha - 0.03) / 0.94, 0, 1).astype(np.float32)


def room(size: tuple[int, int]) -> Image:
    """A wall with pictures and texture, wide enough to pan over."""
    height, width = size
    wall = resize(data.coffee(), (height, 2 * width))
    shelf = resize(data.chelsea(), (height // 3, width // 3))
    wall[height // 8 : height // 8 + shelf.shape[0], width // 9 : width // 9 + shelf.shape[1]] = shelf
    return wall


def play(clip: Clip) -> Iterator[tuple[Image, Alpha]]:
    """(frame, true alpha) one after another."""
    return ((frame, alpha) for frame, alpha, _ in layers(clip, *person()))


def layers(clip: Clip, image: Image, alpha: Alpha) -> Iterator[tuple[Image, Alpha, Colours]]:
    """(frame, true alpha, true foreground) one after another; the person is cut out of `image` (512, 512, 3)."""
    height, width = clip.size
    wall, noise = room(clip.size), np.random.default_rng(clip.seed)
    side = height / image.shape[0]
    for number in range(clip.frames):
        phase = number / 30 * clip.speed
        turn = np.deg2rad(4 * np.sin(2.1 * phase))
        shift = (width / 2 - 256 * side + width / 8 * np.sin(1.7 * phase), height / 20 * (1 + np.sin(2.9 * phase)))
        matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * side
        move = np.column_stack([matrix, shift])
        moved = cv2.warpAffine(image, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
        truth = cv2.warpAffine(alpha, move, (width, height), borderMode=cv2.BORDER_CONSTANT)
        left = round(clip.pan * number) % width
        scene = to_float(wall[:, left : left + width])
        foreground = to_float(moved)
        clean = composite(foreground, np.clip(truth, 0, 1), scene)
        grain = noise.normal(0, clip.noise / 255, clean.shape).astype(np.float32)
        yield to_uint8(clean + grain), np.clip(truth, 0, 1), foreground


def empty(clip: Clip) -> Image:
    """The room without the person, as the camera would see it before the first frame."""
    grain = np.random.default_rng(clip.seed + 1).normal(0, clip.noise / 255, (*clip.size, 3))
    return to_uint8(to_float(room(clip.size)[:, : clip.size[1]]) + grain.astype(np.float32))


def write_camera(path: Path, clip: Clip) -> Path:
    """The clip as a file that chromium plays over and over as its camera: YUV4MPEG2, 30 frames per second."""
    height, width = clip.size
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F30:1 Ip A1:1 C420jpeg\n".encode())
        for frame, _ in play(clip):
            file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path
