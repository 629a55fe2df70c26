"""The robot annotator on a picture small enough to know what it should do."""

import numpy as np
import pytest

from annotation.strokes.stroke import Stroke
from benchmarks.robot.hand import MISS, Exact, Person
from benchmarks.robot.led import led_by
from benchmarks.robot.pictures import Subject
from benchmarks.robot.robot import Robot
from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN

SIZE = (160, 200)


@pytest.fixture
def subject():
    """A disc with a soft edge."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    truth = np.clip(50 - np.hypot(y - 80, x - 100), 0, 1).astype(np.float32)
    return Subject("disc", np.zeros((*SIZE, 3), np.uint8), truth, np.full(SIZE, UNKNOWN, np.uint8))


class Disc:
    """In place of the network: a click selects the disc, however far the robot has come."""

    def __init__(self, truth):
        self.truth = truth

    def select(self, points):
        assert points[0].is_foreground
        return self.truth > 0.5


class Nothing:
    """In place of the network: no click finds a thing."""

    def select(self, points):
        return np.zeros(SIZE, bool)


def knowing(subject):
    """A solver that is right wherever it may decide."""
    return lambda _image, trimap: np.where(trimap == UNKNOWN, subject.truth, trimap / np.float32(255))


def half(subject):
    """A trimap that takes the disc's lower half for background."""
    trimap = np.where(subject.truth > 0.5, FOREGROUND, BACKGROUND).astype(np.uint8)
    trimap[80:] = BACKGROUND
    return trimap


def test_where_no_click_helps_a_lasso_repairs_what_is_missing(subject):
    robot = Robot(subject, half(subject), knowing(subject), Nothing())
    before = robot.solved[0]
    after = robot.step("1")
    assert robot.session.strokes[0].kind == "polygon"
    assert after < 0.15 * before
    for name in "2345":
        robot.step(name)
    assert robot.solved[0] < 0.02 * before


def test_a_missing_subject_is_clicked(subject):
    robot = Robot(subject, np.full(SIZE, BACKGROUND, np.uint8), knowing(subject), Disc(subject.truth))
    robot.step("1")
    (click,) = robot.session.strokes
    assert (click.kind, click.label) == ("start", "foreground")
    assert np.hypot(click.points[0][1] - 80, click.points[0][0] - 100) < 5
    assert robot.solved[0] == 0


def test_what_makes_it_worse_is_undone_and_not_tried_there_again(subject):
    def spiteful(_image, trimap):
        return np.where(trimap == half(subject), subject.truth * (trimap == FOREGROUND), 1 - subject.truth)

    robot = Robot(subject, half(subject), spiteful, Nothing())
    before = robot.solved[0]
    assert robot.step("1") == before
    assert robot.session.strokes[1] == Stroke("undo 1", "undo", target="1")
    assert np.array_equal(robot.session.trimap, half(subject))
    robot.step("2")
    first, second = robot.session.strokes[0], robot.session.strokes[2]
    assert (first.label, first.points) != (second.label, second.points)


def test_a_persons_clicks_and_strokes_miss_by_what_is_published_and_always_alike():
    square = np.zeros((60, 70), bool)
    square[10:50, 10:50] = True
    hand, size = Person(np.random.default_rng(1)), (400, 800)
    places = np.array([hand.place(square) for _ in range(1000)])
    assert square[places[:, 1], places[:, 0]].all()
    depth = 20 - np.abs(places - 29.5).max(axis=1)  # drawn by depth in a square, its mean is half the deepest
    assert abs(depth.mean() - 10) < 0.7
    aside = np.array([hand.click((400, 200), size) for _ in range(2000)]) - (400, 200)
    assert np.allclose(aside.std(axis=0), MISS * 800, rtol=0.06)
    assert hand.click((0, 399), (400, 800))[1] <= 399

    meant = Stroke("1", "brush", "foreground", 16, tuple((x, 200) for x in range(100, 700, 16)))
    painted = [hand.stroke(meant, size) for _ in range(200)]
    drift = np.array([np.subtract(each.points, meant.points) for each in painted])
    assert np.allclose(drift.std(axis=(0, 1)), MISS * 800 / 3, rtol=0.12)
    jumps = np.abs(np.diff(drift, axis=1)).mean()
    assert jumps < 0.7 * np.abs(drift).mean()  # a drift, not a scatter
    radii = np.array([each.radius for each in painted])
    assert radii.min() >= 13 and radii.max() <= 20 and len(set(radii)) > 4
    one, other = (Person(np.random.default_rng(7)).stroke(meant, size) for _ in range(2))
    assert one == other != meant and one.label == "foreground"
    assert Exact().stroke(meant, size) is meant and Exact().place(square) == (29, 29)


def test_led_by_the_truth_it_goes_where_the_error_is_and_presses_count(subject):
    """A lost half of the disc far from the picture's middle; elsewhere nothing is left to do."""
    robot = led_by("truth")(subject, half(subject), knowing(subject), Nothing())
    robot.begin("first")
    before = robot.solved[0]
    for name in "12345678":
        robot.step(name)
    assert robot.seen[0][1] > 80
    assert robot.solved[0] < 0.3 * before
    done = led_by("truth")(subject, half(subject), lambda _image, _trimap: subject.truth, Nothing())
    done.begin("first")
    assert done.step("1") is None
