"""The appearances of samples, for finding copies of a picture and the split it belongs to."""

import hashlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from annotation.store.tables.samples import Answer, DoubtfulCopy, Landmarks, Sample, Split
from matting.arrays import Image
from matting.files.likeness import MAYBE_NEAR_BITS, NEAR_BITS, Appearance
from matting.files.likeness.landmarks import MAYBE_LANDMARKS, SAME_LANDMARKS, LandmarkIndex, agreement

SALT = "matting-dataset"
SHARES = {Split.TEST: 0.1, Split.VALIDATION: 0.1}
"""The share of the groups that each split takes; the rest is for training. Changing it moves no stored sample."""
BITS = {split: 1 << number for number, split in enumerate(Split)}


def pixels_digest(image: Image) -> str:
    """The sha256 of the decoded pixels and their shape: the same for the same picture in any lossless file."""
    return hashlib.sha256(b"%d,%d," % image.shape[:2] + image.tobytes()).hexdigest()


def split_of_group(group: str) -> Split:
    """The split a new group belongs to, by its hash: adding other groups never changes it."""
    share = int.from_bytes(hashlib.sha256(f"{SALT}:{group}".encode(errors="surrogatepass")).digest()[:4], "big") / 2**32
    for split, part in SHARES.items():
        if share < part:
            return split
        share -= part
    return Split.TRAIN


def common_split(splits: set[Split], group: str) -> Split:
    """The split of a picture of that `group`: the one of `splits`, NONE if there are several, by its hash if none."""
    splits = splits - {Split.NONE}
    if len(splits) > 1:
        return Split.NONE
    return splits.pop() if splits else split_of_group(group)


@dataclass(frozen=True)
class Place:
    """The group and split of a new sample."""

    group: str
    split: Split
    twins: tuple[int, ...] = ()
    """The samples of which it may be a copy, by their place in the index: a person decides."""
    otherwise: Split | None = None
    """The split it would have without its twins."""


Read: TypeAlias = Callable[[list[int]], dict[int, bytes]]
"""The landmarks of samples, by their numbers."""


class AppearanceIndex:
    """The hashes, groups, splits and landmarks of samples: about 6 KB each, most of it for looking up landmarks."""

    def __init__(self) -> None:
        self._hashes = np.zeros(1024, np.uint64)
        self._groups: list[str] = []
        self._splits: list[Split] = []
        self._splits_of: dict[str, int] = {}
        """The splits of each group, one bit each."""
        self._index = LandmarkIndex()
        self._numbers: list[int] = []
        """The samples' numbers; 0 while a sample is not stored yet."""
        self._waiting: dict[int, bytes] = {}
        """The landmarks of samples not stored yet, by their place in the lists."""

    def copy(self) -> "AppearanceIndex":
        """A copy that can grow without changing this one."""
        other = AppearanceIndex()
        other._hashes, other._index = self._hashes.copy(), self._index.copy()
        other._groups, other._splits, other._numbers = self._groups.copy(), self._splits.copy(), self._numbers.copy()
        other._splits_of, other._waiting = self._splits_of.copy(), self._waiting.copy()
        return other

    def add(self, own_hash: int, found: bytes, place: Place, *, number: int = 0) -> None:
        """Add a sample with that perceptual hash and those landmarks."""
        if len(self._groups) == len(self._hashes):
            self._hashes = np.concatenate([self._hashes, np.zeros_like(self._hashes)])
        self._hashes[len(self._groups)] = own_hash % 2**64
        self._index.add(len(self._groups), found)
        if not number:
            self._waiting[len(self._groups)] = found
        self._groups.append(place.group)
        self._splits.append(place.split)
        self._splits_of[place.group] = self._splits_of.get(place.group, 0) | BITS[place.split]
        self._numbers.append(number)

    def stored(self, numbers: list[int]) -> None:
        """Note that the samples added last, and their landmarks, are stored under those numbers."""
        self._numbers[len(self._numbers) - len(numbers) :] = numbers
        self._waiting.clear()

    def numbers_of(self, places: Iterable[int]) -> list[int]:
        """The numbers of samples, which are all stored, by their place in the lists."""
        return [self._numbers[place] for place in places]

    def place(
        self, pixels: str, appearance: Appearance, read: Read, *, group: str = "", split: Split | None = None
    ) -> Place:
        """The group and split of a new picture with that appearance; `read` gives the landmarks of stored samples.

        A copy joins the group of the picture it resembles. A group, its copies, and pictures that may be copies share
        one split. A picture that would connect two splits, or contradict the wanted `split`, is in none.
        """
        near, twins = self._near(appearance, read)
        group = group or (self._groups[near[0]] if near else pixels)
        twins = [index for index in twins if self._groups[index] != group]
        grouped = self._splits_of.get(group, 0)
        splits = {self._splits[index] for index in near} | {one for one, bit in BITS.items() if grouped & bit}
        splits |= {split} if split else set()
        safe = splits | {self._splits[index] for index in twins}
        return Place(group, common_split(safe, group), tuple(twins), common_split(splits, group))

    def _near(self, appearance: Appearance, read: Read) -> tuple[list[int], list[int]]:
        """(samples that are copies of that picture or of a part of it, nearest first; samples that may be)."""
        known = self._hashes[: len(self._groups)]
        distances = [np.bitwise_count(known ^ np.uint64(one % 2**64)) for one in appearance.hashes]
        distance = np.min(distances, axis=0)
        close = np.flatnonzero(distance <= NEAR_BITS)
        near = [int(index) for index in close[np.argsort(distance[close], kind="stable")]]
        open_to_doubt = np.flatnonzero((distance > NEAR_BITS) & (distance <= MAYBE_NEAR_BITS))
        twins = [int(index) for index in open_to_doubt]
        alike = [
            (index, found)
            for found in (appearance.landmarks, appearance.mirrored)
            for index in self._index.alike(found)
        ]
        stored = read([self._numbers[index] for index, _ in alike if index not in self._waiting])
        for index, found in alike:
            other = self._waiting.get(index) or stored.get(self._numbers[index], b"")
            agreeing = agreement(found, other)
            if index not in near and agreeing >= MAYBE_LANDMARKS:
                (near if agreeing >= SAME_LANDMARKS else twins).append(index)
        return near, [index for index in dict.fromkeys(twins) if index not in near]


class Appearances:
    """The appearances of all samples, in memory. Only new rows are read, until a person decides about a copy."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = self._decided = 0
        self._current = AppearanceIndex()
        self.is_complete = False
        """Whether every sample added by an older version has its landmarks."""

    def current(self, session: Session) -> AppearanceIndex:
        """A copy of the index of all stored samples. Call it inside `writing`, so that none is added meanwhile."""
        columns = (Sample.id, Sample.appearance, Sample.group, Sample.split, Landmarks.content)
        decisions = select(func.count()).select_from(DoubtfulCopy).where(DoubtfulCopy.answer != Answer.OPEN)
        with self._lock:
            if (decided := session.scalar(decisions) or 0) != self._decided:  # groups and splits may have changed
                self._last, self._decided, self._current = 0, decided, AppearanceIndex()
            added = select(*columns).outerjoin(Landmarks).where(Sample.id > self._last).order_by(Sample.id)
            for number, own_hash, group, split, found in session.execute(added.execution_options(yield_per=1000)):
                self._current.add(own_hash, found or b"", Place(group, Split(split)), number=number)
                self._last = number
            return self._current.copy()
