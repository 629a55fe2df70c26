"""The uncertain places of an alpha that is soft where we made it so."""

import numpy as np

from annotation.correction.uncertainty import find_unsure
from matting.arrays import UNKNOWN


def test_the_softest_places_come_first_and_known_pixels_never():
    alpha = np.zeros((400, 600), np.float32)
    trimap = np.zeros((400, 600), np.uint8)
    for x, y, value in ((100, 100, 0.2), (300, 200, 0.5), (500, 300, 0.9)):
        alpha[y - 20 : y + 20, x - 20 : x + 20] = value
        trimap[y - 20 : y + 20, x - 20 : x + 20] = UNKNOWN
    alpha[350:390, 50:90] = 0.5
    places = find_unsure(alpha, trimap).places
    assert [(round(x, -2), round(y, -2)) for x, y in places] == [(300, 200), (100, 100), (500, 300)]


def test_a_certain_alpha_has_no_places():
    assert find_unsure(np.ones((50, 60), np.float32), np.full((50, 60), UNKNOWN, np.uint8)).places == []


def test_the_map_is_small_for_any_picture():
    alpha = np.full((3000, 4000), 0.5, np.float32)
    unsure = find_unsure(alpha, np.full((3000, 4000), UNKNOWN, np.uint8))
    assert unsure.map.shape == (384, 512)
