import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as arrays

from matting.arrays import check_alpha, check_image, check_trimap, to_float, to_uint8, to_uint16


@given(arrays.arrays(np.uint8, arrays.array_shapes(max_dims=3)))
def test_uint8_survives_the_crossing(stored):
    assert np.array_equal(to_uint8(to_float(stored)), stored)


def test_every_uint16_survives_the_crossing():
    stored = np.arange(65536, dtype=np.uint16)
    assert np.array_equal(to_uint16(to_float(stored)), stored)


def test_rounds_instead_of_truncating():
    values = np.random.default_rng(0).random(100_000, np.float32)
    assert abs((to_uint8(values) / 255 - values).mean()) < 1e-5  # truncation gives -0.5 / 255


def test_inputs_are_named_in_refusals():
    with pytest.raises(
        ValueError, match=r"image must be a \(H, W, 3\) uint8 RGB array, but got a \(4, 5\) uint8 array"
    ):
        check_image(np.zeros((4, 5), np.uint8))
    with pytest.raises(ValueError, match="also holds 127"):
        check_trimap(np.full((4, 5), 127, np.uint8))
    with pytest.raises(ValueError, match="4 pixels high and 5 wide like its image, but is 5 high and 4 wide"):
        check_trimap(np.zeros((5, 4), np.uint8), (4, 5))
    with pytest.raises(ValueError, match="ranges from"):
        check_alpha(np.full((2, 2), np.nan, np.float32))
    with pytest.raises(ValueError, match="but got None"):
        check_image(None)
