"""Further sources of crops: synthesised, mixed from two sources, or cached on disk."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matting.arrays import Image, to_float, to_uint8, to_uint16
from matting.files import write_file
from matting.training.augment import photographed
from matting.training.crops import Crop, CropSource, telling
from matting.training.crops.varied import varied
from matting.training.synthetic import synthesise
from matting.training.trimaps import random_trimap


class SyntheticCrops:
    """A CropSource of synthesised pictures; each trimap has foreground, background and unknown in it."""

    def __init__(self, photographs: Sequence[Image], *, size: int, seed: int) -> None:
        self.photographs, self.size, self.seed = photographs, size, seed

    def __call__(self, index: int) -> Crop:
        """See CropSource."""
        return telling(self._draw, self.seed * 1_000_003 + index)

    def _draw(self, seed: int) -> Crop:
        scene = synthesise(seed, (self.size, self.size), photographs=self.photographs)
        rng = np.random.default_rng([seed, 1])
        image = photographed(scene.composite(), rng)
        return Crop(image, random_trimap(scene.alpha, rng), scene.alpha, scene.foreground, scene.background)


class MixedCrops:
    """A CropSource that takes a `share` of its crops from `second` and the others from `first`."""

    def __init__(self, first: CropSource, second: CropSource, *, share: float, seed: int) -> None:
        self.first, self.second, self.share, self.seed = first, second, share, seed

    def __call__(self, index: int) -> Crop:
        """See CropSource."""
        is_second = np.random.default_rng([self.seed, index, 2]).random() < self.share
        return (self.second if is_second else self.first)(index)


class CachedCrops:
    """A CropSource that keeps the first `count` crops of another on disk, and gives varied parts of them for ever.

    A crop is made when it is first needed, with whatever `prepare` adds: a solver's guess, for instance, which can cost
    more than a training step. Crops are stored in 8 bits (alpha in 16) and always read back, so the first use gives the
    same arrays as later ones.
    """

    def __init__(
        self, source: CropSource, folder: Path, *, count: int, size: int, seed: int, prepare: Callable[[Crop], Crop]
    ) -> None:
        self.source, self.folder, self.count = source, folder, count
        self.size, self.seed, self.prepare = size, seed, prepare

    def __call__(self, index: int) -> Crop:
        """See CropSource."""
        path = self.folder / f"{index % self.count:06d}.npz"
        if not path.exists():
            write_file(path, packed(self.prepare(self.source(index % self.count))))
        return varied(unpacked(path), np.random.default_rng([self.seed, index, 3]), self.size)


def packed(crop: Crop) -> bytes:
    """The content of the file that stores `crop`."""
    buffer = io.BytesIO()
    planes: dict[str, NDArray[Any]] = {
        "image": crop.image,
        "trimap": crop.trimap,
        "alpha": to_uint16(crop.alpha),
        "foreground": to_uint8(crop.foreground),
        "background": to_uint8(crop.background),
    }
    if crop.guess is not None:
        planes["guess"] = to_uint8(crop.guess)
    np.savez(buffer, allow_pickle=False, **planes)
    return buffer.getvalue()


def unpacked(path: Path) -> Crop:
    """The crop that `packed` wrote to `path`; ValueError if the file is something else."""
    try:
        with np.load(path, allow_pickle=False) as planes:
            return Crop(
                planes["image"],
                planes["trimap"],
                *(to_float(planes[name]) for name in ("alpha", "foreground", "background")),
                guess=to_float(planes["guess"]) if "guess" in planes else None,
            )
    except (OSError, KeyError, ValueError, EOFError) as error:
        raise ValueError(f"{path} must be a cached crop, but cannot be read ({error}); delete it") from error
