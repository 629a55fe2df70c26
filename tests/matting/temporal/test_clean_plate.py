"""What a picture of the empty background changes."""

import numpy as np

from matting.temporal.clean_plate import with_plate
from tests.matting.temporal.moving_disc import disc


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
