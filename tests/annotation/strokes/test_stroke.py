"""What a stroke may hold."""

import pytest

from annotation.strokes.stroke import Stroke, seconds_spent


@pytest.mark.parametrize("time", [-1, 2**53, 10**400, 1.5, True, "1", None])
def test_a_time_that_is_no_moment_is_refused(time):
    with pytest.raises(ValueError, match=r"^a stroke needs a time of 0 to 9007199254740991, but got .{1,80}$"):
        Stroke("a", "brush", points=((1, 1),), time=time)


def test_times_are_added_up_over_their_whole_range():
    strokes = [Stroke(str(time), "brush", points=((1, 1),), time=time) for time in (0, 2**53 - 1, 5)]
    assert seconds_spent(strokes, longest_pause=60) == 60
