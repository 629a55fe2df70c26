"""A varied crop is still a crop: what composited before does so after, and turns and mirrors move all planes alike."""

import numpy as np
import pytest

from matting.arrays import UNKNOWN, to_float, to_uint8
from matting.training.crops import Crop
from matting.training.crops.varied import drawn_light, varied


def crop(side: int = 96) -> Crop:
    """Soft everywhere and unknown in one corner; its guess is the truth."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[:side, :side] / side
    alpha = (0.5 + 0.4 * np.sin(5 * x + 3 * y)).astype(np.float32)
    foreground, background = (
        np.stack([0.5 + 0.2 * np.sin(4 * x + phase), 0.5 + 0.2 * y, 0.3 + 0.3 * x * y], 2).astype(np.float32)
        for phase in rng.uniform(0, 6, 2)
    )
    trimap = np.zeros((side, side), np.uint8)
    trimap[-20:, -20:] = UNKNOWN
    image = to_uint8(alpha[..., None] * foreground + (1 - alpha[..., None]) * background)
    guess = np.dstack([alpha, alpha, alpha, foreground, background]).transpose(2, 0, 1)
    return Crop(image, trimap, alpha, foreground, background, guess=guess)


@pytest.mark.parametrize("seed", range(20))
def test_it_composites_and_its_guess_goes_with_it(seed: int) -> None:
    part = varied(crop(), np.random.default_rng(seed), 64)
    assert part.guess is not None and part.image.shape == (64, 64, 3)
    share = part.alpha[..., None]
    is_clipped = np.any([(colours == 0) | (colours == 1) for colours in (part.foreground, part.background)], (0, 3))
    composed = share * part.foreground + (1 - share) * part.background
    assert np.abs(composed - to_float(part.image))[~is_clipped].max(initial=0) < 0.02  # 8 bits, and resized apart
    np.testing.assert_array_equal(part.guess[:3], [part.alpha] * 3)
    np.testing.assert_array_equal(part.guess[3:].transpose(1, 2, 0), np.dstack([part.foreground, part.background]))
    assert (part.trimap == UNKNOWN).any() and set(np.unique(part.trimap)) <= {0, UNKNOWN}


def test_parts_differ_in_place_size_and_turn() -> None:
    parts = [varied(crop(), np.random.default_rng(seed), 64) for seed in range(40)]
    assert len({part.alpha.tobytes() for part in parts}) > 35  # some hit the same corner
    assert len({int((part.trimap == UNKNOWN).sum()) for part in parts}) > 10  # nearer and further


def test_light_keeps_grey_nearly_grey_and_turns_hue() -> None:
    grey, red = np.full(3, 0.5), np.array([1.0, 0, 0])
    lights = [drawn_light(np.random.default_rng(seed)) for seed in range(200)]
    greys = np.array([grey @ light for light in lights])
    assert np.ptp(np.log(greys), axis=1).max() < 0.6  # a lamp's tint, no more
    assert {int(np.argmax(red @ light)) for light in lights} == {0, 1, 2}
