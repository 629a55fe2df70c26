"""What a stroke may hold."""

import pytest

from annotation.strokes.stroke import Stroke, from_wire, seconds_spent, to_wire


@pytest.mark.parametrize("time", [-1, 2**53, 10**400, 1.5, True, "1", None])
def test_a_time_that_is_no_moment_is_refused(time):
    with pytest.raises(ValueError, match=r"^a stroke needs a time of 0 to 9007199254740991, but got .{1,80}$"):
        Stroke("a", "brush", points=((1, 1),), time=time)


def test_times_are_added_up_over_their_whole_range():
    strokes = [Stroke(str(time), "brush", points=((1, 1),), time=time) for time in (0, 2**53 - 1, 5)]
    assert seconds_spent(strokes, longest_pause=60) == 60


EARLIER = ("id", "kind", "label", "radius", "target", "time", "author", "points")
"""All that version 0.1 reads of a stroke."""


def test_earlier_versions_read_a_stroke_that_changes_the_alpha_as_an_unknown_one():
    stroke = Stroke("a", "brush", points=((1, 2), (3, 5)), radius=4, does="alpha", value=200)
    wire = to_wire(stroke)
    assert from_wire(wire) == stroke
    assert from_wire({name: wire[name] for name in EARLIER}) == Stroke("a", "brush", "unknown", 4, stroke.points)
    assert set(to_wire(Stroke("a", "brush", points=((1, 2),)))) == set(EARLIER)  # as before


@pytest.mark.parametrize("wrong", [{"does": "blur"}, {"kind": "polygon"}, {"label": "foreground"}, {"value": 256}])
def test_what_changes_the_alpha_is_a_known_brush(wrong):
    right = {"id": "a", "kind": "brush", "label": "unknown", "points": [1, 1], "does": "alpha", "value": 255}
    from_wire(right)
    with pytest.raises(ValueError, match="but got"):
        from_wire({**right, **wrong})
