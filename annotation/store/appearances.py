"""What the samples look like, for finding near duplicates and the split they belong to."""

import hashlib
import threading
from dataclasses import dataclass

import imagehash
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from annotation.store.tables import Sample, Split
from matting.arrays import Image
from matting.files import to_pillow
from matting.resize import resize, within

NEAR = 6
"""Two pictures are near duplicates if at most this many of the 64 bits of their perceptual hashes differ."""
SALT = "matting-dataset"
SHARES = {Split.TEST: 0.1, Split.VALIDATION: 0.1}
"""What each split takes of the groups; the rest is for training. Changing these moves no sample already stored."""
BITS = {split: 1 << number for number, split in enumerate(Split)}


def pixels_digest(image: Image) -> str:
    """The sha256 of the decoded pixels and their shape: the same picture in any lossless file gives the same."""
    return hashlib.sha256(b"%d,%d," % image.shape[:2] + image.tobytes()).hexdigest()


def perceptual_hash(image: Image) -> int:
    """The 64-bit pHash of an (H, W, 3) image, as a signed integer."""
    small = resize(image, within(image.shape[:2], 256))
    bits = np.packbits(imagehash.phash(to_pillow(small)).hash.ravel())
    return int.from_bytes(bits.tobytes(), "big", signed=True)


def split_of_group(group: str) -> Split:
    """The split a new group belongs to, by its hash: adding other groups never changes it."""
    share = int.from_bytes(hashlib.sha256(f"{SALT}:{group}".encode(errors="surrogatepass")).digest()[:4], "big") / 2**32
    for split, part in SHARES.items():
        if share < part:
            return split
        share -= part
    return Split.TRAIN


@dataclass(frozen=True)
class Place:
    """Where a new sample belongs."""

    group: str
    split: Split


class Looks:
    """The hashes, groups and splits of some samples: about 300 bytes each, most of it the group's name."""

    def __init__(
        self, hashes: NDArray[np.uint64], groups: list[str], splits: list[Split], splits_of: dict[str, int]
    ) -> None:
        self._hashes, self._groups, self._splits = hashes, groups, splits
        self._splits_of = splits_of
        """The splits of each group, one bit each."""

    @classmethod
    def empty(cls) -> "Looks":
        """Of no samples."""
        return cls(np.zeros(1024, np.uint64), [], [], {})

    def copy(self) -> "Looks":
        """One that may be added to without changing this."""
        return Looks(self._hashes.copy(), self._groups.copy(), self._splits.copy(), self._splits_of.copy())

    def add(self, look: int, place: Place) -> None:
        """Take in a sample with that perceptual hash."""
        if len(self._groups) == len(self._hashes):
            self._hashes = np.concatenate([self._hashes, np.zeros_like(self._hashes)])
        self._hashes[len(self._groups)] = look % 2**64
        self._groups.append(place.group)
        self._splits.append(place.split)
        self._splits_of[place.group] = self._splits_of.get(place.group, 0) | BITS[place.split]

    def place(self, pixels: str, *, look: int, group: str = "", split: Split | None = None) -> Place:
        """The group and split of a new picture with that `look` (its perceptual hash).

        A near duplicate joins the group it resembles. All of a group and all near duplicates share a split; a picture
        that would tie two splits together, or whose asked `split` contradicts, is in none.
        """
        near = self._near(look)
        group = group or (self._groups[near[0]] if near else pixels)
        grouped = self._splits_of.get(group, 0)
        splits = {self._splits[index] for index in near} | {one for one, bit in BITS.items() if grouped & bit}
        splits = (splits | ({split} if split else set())) - {Split.NONE}
        if len(splits) > 1:
            return Place(group, Split.NONE)
        return Place(group, splits.pop() if splits else split_of_group(group))

    def _near(self, look: int) -> list[int]:
        """Which are near duplicates, the nearest first."""
        distance = np.bitwise_count(self._hashes[: len(self._groups)] ^ np.uint64(look % 2**64))
        close = np.flatnonzero(distance <= NEAR)
        return [int(index) for index in close[np.argsort(distance[close], kind="stable")]]


class Appearances:
    """The looks of all samples, kept in memory; they never change, so only rows added since are ever read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0
        self._looks = Looks.empty()

    def current(self, session: Session) -> Looks:
        """A copy of the looks of all samples stored. Call inside `writing`, so that none is added meanwhile."""
        columns = (Sample.id, Sample.appearance, Sample.group, Sample.split)
        with self._lock:
            added = select(*columns).where(Sample.id > self._last).order_by(Sample.id)
            for number, look, group, split in session.execute(added.execution_options(yield_per=1000)):
                self._looks.add(look, Place(group, Split(split)))
                self._last = number
            return self._looks.copy()
