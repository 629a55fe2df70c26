"""Foregrounds with their alpha, backgrounds and held-out pictures, from a folder as the dataset exports it.

    DATASET/train/fg/STEM.jpg   train/alpha/STEM.jpg   train/bg/*.jpg      (or fg/ alpha/ bg/ without train/)
    DATASET/test/merged/STEM.png   test/alpha/STEM.png   test/trimap/STEM.png

Suffixes do not matter, stems pair: PNG bytes in a file called .jpg are read as what they are.
"""

from dataclasses import dataclass
from pathlib import Path

from matting.arrays import Alpha, Image
from matting.files import list_images, read_alpha, read_image, read_trimap
from matting.training.crops import Picture


@dataclass(frozen=True)
class Pair:
    """The files of one foreground and its alpha."""

    foreground: Path
    alpha: Path

    def read(self) -> tuple[Image, Alpha]:
        """The foreground (H, W, 3) uint8 and its alpha (H, W) float32; ValueError if they differ in size."""
        foreground, alpha = read_image(self.foreground), read_alpha(self.alpha)
        _same_size(self.foreground, foreground.shape, self.alpha, alpha.shape)
        return foreground, alpha


@dataclass(frozen=True)
class HeldOut:
    """The files of one picture kept for measuring."""

    image: Path
    alpha: Path
    trimap: Path

    def read(self) -> Picture:
        """What the files hold; ValueError if they differ in size."""
        image, alpha, trimap = read_image(self.image), read_alpha(self.alpha), read_trimap(self.trimap)
        _same_size(self.image, image.shape, self.alpha, alpha.shape)
        _same_size(self.image, image.shape, self.trimap, trimap.shape)
        return Picture(image, trimap, alpha)


@dataclass(frozen=True)
class Dataset:
    """What a folder holds to train on and to measure with."""

    pairs: tuple[Pair, ...]
    backgrounds: tuple[Path, ...]
    held_out: tuple[HeldOut, ...]


def find_pairs(folder: Path) -> Dataset:
    """The dataset in `folder`.

    Raises:
        ValueError: there is no foreground, or a file lacks its partner; names it.
    """
    train = folder / "train" if (folder / "train").is_dir() else folder
    if not (train / "fg").is_dir() or not (train / "alpha").is_dir():
        raise ValueError(f"{folder} must hold train/fg and train/alpha, or fg and alpha, but does not")
    test = folder / "test"
    held_out = _partners(test, "merged", "alpha", "trimap") if (test / "merged").is_dir() else []
    dataset = Dataset(
        pairs=tuple(Pair(*files) for files in _partners(train, "fg", "alpha")),
        backgrounds=tuple(list_images([train / "bg"])) if (train / "bg").is_dir() else (),
        held_out=tuple(HeldOut(*files) for files in held_out),
    )
    if not dataset.pairs:
        raise ValueError(f"{train / 'fg'} must hold at least one picture, but is empty")
    return dataset


def _partners(parent: Path, *folders: str) -> list[list[Path]]:
    """The files of the same stem in each of `folders`, sorted by stem; ValueError if one lacks a partner."""
    found = [_by_stem(parent / folder) for folder in folders]
    stems = sorted(set().union(*found))
    for stem in stems:
        for folder, files in zip(folders, found, strict=True):
            if stem not in files:
                raise ValueError(
                    f"{parent / folder} must hold a picture called {stem}, as its partners do, but does not"
                )
    return [[files[stem] for files in found] for stem in stems]


def _by_stem(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise ValueError(f"{folder} must be a folder of pictures, but is not there")
    files: dict[str, Path] = {}
    for path in list_images([folder]):
        if path.stem in files:
            raise ValueError(
                f"{folder} must hold one picture a stem, but holds {files[path.stem].name} and {path.name}"
            )
        files[path.stem] = path
    return files


def _same_size(first: Path, size: tuple[int, ...], second: Path, other: tuple[int, ...]) -> None:
    if size[:2] != other[:2]:
        raise ValueError(f"{second} must be {size[0]} × {size[1]} pixels as {first} is, but is {other[0]} × {other[1]}")
