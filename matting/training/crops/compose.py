"""Training crops from a dataset's samples: half of them parts of the photo as it is, where the dataset has it.

The others are composed on the fly from the foregrounds, after Deep Image Matting's recipe.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import Alpha, Colours, Image, to_float, to_uint8
from matting.composite import composite
from matting.files import read_image
from matting.foreground import quick_foreground
from matting.resize import resize
from matting.training.augment import graded, photographed
from matting.training.crops import Crop, telling
from matting.training.synthetic.optics import background_lens
from matting.training.synthetic.textures import texture
from matting.training.trimaps import random_trimap

SIDES = (320, 480, 640)
"""Sides of the squares that are cut out and resized to the crop; a smaller picture gives its short side."""


class Subject(Protocol):
    """What is composed: one of a dataset's pairs, for example."""

    @property
    def photo(self) -> Path | None: ...  # noqa: D102

    def read(self) -> tuple[Image, Alpha]: ...  # noqa: D102

    def read_photo(self) -> Image | None: ...  # noqa: D102


class ComposedCrops:
    """A CropSource: an endless sequence of crops, determined by `seed` and the files."""

    as_taken = 0.5
    """Share of the crops that are a part of the photo itself, if the dataset has it."""
    merged = 0.25
    """Share of the composed crops in which a second foreground lies over the first."""

    def __init__(self, pairs: Sequence[Subject], backgrounds: Sequence[Path], *, size: int, seed: int) -> None:
        if not pairs:
            raise ValueError("training needs at least one foreground with an alpha, but got none")
        self.pairs, self.backgrounds, self.size, self.seed = tuple(pairs), tuple(backgrounds), size, seed

    def __call__(self, index: int) -> Crop:
        """See CropSource."""
        return telling(self._draw, index)

    def _draw(self, number: int) -> Crop:
        rng = np.random.default_rng([self.seed, number])
        pair = self.pairs[rng.integers(len(self.pairs))]
        photo = pair.read_photo() if pair.photo is not None and rng.random() < self.as_taken else None
        if photo is not None:
            return self._taken(photo, pair, rng)
        foreground, alpha = self._subject(pair, rng)
        if len(self.pairs) > 1 and rng.random() < self.merged:
            other = self.pairs[rng.integers(len(self.pairs))]
            foreground, alpha = merge((foreground, alpha), self._subject(other, rng))
        background = background_lens(graded(self._background(rng), rng), rng)
        image = photographed(composite(foreground, alpha, background), rng)
        return Crop(image, random_trimap(alpha, rng), alpha, foreground, background)

    def _taken(self, photo: Image, pair: Subject, rng: np.random.Generator) -> Crop:
        """A part of the photo of `pair`; its background is estimated."""
        part, foreground, alpha = self._cut(photo, *pair.read(), rng, cv2.BORDER_REPLICATE)
        background = to_float(quick_foreground(to_uint8(part), 1 - alpha))
        return Crop(photographed(part, rng), random_trimap(alpha, rng), alpha, foreground, background)

    def _subject(self, pair: Subject, rng: np.random.Generator) -> tuple[Colours, Alpha]:
        foreground, alpha = pair.read()
        _, colours, alpha = self._cut(foreground, foreground, alpha, rng, cv2.BORDER_CONSTANT)
        return graded(colours, rng), alpha

    def _cut(
        self, photo: Image, foreground: Image, alpha: Alpha, rng: np.random.Generator, border: int
    ) -> tuple[Colours, Colours, Alpha]:
        """The same random part of each; beyond the picture, alpha is 0 or continued, as `border` says."""
        cut = placed(alpha, rng, size=self.size)

        def seen(picture: Image) -> Colours:
            return np.clip(warped(to_float(picture), cut, self.size, cv2.BORDER_REPLICATE), 0, 1)

        return seen(photo), seen(foreground), np.clip(warped(alpha, cut, self.size, border), 0, 1)

    def _background(self, rng: np.random.Generator) -> Colours:
        """A random part of a random background; a generated one if the dataset has none, and in one crop of ten."""
        size = (self.size, self.size)
        if not self.backgrounds or rng.random() < 0.1:
            return texture(size, rng, ())
        return cut_out(read_image(self.backgrounds[rng.integers(len(self.backgrounds))]), size, rng)


def placed(alpha: Alpha, rng: np.random.Generator, *, size: int) -> NDArray[np.float32]:
    """(2, 3) affine map from crop to foreground: a square around a soft pixel, turned, stretched, some mirrored."""
    soft = np.argwhere((alpha > 0.02) & (alpha < 0.98))
    if not len(soft):
        soft = np.argwhere(alpha > 0) if (alpha > 0).any() else np.array([[alpha.shape[0] // 2, alpha.shape[1] // 2]])
    y, x = soft[rng.integers(len(soft))] + rng.uniform(-0.25, 0.25, 2) * size
    scale = min(rng.choice(SIDES), *alpha.shape) / size * rng.uniform(0.8, 1.25)
    angle, shear = (rng.normal(0, 0.2), rng.normal(0, 0.1)) if rng.random() < 0.5 else (0.0, 0.0)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = scale * turn @ np.array([[rng.choice((-1, 1)), shear], [0, 1]])
    return np.hstack([linear, np.array([[x], [y]]) - linear @ np.full((2, 1), size / 2)]).astype(np.float32)


def warped(picture: NDArray[np.float32], affine: NDArray[np.float32], size: int, border: int) -> NDArray[np.float32]:
    """`picture` (H, W[, C]) mapped by `affine` to (size, size[, C]); shrinking averages, so no pixel is skipped."""
    shrink = float(np.sqrt(abs(np.linalg.det(affine[:, :2]))))
    if shrink > 1.5:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.4 * shrink), np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, affine, (size, size), flags=flags, borderMode=border), np.float32)


def merge(upper: tuple[Colours, Alpha], lower: tuple[Colours, Alpha]) -> tuple[Colours, Alpha]:
    """Straight colours and alpha of one foreground over another; only `lower` if both together leave no background."""
    share = upper[1] + lower[1] * (1 - upper[1])
    if share.min() > 0.9:
        return lower
    colours = upper[0] * upper[1][..., None] + lower[0] * (lower[1] * (1 - upper[1]))[..., None]
    mixed = np.where(share[..., None] > 1e-4, colours / np.maximum(share, 1e-4)[..., None], upper[0])
    return np.clip(mixed, 0, 1).astype(np.float32), share.astype(np.float32)


def cut_out(picture: Image, size: tuple[int, int], rng: np.random.Generator) -> Colours:
    """A random part of `picture`, resized to `size`; small pictures are enlarged."""
    scale = min(picture.shape[0] / size[0], picture.shape[1] / size[1]) * rng.uniform(0.4, 1)
    height, width = max(1, int(size[0] * scale)), max(1, int(size[1] * scale))
    top, left = rng.integers(picture.shape[0] - height + 1), rng.integers(picture.shape[1] - width + 1)
    return resize(to_float(picture[top : top + height, left : left + width]), size)
