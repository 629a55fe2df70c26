"""The pictures that the robot corrects: those of a folder, or generated ones in front of photos of scikit-image."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Image, Trimap
from matting.files import read_alpha, read_image, read_trimap
from matting.models.base import missing
from matting.resize import resize, within
from matting.training.augment import photographed
from matting.training.synthetic import installed_photographs, synthesise
from matting.trimap import distance_to

MADE = ("hair", "fur", "foliage", "twigs", "mesh", "net", "glassware", "sheer", "solid")
"""Kinds of generated pictures, of matting.training.synthetic."""


@dataclass(frozen=True)
class Subject:
    """A picture to correct, its true alpha, and a hand-made trimap that sets the goal."""

    name: str
    image: Image
    truth: Alpha
    by_hand: Trimap


def subjects(folder: Path | None, longest: int, each: int, seed: int) -> Iterator[Subject]:
    """The pictures of `folder`, at most `longest` pixels on the long side, or `each` generated ones of every kind."""
    if folder is None:
        yield from generated(longest, each, seed)
        return
    for path in sorted((folder / "image").glob("*.png")):
        image, truth = read_image(path), read_alpha(folder / "gt" / path.name)
        by_hand = read_trimap(folder / "trimap1" / path.name)
        size = within((image.shape[0], image.shape[1]), longest)
        yield Subject(
            path.stem, resize(image, size), np.clip(resize(truth, size), 0, 1), resize(by_hand, size, smooth=False)
        )


def generated(longest: int, each: int, seed: int) -> Iterator[Subject]:
    """`each` pictures of every kind of MADE; soft pixels and 1 % of the long side around them are unknown by hand.

    A picture in which that leaves no sure foreground or background is left out: it sets no goal.
    """
    photographs = installed_photographs()
    for number, kind in enumerate(MADE * each):
        scene = synthesise([seed, number], (3 * longest // 4, longest), kind=kind, photographs=photographs)
        is_soft = distance_to((scene.alpha > 0.01) & (scene.alpha < 0.99)) <= 0.01 * longest
        by_hand = np.where(is_soft, UNKNOWN, np.where(scene.alpha > 0.5, FOREGROUND, BACKGROUND)).astype(np.uint8)
        image = photographed(scene.composite(), np.random.default_rng([seed, number]))
        if not missing(by_hand):
            yield Subject(f"{kind} {number}", image, scene.alpha, by_hand)
