"""Landmarks of a picture: places by which another picture of the same scene, or a part of it, is recognised.

ORB (Rublee et al., ICCV 2011) on the thumbnail: each landmark has a position and 256 bits that hardly change under a
turn, another size, brightness or compression; a mirrored copy shows the landmarks of the mirrored picture. Two pictures
are the same if one translation, rotation and scaling maps enough landmarks of one to those of the other.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import Image
from matting.resize import resize, within

LONG_SIDE = 256
"""The long side, in pixels, at which landmarks are found: a thumbnail's."""
MAX_LANDMARKS = 150
"""Landmarks kept per picture."""
INDEXED_LANDMARKS = 64
"""The strongest of them, by which a picture is looked up."""
WORDS_A_LANDMARK = 10
"""Words of 24 bits that each of those is filed under: with 16 bits, six times as many pictures shared one by chance."""
MIN_AGREEING_WORDS = 4
"""Pictures are compared if at least this many words agree …"""
MAX_COMPARED = 2
"""… and at most this many pictures."""
MAX_DIFFERENT_BITS = 64
"""Two landmarks look alike if at most this many of their 256 bits differ."""
TOLERANCE_PIXELS = 4.0
"""How far, in pixels, a landmark may lie from its expected place."""
SAME_LANDMARKS = 10
"""This many agreeing landmarks show the same scene; pictures of different scenes had at most seven."""
MAYBE_LANDMARKS = 8
"""This many leave it open."""
MIN_SPAN = 0.05
"""The share of a picture that they must span: a logo or a date in two photos does not make them copies."""
EDGE_PIXELS = 15
"""No landmark is looked for this near to an edge."""
UNSORTED_PICTURES = 64
"""This many new pictures are searched one by one before they are sorted in with the others."""

Entry = np.dtype([("x", np.uint8), ("y", np.uint8), ("bits", np.uint8, 32)])


def landmarks(image: Image) -> tuple[bytes, bytes]:
    """The landmarks of an (H, W, 3) picture and of its mirror image, the strongest first, 34 bytes each.

    A smooth picture and a narrow strip have none.
    """
    grey = cv2.cvtColor(resize(image, within(image.shape[:2], LONG_SIDE)), cv2.COLOR_RGB2GRAY)
    if min(grey.shape) <= 2 * EDGE_PIXELS:  # OpenCV fails at the narrowest
        return b"", b""
    orb = cv2.ORB.create(nfeatures=MAX_LANDMARKS, edgeThreshold=EDGE_PIXELS, fastThreshold=5)
    points, bits = orb.detectAndCompute(grey, None)
    if not points:
        return b"", b""
    mirrored = [mirror(point, grey.shape[1]) for point in points]  # finding them again would take a long time
    return packed(points, bits), packed(*orb.compute(np.ascontiguousarray(grey[:, ::-1]), mirrored))


def mirror(point: cv2.KeyPoint, width: int) -> cv2.KeyPoint:
    """The same landmark in the mirror image of a picture of that `width`."""
    x, y = point.pt
    return cv2.KeyPoint(width - 1 - x, y, point.size, (180 - point.angle) % 360, point.response, point.octave)


def packed(points: Sequence[cv2.KeyPoint], bits: NDArray[Any]) -> bytes:
    """Points and their bits as one row of bytes, the strongest first."""
    found = np.zeros(len(points), Entry)
    places = np.clip(np.rint([point.pt for point in points]), 0, LONG_SIDE - 1)
    found["x"], found["y"], found["bits"] = places[:, 0], places[:, 1], bits
    strongest = np.argsort([-point.response for point in points], kind="stable")[:MAX_LANDMARKS]
    return found[strongest].tobytes()


def agreement(one: bytes, other: bytes) -> int:
    """How many landmarks of two pictures agree on one translation, rotation and scaling.

    SAME_LANDMARKS or more show the same scene, MAYBE_LANDMARKS or more may. Fewer are not counted, nor are those that
    span too little.
    """
    first, second = np.frombuffer(one, Entry), np.frombuffer(other, Entry)
    if min(len(first), len(second)) < MAYBE_LANDMARKS:
        return 0
    mine, theirs = matched(first["bits"], second["bits"])
    if len(mine) < MAYBE_LANDMARKS:
        return 0
    here, there = positions(first[mine]), positions(second[theirs])
    motion, agreeing = cv2.estimateAffinePartial2D(
        here, there, method=cv2.RANSAC, ransacReprojThreshold=TOLERANCE_PIXELS, maxIters=500
    )
    if motion is None or int(agreeing.sum()) < MAYBE_LANDMARKS:
        return 0
    chosen = agreeing.ravel().astype(bool)
    span = max(spanned(here[chosen], positions(first)), spanned(there[chosen], positions(second)))
    return int(agreeing.sum()) if span >= MIN_SPAN else 0


def matched(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which landmarks are each other's nearest and look alike, by their bits (N, 32): their places in both.

    As OpenCV's BFMatcher with crossCheck, in less than half the time.
    """
    left, right = (np.ascontiguousarray(bits).view(np.uint64) for bits in (one, other))
    differing = np.zeros((len(left), len(right)), np.uint16)
    for part in range(left.shape[1]):
        differing += np.bitwise_count(left[:, part, None] ^ right[None, :, part])
    theirs, back, rows = differing.argmin(axis=1), differing.argmin(axis=0), np.arange(len(left))
    mine = np.flatnonzero((back[theirs] == rows) & (differing[rows, theirs] <= MAX_DIFFERENT_BITS))
    return mine, theirs[mine]


def positions(entries: NDArray[np.void]) -> NDArray[np.float32]:
    """(N, 2) x and y."""
    return np.stack([entries["x"], entries["y"]], axis=1).astype(np.float32)


def spanned(some: NDArray[np.float32], every: NDArray[np.float32]) -> float:
    """The area around `some` points as a share of that around all of the picture's."""
    return float(cv2.contourArea(cv2.convexHull(some)) / max(1.0, cv2.contourArea(cv2.convexHull(every))))


class LandmarkIndex:
    """Finds the pictures that may show the scene of another: 5 KB per picture, about a millisecond per lookup."""

    def __init__(self, words: NDArray[np.uint32] | None = None, owners: NDArray[np.int32] | None = None) -> None:
        self._words = np.zeros(0, np.uint32) if words is None else words
        """Sorted, each with its owner. These arrays are never changed, only replaced."""
        self._owners = np.zeros(0, np.int32) if owners is None else owners
        self._recent: list[tuple[NDArray[np.uint32], int]] = []

    def copy(self) -> "LandmarkIndex":
        """A copy that can grow without changing this one."""
        other = LandmarkIndex(self._words, self._owners)
        other._recent = self._recent.copy()
        return other

    def add(self, owner: int, found: bytes) -> None:
        """File the picture number `owner` under its landmarks."""
        if found:
            self._recent.append((words_of(found), owner))
        if len(self._recent) == UNSORTED_PICTURES:
            words, owners = self._last()
            order = np.argsort(words, kind="stable")
            places = np.searchsorted(self._words, words[order], "right")
            self._words = np.insert(self._words, places, words[order])
            self._owners = np.insert(self._owners, places, owners[order])
            self._recent = []

    def alike(self, found: bytes) -> list[int]:
        """The pictures that share the most landmarks with these, at most MAX_COMPARED."""
        if not found:
            return []
        asked = words_of(found)
        votes = np.bincount(np.concatenate([self._filed(asked), *self._of_recent(asked)]))
        enough = np.flatnonzero(votes >= MIN_AGREEING_WORDS)
        return [int(owner) for owner in enough[np.argsort(-votes[enough], kind="stable")[:MAX_COMPARED]]]

    def _filed(self, asked: NDArray[np.uint32]) -> NDArray[np.int32]:
        """The owners of those words among the sorted ones, once for each word they share."""
        starts, ends = (np.searchsorted(self._words, asked, side) for side in ("left", "right"))
        counts = ends - starts
        begun = np.cumsum(counts) - counts  # where each word's owners begin among all of them
        owners: NDArray[np.int32] = self._owners[np.arange(counts.sum()) + np.repeat(starts - begun, counts)]
        return owners

    def _of_recent(self, asked: NDArray[np.uint32]) -> Iterator[NDArray[np.int32]]:
        """The same among those added last."""
        if self._recent:
            words, owners = self._last()
            nearest = asked[np.minimum(np.searchsorted(asked, words), len(asked) - 1)]
            yield owners[nearest == words]

    def _last(self) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
        """The words of those added last, and the owner of each."""
        counts = [len(words) for words, _ in self._recent]
        owners = np.repeat(np.array([owner for _, owner in self._recent], np.int32), counts)
        return np.concatenate([words for words, _ in self._recent]), owners


def words_of(found: bytes) -> NDArray[np.uint32]:
    """What a picture is filed under: WORDS_A_LANDMARK numbered words of each of its strongest landmarks."""
    bits = np.frombuffer(found, Entry)["bits"][:INDEXED_LANDMARKS]
    low, middle, high = (
        bits[:, : 3 * WORDS_A_LANDMARK].reshape(len(bits), WORDS_A_LANDMARK, 3).astype(np.uint32).transpose(2, 0, 1)
    )
    return np.unique(low | middle << 8 | high << 16 | np.arange(WORDS_A_LANDMARK, dtype=np.uint32) << 24)
