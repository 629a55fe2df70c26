"""Scribbles alone: what they select on a picture whose subject is known."""

import numpy as np
import pytest

from annotation.correction.selecting import select
from annotation.strokes.stroke import Stroke
from matting.arrays import UNKNOWN
from tests.annotation.editor.app import picture


def stroke(label, *points, radius=4):
    return Stroke(label + str(points), "brush", label, radius, points)


def test_a_stroke_inside_and_one_outside_select_the_subject():
    image, alpha, _ = picture(240, 320)
    strokes = [stroke("foreground", (130, 120), (190, 120)), stroke("background", (10, 10), (300, 20))]
    trimap = select(image, strokes)
    known = trimap != UNKNOWN
    assert (np.abs(trimap[known] / 255 - alpha[known]) < 0.5).mean() > 0.995
    assert (trimap[(alpha > 0.4) & (alpha < 0.6)] == UNKNOWN).mean() > 0.75
    assert known.mean() > 0.8


def test_the_same_scribbles_select_the_same():
    image = picture(240, 320)[0]
    strokes = [stroke("foreground", (130, 120), (190, 120)), stroke("background", (10, 10), (300, 20))]
    assert np.array_equal(select(image, strokes), select(image, strokes))


def test_undone_strokes_are_no_seeds():
    image = picture(240, 320)[0]
    wrong = stroke("foreground", (10, 200), (300, 230))
    strokes = [stroke("foreground", (130, 120), (190, 120)), stroke("background", (10, 10), (300, 20))]
    undone = [*strokes, wrong, Stroke("undo", "undo", target=wrong.id)]
    assert np.array_equal(select(image, undone), select(image, strokes))


def test_without_a_foreground_stroke_it_says_what_to_do():
    with pytest.raises(ValueError, match="Paint a foreground stroke"):
        select(picture()[0], [stroke("background", (5, 5))])
