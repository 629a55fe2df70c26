"""Smoothing and tracking in time, against sequences whose answer is known."""

import weakref

import numpy as np
import pytest

from matting.metrics import dtssd
from matting.models.base import Model
from matting.temporal.clean_plate import with_plate
from matting.temporal.tracking import Tracker
from matting.video import SMOOTHINGS, follow, follow_items, smooth_causal, smooth_delayed


def sequence(values):
    return [np.full((4, 4), value, np.float32) for value in values]


def still(count, size=(4, 4)):
    return [np.full((*size, 3), 90, np.uint8)] * count


def smoothed(smooth, frames, alphas):
    """The values of uniform alphas after `smooth`."""
    return [alpha[0, 0] for _, alpha in smooth(zip(frames, alphas, strict=True), lambda frame: frame)]


def test_one_frames_outlier_becomes_the_mean_of_its_neighbours():
    values = [0.9, 0.9, 0.2, 0.96, 0.96]
    assert np.allclose(smoothed(smooth_delayed, still(5), sequence(values)), [0.9, 0.9, 0.93, 0.96, 0.96])


def test_a_real_change_is_left_alone():
    values = [0.0, 0.0, 0.5, 1.0, 1.0]
    assert np.allclose(smoothed(smooth_delayed, still(5), sequence(values)), values)


def test_short_videos_keep_their_length():
    for count in range(4):
        assert len(smoothed(smooth_delayed, still(count), sequence([0.3] * count))) == count


def test_still_places_flicker_less_and_moving_ones_follow_at_once():
    flicker = np.random.default_rng(0).normal(0.5, 0.1, 40).clip(0, 1)
    steady = smoothed(smooth_causal, still(40), sequence(flicker))
    assert np.std(steady[10:]) < 0.4 * np.std(flicker[10:])
    moving = [np.full((4, 4, 3), 40 * number % 256, np.uint8) for number in range(6)]
    values = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0]
    assert np.allclose(smoothed(smooth_causal, moving, sequence(values)), values)


class Brightness(Model):
    """The red channel as alpha."""

    name = "brightness"

    def estimate(self, image, trimap):
        return image[..., 0] / 255


def test_following_reads_frames_as_it_goes():
    taken = []

    def frames():
        for number in range(100):
            taken.append(number)
            yield np.full((4, 4, 3), number, np.uint8)

    alphas = follow(frames(), Brightness(), smoothing="both")
    next(alphas)
    assert len(taken) <= 6


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_frames_that_were_given_are_let_go(smoothing):
    alive = weakref.WeakSet()

    class Held:
        """A frame that can be watched."""

        def __init__(self):
            self.image = np.zeros((4, 4, 3), np.uint8)
            alive.add(self)

    for _ in follow_items((Held() for _ in range(40)), lambda held: held.image, Brightness(), smoothing=smoothing):
        assert len(alive) <= 8


def test_frames_of_another_size_are_named():
    frames = [np.zeros((4, 6, 3), np.uint8), np.zeros((4, 5, 3), np.uint8)]
    with pytest.raises(ValueError, match="6 × 4 pixels, like the first, but frame 1 is 5 × 4"):
        list(follow(frames, Brightness(), smoothing="none"))


def test_dtssd_is_the_root_mean_square_error_of_the_change():
    truth = sequence([0.0, 0.0, 0.0])
    assert dtssd(sequence([0.5, 0.5, 0.5]), truth) == 0  # wrong, but steady
    assert dtssd(sequence([0.0, 0.1, 0.0]), truth) == pytest.approx(100 * 0.2 / 3)
    with pytest.raises(ValueError):
        dtssd(sequence([0.0]), truth)


def disc(centre, size=(96, 128), *, inside=True):
    """A textured disc on a textured wall, and its alpha."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    texture = np.random.default_rng(0).integers(0, 90, (200, 200, 3))
    wall = texture[rows, columns]
    inside = inside * ((rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < 24**2)
    skin = texture[rows - centre[0] + 100, columns - centre[1] + 100] + 140
    return np.where(inside[..., None] > 0, skin, wall).astype(np.uint8), inside.astype(np.float32)


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


def test_an_empty_background_takes_debris_away_and_leaves_the_subject():
    empty, _ = disc((48, 64), inside=False)
    frame, truth = disc((48, 64))
    noise = np.random.default_rng(1).normal(0, 3, frame.shape)
    frame = np.clip(frame + noise, 0, 255).astype(np.uint8)
    rough = truth.copy()
    rough[5:25, 5:25] = 0.8  # debris on the wall
    better = with_plate(rough, frame, empty)
    assert better[8:22, 8:22].max() < 0.7 * 0.8
    assert np.abs(better - truth).mean() < np.abs(rough - truth).mean()
    assert better[truth == 1].min() > 0.95
