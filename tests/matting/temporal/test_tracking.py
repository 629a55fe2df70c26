"""An alpha carried along the motion of a disc whose alpha is known."""

import numpy as np

from matting.temporal.tracking import Tracker
from tests.matting.temporal.moving_disc import disc


def test_an_alpha_is_carried_along_with_what_moves():
    tracker, start = Tracker(), disc((48, 40))
    assert tracker.step(start[0]) is None
    tracker.take_newest()
    tracker.learn(start[1])
    for column in range(42, 61, 2):
        frame, truth = disc((48, column))
        carried = tracker.step(frame)
    error, held = np.abs(carried - truth).mean(), np.abs(start[1] - truth).mean()
    assert error < 0.2 * held


def test_a_late_answer_is_laid_on_the_newest_frame():
    tracker, start = Tracker(), disc((48, 40))
    tracker.step(start[0])
    tracker.take_newest()
    for column in (43, 46, 49):
        frame, truth = disc((48, column))
        tracker.step(frame)
    tracker.learn(start[1])
    assert np.abs(tracker.shown() - truth).mean() < 0.2 * np.abs(start[1] - truth).mean()


def test_many_sizes_one_after_another_are_followed():
    tracker, random = Tracker(), np.random.default_rng(0)
    for size in random.integers(16, 500, (60, 2)):
        for _ in range(3):
            tracker.step(random.integers(0, 256, (*size, 3), dtype=np.uint8))
            tracker.take_newest()
            tracker.learn(np.zeros(size, np.float32))
        assert tracker.step(np.zeros((*size, 3), np.uint8)).shape == tuple(size)


def test_a_change_of_size_forgets_the_alpha():
    tracker, start = Tracker(), disc((48, 40))
    tracker.step(start[0])
    tracker.take_newest()
    tracker.learn(start[1])
    assert tracker.step(np.zeros((64, 64, 3), np.uint8)) is None
