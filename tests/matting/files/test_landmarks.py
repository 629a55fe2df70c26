"""Landmarks that look alike are those that OpenCV's own matcher pairs."""

import cv2
import numpy as np

from matting.files.likeness.landmarks import MAX_DIFFERENT_BITS, matched


def changed(rows, random):
    """The rows with a share of their bits turned, none up to a quarter."""
    turned = random.random((*rows.shape, 8)) < random.random((len(rows), 1, 1)) / 4
    return rows ^ np.packbits(turned, axis=2)[:, :, 0]


def test_landmarks_are_paired_as_opencv_pairs_them():
    """Rows come several times, each with bits turned: who is nearest to one often has a nearer one itself."""
    random = np.random.default_rng(0)
    pairs = 0
    for _ in range(30):
        scene = random.integers(0, 256, (40, 32), np.uint8)
        one, other = (changed(scene[random.integers(0, 40, random.integers(1, 150))], random) for _ in range(2))
        found = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(one, other)
        wanted = [(pair.queryIdx, pair.trainIdx) for pair in found if pair.distance <= MAX_DIFFERENT_BITS]
        mine, theirs = matched(one, other)
        assert list(zip(mine, theirs, strict=True)) == wanted
        pairs += len(wanted)
    assert pairs > 500
