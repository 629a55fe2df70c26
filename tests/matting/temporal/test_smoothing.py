"""Smoothing in time, and following a video with it, against sequences whose answer is known."""

import weakref

import numpy as np
import pytest

from matting.models.base import Model
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
