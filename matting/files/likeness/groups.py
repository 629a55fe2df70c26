"""Which of some pictures are copies of one another, or parts of one another."""

from collections.abc import Sequence

import numpy as np

from matting.files.likeness.appearance import NEAR_BITS, Appearance
from matting.files.likeness.landmarks import SAME_LANDMARKS, LandmarkIndex, agreement


def copies(pictures: Sequence[Appearance]) -> list[tuple[int, int]]:
    """Pairs of indices into `pictures` that show one picture, the smaller index first."""
    index, found = LandmarkIndex(), list[tuple[int, int]]()
    own = np.array([picture.hashes[0] % 2**64 for picture in pictures], np.uint64)
    for place, picture in enumerate(pictures):
        forms = np.array([one % 2**64 for one in picture.hashes], np.uint64)
        distances = np.bitwise_count(own[:place, None] ^ forms).min(1, initial=64)
        near = set(np.flatnonzero(distances <= NEAR_BITS).tolist())
        for marks in (picture.landmarks, picture.mirrored):
            alike = [other for other in index.alike(marks) if other not in near]
            near.update(other for other in alike if agreement(marks, pictures[other].landmarks) >= SAME_LANDMARKS)
        index.add(place, picture.landmarks)
        found += [(other, place) for other in sorted(near)]
    return found
