"""Checking a dataset before training: which labels are doubtful, and which pictures are alike."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from matting.arrays import Alpha, Image
from matting.files import read_image
from matting.files.likeness import Appearance, appearance_of
from matting.files.likeness.groups import copies
from matting.resize import resize, within
from matting.training.crops.pairs import Dataset
from matting.training.labels.doubts import Doubt, Doubtful, DoubtfulLabelsError
from matting.training.labels.faults import faults_of

THUMBNAIL = 256
"""The long side, in pixels, of the copies that are compared with one another."""


@dataclass(frozen=True)
class _Seen:
    """A picture of a dataset, with its split and its appearance."""

    split: str
    photo: Path
    alpha: Path
    appearance: Appearance


def checked(data: Dataset, doubtful: Doubtful) -> tuple[Dataset, list[Doubt]]:
    """`data` with the pictures that are alike, and the doubts about its labels. Every file is read.

    Raises:
        DoubtfulLabelsError: there are doubts, and `doubtful` says to stop.
        ValueError, OSError: a file cannot be read, or sizes differ; the message names the file.
    """
    seen, doubts = list[_Seen](), list[Doubt]()
    for split, photo, alpha, values, picture, is_photo in _pictures(data):
        doubts += [Doubt(photo, alpha, fault) for fault in faults_of(values, picture if is_photo else None)]
        small = resize(picture, within((picture.shape[0], picture.shape[1]), THUMBNAIL))
        seen.append(_Seen(split, photo, alpha, appearance_of(small)))
    alike = [(seen[one], seen[other]) for one, other in copies([one.appearance for one in seen])]
    doubts += [
        Doubt(one.photo, one.alpha, f"is a copy or a part of {other.photo.name} in the {other.split} split")
        for one, other in alike
        if one.split != other.split
    ]
    if doubts and doubtful == Doubtful.STOP:
        raise DoubtfulLabelsError(doubts, len(seen))
    if doubtful == Doubtful.LEAVE_OUT:
        data = _without(data, {doubt.alpha for doubt in doubts})
    groups = tuple((one.alpha.stem, other.alpha.stem) for one, other in alike if one.split == other.split == "train")
    return replace(data, alike=groups), doubts


def _pictures(data: Dataset) -> Iterator[tuple[str, Path, Path, Alpha, Image, bool]]:
    """(split, picture file, alpha file, alpha, picture, whether it is the photo itself), one after another."""
    for split, pairs in (("train", data.pairs), ("validation", data.validation)):
        for pair in pairs:
            foreground, alpha = pair.read()
            shown = foreground if pair.photo is None else read_image(pair.photo)
            is_photo = pair.photo is not None and shown.shape == foreground.shape
            yield split, pair.photo or pair.foreground, pair.alpha, alpha, shown, is_photo
    for one in data.test:
        picture = one.read()
        yield "test", one.image, one.alpha, picture.alpha, picture.image, True


def _without(data: Dataset, left_out: set[Path]) -> Dataset:
    """`data` without the pictures whose alpha is `left_out`; ValueError if nothing is left to learn from."""
    kept = replace(
        data,
        pairs=tuple(pair for pair in data.pairs if pair.alpha not in left_out),
        validation=tuple(pair for pair in data.validation if pair.alpha not in left_out),
        test=tuple(one for one in data.test if one.alpha not in left_out),
    )
    if not kept.pairs:
        raise ValueError(f"all {len(data.pairs)} labels to learn from look wrong; correct some of them first")
    return kept
