"""Kinds of pictures to learn from few samples of, each a dataset in a folder, as the app exports one.

NEW are drawn by generators with which no shipped weights were trained: outlines of Fourier series, edges of several
softnesses, overlapping circles as colours; and heads with shoulders, for MODNet. KNOWN are ten kinds of the generator
that the shipped weights learned from, with seeds that they have not seen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np

from matting.arrays import Alpha, Colours, Image, to_uint8
from matting.files import write_image
from matting.training.synthetic import growths, installed_photographs, synthesise
from matting.training.synthetic.backgrounds import background
from matting.training.synthetic.layers import grown, layer, over, straight
from matting.training.synthetic.scene import Scene
from matting.training.synthetic.shapes import box, coverage, ellipse, grid
from matting.training.synthetic.subjects.mesh import toned
from matting.training.synthetic.textures import GENERATED, Generator, hue_colour
from matting.training.trimaps import random_trimap

SIZE, KNOWN_SIZE = (384, 384), (256, 256)
TESTED = 20
"""The number of test pictures of a domain."""


@dataclass(frozen=True)
class Domain:
    """A kind of picture."""

    number: int
    """Its part of the seed."""
    scene: Callable[[Generator], Scene]


def outline(rng: Generator, roughness: float) -> Alpha:
    """(H, W) the depth of each pixel inside a closed curve of random waves, in pixels; negative outside."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    centre = np.array(SIZE) * rng.uniform(0.4, 0.6, 2)
    angle, distance = np.arctan2(y - centre[0], x - centre[1]), np.hypot(y - centre[0], x - centre[1])
    radius = np.full(SIZE, min(SIZE) * rng.uniform(0.22, 0.33), np.float32)
    for wave in range(2, 60):
        radius += roughness * rng.normal() * 60 / wave**1.1 * np.cos(wave * angle + rng.uniform(0, 6.3)) / 10
    return np.asarray(radius - distance, np.float32)


def spots(rng: Generator, count: int) -> Colours:
    """(H, W, 3) overlapping circles in random colours."""
    picture = np.full((*SIZE, 3), rng.random(3), np.float32)
    for _ in range(count):
        place, colour = rng.integers(0, SIZE[0], 2).tolist(), rng.random(3).tolist()
        cv2.circle(picture, place, int(rng.uniform(4, 70)), colour, -1, cv2.LINE_AA)
    return picture


def spotted(alpha: Alpha, rng: Generator) -> Scene:
    """A subject and a background of spots."""
    return Scene(alpha.astype(np.float32), spots(rng, 400), spots(rng, 60))


def felt(rng: Generator) -> Scene:
    """Solid, with an edge that is soft over 6 to 24 pixels."""
    return spotted(np.clip(outline(rng, 0.6) / rng.uniform(6, 24) + 0.5, 0, 1), rng)


def tattered(rng: Generator) -> Scene:
    """A torn edge, and holes near it."""
    noise = cv2.GaussianBlur(rng.normal(0, 1, SIZE).astype(np.float32), (0, 0), rng.uniform(1.5, 4))
    return spotted(np.clip((outline(rng, 1.5) + 14 * noise / noise.std()) / 3 + 0.5, 0, 1), rng)


def veil(rng: Generator) -> Scene:
    """See-through everywhere, more or less."""
    cloud = cv2.GaussianBlur(rng.normal(0, 1, SIZE).astype(np.float32), (0, 0), 12)
    share = np.clip(0.55 + 0.25 * cloud / cloud.std(), 0, 1)
    return spotted(share * np.clip(outline(rng, 0.5) / 4 + 0.5, 0, 1), rng)


def portrait(rng: Generator) -> Scene:
    """A head with hair in strands, a neck and shoulders in clothes."""
    x, y = grid(SIZE)
    side, upright = float(min(SIZE)), rng.normal(0, 0.08)
    centre = side * np.array([rng.uniform(0.38, 0.62), rng.uniform(0.32, 0.42)])
    head = side * rng.uniform(0.13, 0.18) * np.array([0.78, 1.0])
    skull = ellipse(x, y, centre - np.array([0, 0.15 * head[1]]), 1.15 * head, upright)
    face = ellipse(x, y, centre, head, upright)
    neck = box(x, y, centre + np.array([0, 1.15 * head[1]]), head * (0.45, 0.6), 0)
    wide = side * np.array([rng.uniform(0.3, 0.44), rng.uniform(0.34, 0.4)])
    chest = ellipse(x, y, centre + np.array([rng.normal(0, 0.02) * side, 1.45 * head[1] + wide[1]]), wide, 0)
    hair = hue_colour(rng.uniform(0.04, 0.12), rng.uniform(0.2, 0.7), rng.uniform(0.08, 0.8))
    skin = hue_colour(rng.uniform(0.03, 0.08), rng.uniform(0.3, 0.6), rng.uniform(0.35, 0.95))
    clothes = np.clip(GENERATED[rng.integers(len(GENERATED))](SIZE, rng), 0, 1)
    painted = layer(np.broadcast_to(hair * 0.8, (*SIZE, 3)), coverage(skull))
    painted = over(painted, shaded(skin * 0.85, x, centre[0], head[0]), coverage(neck))
    painted = over(painted, clothes, coverage(chest))
    painted = over(painted, features(shaded(skin, x, centre[0], head[0]), centre, head, hair), coverage(face))
    surface = np.broadcast_to(hair, (*SIZE, 3)).astype(np.float32)
    crown = np.where(y < centre[1] - 0.2 * head[1], skull, -1).astype(np.float32)  # no hair grows on the face
    for _ in range(rng.integers(2, 4)):
        painted = grown(painted, toned(growths.fur(crown, surface, rng), hair))
    if rng.random() < 0.4:
        painted = grown(painted, toned(growths.hair(crown, surface, rng), hair))
    alpha, colours = straight(painted)
    mean = (colours * alpha[..., None]).sum((0, 1)) / alpha.sum()
    return Scene(alpha, colours, background(SIZE, rng, (), mean))


def shaded(colour: Colours, x: Colours, middle: float, width: float) -> Colours:
    """(H, W, 3) `colour` (3,), darker to one side."""
    light = 1 - 0.25 * np.clip((x - middle) / width, -1, 1)
    return np.asarray(np.clip(colour * light[..., None], 0, 1), np.float32)


def features(face: Colours, centre: Colours, head: Colours, brows: Colours) -> Colours:
    """`face` (H, W, 3) with eyes, brows, a nose and a mouth."""
    painted, unit = np.ascontiguousarray(face), float(head[0])

    def dab(right: float, down: float, width: float, height: float, colour: Colours) -> None:
        place = int(centre[0] + right * unit), int(centre[1] + down * unit)
        size = max(1, int(width * unit)), max(1, int(height * unit))
        cv2.ellipse(painted, place, size, 0, 0, 360, np.asarray(colour, float).tolist(), -1, cv2.LINE_AA)

    skin = face[int(centre[1]), int(centre[0])]
    for side in (-1, 1):
        dab(0.4 * side, -0.15, 0.2, 0.1, np.full(3, 0.95))
        dab(0.4 * side, -0.15, 0.09, 0.09, np.full(3, 0.1))
        dab(0.4 * side, -0.38, 0.24, 0.05, 0.6 * brows)
    dab(0, 0.2, 0.12, 0.16, 0.85 * skin)
    dab(0, 0.6, 0.32, 0.09, skin * (0.9, 0.45, 0.45))
    return cv2.GaussianBlur(painted, (0, 0), 0.03 * unit)


@cache
def photographs() -> Sequence[Image]:
    """The generator's photographs, read once."""
    return installed_photographs()


def known(kind: str, rng: Generator) -> Scene:
    """A scene of that kind, by the generator that the shipped weights learned from."""
    return synthesise(rng.integers(2**32, size=2).tolist(), KNOWN_SIZE, photographs=photographs(), kind=kind)


NEW = {
    "felt": Domain(0, felt),
    "tattered": Domain(1, tattered),
    "veil": Domain(2, veil),
    "portrait": Domain(3, portrait),
}
KNOWN_KINDS = ("solid", "fur", "hair", "foliage", "net", "smoke", "mesh", "threads", "twigs", "curls")
KNOWN = {f"known {kind}": Domain(10 + at, partial(known, kind)) for at, kind in enumerate(KNOWN_KINDS)}
DOMAINS = NEW | KNOWN


def draw(folder: Path, name: str, *, samples: int) -> None:
    """Write the dataset of that domain, unless it exists: a fifth of `samples` is for choosing, the rest for learning.

    The test pictures and the first pictures of each split are the same ones for any number of samples.
    """
    chosen_by = max(1, samples // 5)
    splits = {"train": samples - chosen_by, "validation": chosen_by, "test": TESTED}
    for number_of, (split, count) in enumerate(splits.items()):
        for number in range(count):
            path = f"{number:03d}.png"
            if (folder / split / "alpha" / path).exists():
                continue
            rng = np.random.default_rng([DOMAINS[name].number, number_of, number])
            scene = DOMAINS[name].scene(rng)
            photo = scene.composite()
            photo = np.clip(photo + rng.normal(0, 0.01, photo.shape), 0, 1).astype(np.float32)
            if split == "test":
                write_image(folder / split / "trimap" / path, random_trimap(scene.alpha, rng, (8, 14)))
            else:
                write_image(folder / split / "fg" / path, to_uint8(scene.foreground))
            write_image(folder / split / "merged" / path, to_uint8(photo))
            write_image(folder / split / "alpha" / path, to_uint8(scene.alpha))
