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
    share = int.from_bytes(hashlib.sha256(f"{SALT}:{group}".encode()).digest()[:4], "big") / 2**32
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
    """The hashes, groups and splits of some samples."""

    def __init__(self, hashes: NDArray[np.uint64], places: list[Place], splits: dict[str, set[Split]]) -> None:
        self.places, self.splits = places, splits
        self._hashes = hashes

    @classmethod
    def empty(cls) -> "Looks":
        """Of no samples."""
        return cls(np.zeros(1024, np.uint64), [], {})

    def copy(self) -> "Looks":
        """One that may be added to without changing this."""
        return Looks(
            self._hashes.copy(), self.places.copy(), {group: set(found) for group, found in self.splits.items()}
        )

    def add(self, look: int, place: Place) -> None:
        """Take in a sample with that perceptual hash."""
        if len(self.places) == len(self._hashes):
            self._hashes = np.concatenate([self._hashes, np.zeros_like(self._hashes)])
        self._hashes[len(self.places)] = look % 2**64
        self.places.append(place)
        self.splits.setdefault(place.group, set()).add(place.split)

    def place(self, pixels: str, *, look: int, group: str = "", split: Split | None = None) -> Place:
        """The group and split of a new picture with that `look` (its perceptual hash).

        A near duplicate joins the group it resembles. All of a group and all near duplicates share a split; a picture
        that would tie two splits together, or whose asked `split` contradicts, is in none.
        """
        near = self._near(look)
        group = group or (near[0].group if near else pixels)
        splits = {place.split for place in near} | self.splits.get(group, set()) | ({split} if split else set())
        splits.discard(Split.NONE)
        if len(splits) > 1:
            return Place(group, Split.NONE)
        return Place(group, splits.pop() if splits else split_of_group(group))

    def _near(self, look: int) -> list[Place]:
        """The places of near duplicates, the nearest first."""
        distance = np.bitwise_count(self._hashes[: len(self.places)] ^ np.uint64(look % 2**64))
        close = np.flatnonzero(distance <= NEAR)
        return [self.places[index] for index in close[np.argsort(distance[close], kind="stable")]]


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
            for number, look, group, split in session.execute(
                select(*columns).where(Sample.id > self._last).order_by(Sample.id)
            ):
                self._looks.add(look, Place(group, Split(split)))
                self._last = number
            return self._looks.copy()
