"""Foregrounds with their alphas, backgrounds and test pictures, from a folder in the layout of an export.

    DATASET/train/fg/STEM.jpg   train/alpha/STEM.jpg   train/bg/*.jpg      (or fg/ alpha/ bg/ without train/)
    DATASET/validation/fg/STEM.jpg   validation/alpha/STEM.jpg
    DATASET/train/merged/STEM.png   validation/merged/STEM.png             (the photos, optional)
    DATASET/test/merged/STEM.png   test/alpha/STEM.png   test/trimap/STEM.png

Files pair by their stem; suffixes do not matter. PNG bytes in a file called .jpg are read as PNG.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from matting.arrays import Alpha, Image
from matting.files import ImageError, read_image, read_trimap
from matting.files.listing import below, by_stem
from matting.files.picture_bytes import with_path
from matting.files.picture_kinds import read_true_alpha
from matting.training.crops import Picture

Result = TypeVar("Result")


@dataclass(frozen=True)
class Pair:
    """The files of one foreground and its alpha."""

    foreground: Path
    alpha: Path
    photo: Path | None = None
    """The photo itself, if the dataset has it."""

    @property
    def files(self) -> list[Path]:
        """The files that it has."""
        return [path for path in (self.foreground, self.alpha, self.photo) if path is not None]

    def read(self) -> tuple[Image, Alpha]:
        """The foreground (H, W, 3) uint8 and its alpha (H, W) float32; ValueError if they differ in size."""
        foreground, alpha = _read(self.foreground, read_image), _read(self.alpha, read_true_alpha)
        _same_size(self.foreground, foreground.shape, self.alpha, alpha.shape)
        return foreground, alpha

    def read_photo(self) -> Image | None:
        """The photo itself (H, W, 3) uint8; None if there is none of the foreground's size."""
        if self.photo is None:
            return None
        photo = _read(self.photo, read_image)
        return photo if photo.shape == _read(self.foreground, read_image).shape else None


@dataclass(frozen=True)
class HeldOut:
    """The files of one test picture."""

    image: Path
    alpha: Path
    trimap: Path

    def read(self) -> Picture:
        """Image, trimap and alpha; ValueError if they differ in size."""
        image, trimap = _read(self.image, read_image), _read(self.trimap, read_trimap)
        alpha = _read(self.alpha, read_true_alpha)
        _same_size(self.image, image.shape, self.alpha, alpha.shape)
        _same_size(self.image, image.shape, self.trimap, trimap.shape)
        return Picture(image, trimap, alpha)


RECORDS = "provenance.jsonl"
"""The export's record of each picture, one per line."""
SHARE, FEWEST = 0.1, 4
"""The share of the groups of pairs held out without a validation split, and the fewest groups for holding any out."""


@dataclass(frozen=True)
class Dataset:
    """The pictures of a folder: for training, for validation and for the test."""

    pairs: tuple[Pair, ...]
    backgrounds: tuple[Path, ...]
    validation: tuple[Pair, ...]
    """Never learned from; they choose the best step of a run."""
    test: tuple[HeldOut, ...]
    """Neither learned from nor used to choose; measured once."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Stem → group, if the export records one: pictures of one shoot, frames of one clip."""
    alike: tuple[tuple[str, str], ...] = ()
    """Pairs of stems whose pictures look like copies of each other."""

    @property
    def files(self) -> list[Path]:
        """Every file of the dataset."""
        pairs = [path for pair in (*self.pairs, *self.validation) for path in pair.files]
        return [*pairs, *self.backgrounds, *(path for one in self.test for path in (one.image, one.alpha, one.trimap))]

    def with_validation(self) -> "Dataset":
        """The dataset with a tenth of its groups held out for validation, or unchanged if there are too few groups.

        The choice depends only on the names.
        """
        groups = _joined(_groups((pair.foreground.stem for pair in self.pairs), self.groups), self.alike)
        if len(groups) < FEWEST:
            return self
        ranked = sorted(groups, key=lambda group: hashlib.sha256(group.encode()).digest())
        chosen = {stem for group in ranked[: max(1, round(SHARE * len(groups)))] for stem in groups[group]}
        return replace(
            self,
            pairs=tuple(pair for pair in self.pairs if pair.foreground.stem not in chosen),
            validation=tuple(pair for pair in self.pairs if pair.foreground.stem in chosen),
        )


def find_pairs(folder: Path) -> Dataset:
    """The dataset in `folder`.

    Raises:
        ValueError: there is no foreground, a file lacks its partner, or a picture lies where none is read.
    """
    train = folder / "train" if (folder / "train").is_dir() else folder
    if not (train / "fg").is_dir() or not (train / "alpha").is_dir():
        raise ValueError(f"{folder} must hold train/fg and train/alpha, or fg and alpha, but does not")
    test, validation = folder / "test", folder / "validation"
    held_out = _partners(test, "merged", "alpha", "trimap") if (test / "merged").is_dir() else []
    dataset = Dataset(
        pairs=_pairs(train),
        backgrounds=tuple(_pictures(train / "bg").values()) if (train / "bg").is_dir() else (),
        validation=_pairs(validation) if (validation / "fg").is_dir() else (),
        test=tuple(HeldOut(*files) for files in held_out),
        groups=_recorded_groups(folder / RECORDS),
    )
    if not dataset.pairs:
        raise ValueError(f"{train / 'fg'} must hold at least one picture, but is empty")
    return dataset


def _pairs(folder: Path) -> tuple[Pair, ...]:
    """The pairs in fg and alpha below `folder`, each with its photo in merged, if there is one."""
    photos = by_stem(folder / "merged") if (folder / "merged").is_dir() else {}
    pairs = _partners(folder, "fg", "alpha")
    return tuple(Pair(foreground, alpha, photos.get(foreground.stem)) for foreground, alpha in pairs)


def _joined(groups: Mapping[str, list[str]], alike: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """`groups` of stems, in which groups that share a picture are joined under the first of their names."""
    joined = {name: list(stems) for name, stems in groups.items()}
    for pair in alike:
        names = sorted({name for name, stems in joined.items() if not set(pair).isdisjoint(stems)})
        for other in names[1:]:
            joined[names[0]] += joined.pop(other)
    return joined


def _groups(stems: Iterable[str], recorded: Mapping[str, str]) -> dict[str, list[str]]:
    """Stems by group, as the export records it. Without a record, names that differ only in a final number are a group.

    If that gives too few groups, every unrecorded picture is a group of its own.
    """
    all_stems, by_name, by_record = list(stems), dict[str, list[str]](), dict[str, list[str]]()
    for stem in all_stems:
        if group := recorded.get(stem):
            by_record.setdefault(f"recorded {group}", []).append(stem)
        else:
            by_name.setdefault(re.sub(r"[ _.-]*\d+$", "", stem), []).append(stem)
    if len(by_name) + len(by_record) < FEWEST:
        by_name = {stem: [stem] for stems_of_one in by_name.values() for stem in stems_of_one}
    return by_record | by_name


def _recorded_groups(path: Path) -> dict[str, str]:
    """Stem → group, for pictures that have one; {} if there is no such file. ValueError if it is damaged."""
    if not path.is_file():
        return {}
    try:
        records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return {str(record["key"]): str(record["group"]) for record in records if record.get("group")}
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"{path} must hold a record with a key in every line, but does not: {error}") from error


def _partners(parent: Path, *folders: str) -> list[list[Path]]:
    """The files of the same stem in each of `folders`, sorted by stem; ValueError if one lacks a partner."""
    found = [_pictures(parent / folder) for folder in folders]
    stems = sorted(set().union(*found))
    for stem in stems:
        for folder, files in zip(folders, found, strict=True):
            if stem not in files:
                raise ValueError(
                    f"{parent / folder} must hold a picture called {stem}, to match the other folders, but does not"
                )
    return [[files[stem] for files in found] for stem in stems]


def _pictures(folder: Path) -> dict[str, Path]:
    """Like `by_stem`; also ValueError if there are pictures in subfolders, which would not be used."""
    files = by_stem(folder)
    if deeper := next(below(folder), ""):
        raise ValueError(deeper)
    return files


def _read(path: Path, read: Callable[[Path], Result]) -> Result:
    """`read(path)`; a refusal names the whole path, because several folders hold pictures of that name."""
    try:
        return read(path)
    except ImageError as error:
        raise ImageError(with_path(path, str(error))) from error


def _same_size(first: Path, size: tuple[int, ...], second: Path, other: tuple[int, ...]) -> None:
    if size[:2] != other[:2]:
        raise ValueError(f"{second} must be {size[0]} × {size[1]} pixels, like {first}, but is {other[0]} × {other[1]}")
