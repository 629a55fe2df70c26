"""Frames between looked-at ones, against scenes whose alpha is known."""

import numpy as np
import pytest

from matting.temporal.interpolation import Looked, between, by_twos
from tests.matting.temporal.moving_disc import disc


def scene(column, *, inside=True):
    """A disc half as high as the picture, and its alpha: what `disc` draws, three times as large."""
    return tuple(
        np.kron(some, np.ones((3, 3, 1)[: some.ndim], some.dtype)) for some in disc((48, column), inside=inside)
    )


@pytest.mark.parametrize(("count", "looked"), [(0, []), (1, [0]), (2, [0, 1]), (3, [0, 2]), (6, [0, 2, 4, 5])])
def test_the_first_every_other_and_the_last_are_looked_at(count, looked):
    taken = list(by_twos(range(count)))
    assert [some[-1] for some in taken] == looked
    assert [frame for some in taken for frame in some] == list(range(count))


def test_a_moving_subject_is_found_between_its_places():
    before, (now, truth), after = Looked(*scene(54)), scene(55), Looked(*scene(56))
    held = np.abs((before.alpha + after.alpha) / 2 - truth).mean()
    assert np.abs(between(before, now, after) - truth).mean() < 0.3 * held


@pytest.mark.parametrize("after", [scene(100), scene(30, inside=False)], ids=["a leap", "a cut"])
def test_where_both_sides_disagree_nothing_is_said(after):
    assert between(Looked(*scene(30)), scene(65)[0], Looked(*after)) is None


def test_motion_is_not_searched_on_thin_strips():
    strip = Looked(np.zeros((32, 400, 3), np.uint8), np.zeros((32, 400), np.float32))
    assert between(strip, strip.frame, strip) is None
