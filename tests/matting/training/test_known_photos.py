"""Photographs with a network's own earlier answers, rehearsed so that they are kept."""

import numpy as np
import pytest

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, to_float
from matting.composite import composite
from matting.training.crops.known_photos import AnsweredCrops, answered, portraits
from matting.training.synthetic import installed_photographs


def brightness(photo):
    return to_float(photo).mean(2)


def test_each_photograph_has_its_own_trimap():
    """About as wide for its height as the photograph, with sides that every network takes, and all three labels."""
    photos = [*portraits(), *installed_photographs()]
    trimaps = []
    answered(lambda photo, trimap: trimaps.append(trimap) or brightness(photo))
    assert len(trimaps) == 5
    for photo, trimap in zip(photos, trimaps, strict=False):
        assert set(np.unique(trimap)) == {BACKGROUND, UNKNOWN, FOREGROUND}
        assert all(side % 32 == 0 for side in trimap.shape)
        shapes = [shape[0] / shape[1] for shape in (photo.shape, trimap.shape)]
        assert shapes[0] == pytest.approx(shapes[1], rel=0.08)


def test_a_part_shows_the_photograph_with_the_answer_to_it():
    """The answer is the brightness: so is that of each part, but for the camera's faults."""
    photos = [(photo, alpha) for photo, alpha in answered(lambda photo, _: brightness(photo))]
    crops = AnsweredCrops(photos, size=96, seed=0)
    for number in range(8):
        crop = crops(number)
        assert np.median(np.abs(crop.alpha - brightness(crop.image))) < 0.06
        assert np.array_equal(crop.image, crops(number).image)
        again = 255 * composite(crop.foreground, crop.alpha, crop.background)
        assert np.median(np.abs(again - crop.image)) < 25
