"""Photographs with a network's own earlier answers, rehearsed so that they are kept."""

from collections import Counter

import numpy as np
import pytest
from safetensors.torch import save_file

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, to_float, to_uint8
from matting.composite import composite
from matting.files import write_image
from matting.training.crops.compose import ComposedCrops
from matting.training.crops.crop_sources import SyntheticCrops
from matting.training.crops.known_photos import AnsweredCrops, answered, portraits
from matting.training.labels.doubts import Doubtful
from matting.training.sources import open_sources
from matting.training.synthetic import installed_photographs, synthesise
from tests.matting.training.tiny import SMALL, TINY, Tiny


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
    """The answer is what is bright: so is that of each part, but for the camera's faults."""

    def bright(photo):
        return np.clip(8 * (brightness(photo) - 0.5) + 0.5, 0, 1)

    crops = AnsweredCrops(answered(lambda photo, _: bright(photo)), size=96, seed=0)
    for number in range(3):
        crop = crops(number)
        assert np.median(np.abs(crop.alpha - bright(crop.image))) < 0.1
        again = 255 * composite(crop.foreground, crop.alpha, crop.background)
        assert np.median(np.abs(again - crop.image)) < 25


def test_of_the_rehearsal_crops_half_are_photographs(tmp_path, monkeypatch):
    for kind, name in ((ComposedCrops, "own"), (SyntheticCrops, "generated"), (AnsweredCrops, "photograph")):
        monkeypatch.setattr(kind, "__call__", lambda _, number, name=name: name)
    scene = synthesise(1, (96, 96))
    for folder, picture in (("fg", scene.foreground), ("alpha", scene.alpha)):
        write_image(tmp_path / folder / "a.png", to_uint8(picture))
    save_file(Tiny().state_dict(), tmp_path / "start.safetensors")
    options = {"synthetic": 0.5, "cached": 1, "cache": tmp_path, "start": tmp_path / "start.safetensors"}
    sources = open_sources(tmp_path, TINY, SMALL, doubtful=Doubtful.KEEP, **options)
    counts = Counter(sources.crops(number) for number in range(1000))
    assert 430 < counts["own"] < 570 and 200 < counts["photograph"] < 300 and 200 < counts["generated"] < 300
    assert Counter(sources.rehearsal) == {"generated": 8, "photograph": 8}
