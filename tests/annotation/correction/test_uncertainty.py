"""Where a stroke helps most: where alpha is left open, or a second opinion contradicts it, but not what is settled."""

import numpy as np
import pytest

from annotation.correction.uncertainty import find_unsure, predicted_error
from annotation.strokes.stroke import Stroke
from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN
from matting.resize import resize

SIZE = (400, 600)


@pytest.fixture
def scene():
    """A photo, the alpha of a square, and a trimap that is unknown along its edge."""
    alpha = np.zeros(SIZE, np.float32)
    alpha[100:300, 200:400] = 1
    trimap = np.where(alpha > 0, FOREGROUND, BACKGROUND).astype(np.uint8)
    trimap[95:305, 195:405] = UNKNOWN
    trimap[105:295, 205:395] = FOREGROUND
    return np.zeros((*SIZE, 3), np.uint8), alpha, trimap


def agreeing(alpha):
    """A solver that gives `alpha`, at whatever size it is asked, and mirrored as it is asked."""

    def solve(image, trimap):
        return np.ascontiguousarray(resize(alpha, trimap.shape)[:, ::-1])

    return solve


def rounded(places):
    return [(round(x, -1), round(y, -1)) for x, y in places]


def test_what_is_left_open_comes_first_where_the_second_opinion_agrees(scene):
    image, alpha, trimap = scene
    for x, value in ((230, 0.2), (300, 0.5), (370, 0.9)):
        alpha[95:105, x - 5 : x + 5] = value
    places = find_unsure(image, alpha, trimap, agreeing(alpha)).places
    assert rounded(places)[:3] == [(300, 100), (230, 100), (370, 100)]


def test_where_sure_pixels_near_the_band_are_contradicted_comes_before(scene):
    """A hole of the subject just inside the band, and a lost part just outside: the trimap calls both sure."""
    image, alpha, trimap = scene
    other = alpha.copy()
    other[190:210, 380:394], other[190:202, 180:194] = 0, 1
    assert (trimap[190:210, 380:394] == FOREGROUND).all() and (trimap[190:202, 180:194] == BACKGROUND).all()
    places = find_unsure(image, alpha, trimap, agreeing(other)).places
    assert rounded(places) == [(390, 200), (190, 200)]


@pytest.mark.parametrize("does", ["", "erase"])
def test_what_a_person_painted_is_settled_until_it_is_undone(scene, does):
    image, alpha, trimap = scene
    other = alpha.copy()
    other[190:210, 380:394] = 0
    solve = agreeing(other)
    line = ((387, 185), (387, 215))
    stroke = Stroke("1", "brush", "unknown" if does else "foreground", 20, line, does=does)
    assert find_unsure(image, alpha, trimap, solve, [stroke]).places == []
    undone = [stroke, Stroke("2", "undo", target="1")]
    assert rounded(find_unsure(image, alpha, trimap, solve, undone).places) == [(390, 200)]
    unknown = Stroke("1", "brush", "unknown", 20, line)  # the solver still decides there
    assert find_unsure(image, alpha, trimap, solve, [unknown]).places != []


def test_a_place_at_the_border_is_found(scene):
    image, alpha, trimap = scene
    trimap[200:240, :30] = UNKNOWN
    alpha[200:240, :10] = 0.5
    ((x, y), *_) = find_unsure(image, alpha, trimap, agreeing(alpha)).places
    assert x < 15 and 200 <= y < 240


def test_nothing_is_asked_where_nothing_can_be_solved(scene):
    def never(image, trimap):
        raise AssertionError("there is nothing to solve from")

    image, alpha, _ = scene
    blank = np.full(SIZE, UNKNOWN, np.uint8)
    assert find_unsure(image, np.ones(SIZE, np.float32), blank, never).places == []
    sure = np.where(alpha > 0, FOREGROUND, BACKGROUND).astype(np.uint8)
    assert find_unsure(image, alpha, sure, never).places == []


def test_a_subject_too_thin_to_doubt_is_judged_with_the_band_as_it_is(scene):
    image, alpha, trimap = scene
    trimap[trimap == FOREGROUND] = UNKNOWN
    trimap[200, 300:320] = FOREGROUND
    asked = []

    def solve(image, trimap):
        asked.append(trimap)
        return np.full(trimap.shape, 0.5, np.float32)

    predicted_error(image, alpha, trimap, solve)
    assert len(asked) == 1 and (asked[0] == FOREGROUND).any()


def test_the_map_is_small_for_any_picture():
    trimap = np.full((3000, 4000), UNKNOWN, np.uint8)
    unsure = find_unsure(np.zeros((3000, 4000, 3), np.uint8), np.full(trimap.shape, 0.5, np.float32), trimap, None)
    assert unsure.map.shape == (384, 512)
