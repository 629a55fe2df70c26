import numpy as np
import pytest

from matting.arrays import to_float, to_uint8
from matting.resize import resize
from matting.solving.guided_upsampling import _fit, guided_upsample
from tests.hair import hairs

RANDOM = np.random.default_rng(4)


def literal_fit(alpha, guide, radius, epsilon):
    """Eq. 14, 15 and 18 of the paper, window by window, borders mirrored as the windows leave the picture."""
    height, width = alpha.shape
    spread = ((radius, radius), (radius, radius))

    def windows(planes):
        padded = np.pad(planes, (*spread, *((0, 0),) * (planes.ndim - 2)), mode="symmetric")
        for row in range(height):
            for column in range(width):
                yield row, column, padded[row : row + 2 * radius + 1, column : column + 2 * radius + 1]

    slope, offset = np.zeros((height, width, 3)), np.zeros((height, width))
    both = np.dstack([guide, alpha[..., None]]).astype(float)
    for row, column, window in windows(both):
        colours, values = window[..., :3].reshape(-1, 3), window[..., 3].ravel()
        centred = colours - colours.mean(axis=0)
        covariance = centred.T @ centred / len(values) + epsilon * np.eye(3)
        slope[row, column] = np.linalg.solve(covariance, centred.T @ (values - values.mean()) / len(values))
        offset[row, column] = values.mean() - slope[row, column] @ colours.mean(axis=0)
    averaged = np.zeros((height, width, 4))
    for row, column, window in windows(np.dstack([slope, offset])):
        averaged[row, column] = window.mean(axis=(0, 1))
    return averaged[..., :3], averaged[..., 3]


@pytest.mark.parametrize(("radius", "epsilon"), [(1, 1e-2), (4, 1e-4), (3, 1e-3)])
def test_the_fit_equals_the_paper_window_by_window(radius, epsilon):
    guide = RANDOM.random((14, 11, 3)).astype(np.float32)
    alpha = RANDOM.random((14, 11)).astype(np.float32)
    marked = np.zeros(alpha.shape, np.uint8)
    marked[2:9, 1:8] = marked[12, 10] = 1
    fitted = _fit(alpha, guide, radius, epsilon, marked)
    literal_slope, literal_offset = literal_fit(alpha, guide, radius, epsilon)
    for rows, columns in ((slice(1, 10), slice(0, 9)), (slice(11, 14), slice(9, 11))):
        assert np.abs(fitted[..., :3] - literal_slope)[rows, columns].max() < 2e-3
        assert np.abs(fitted[..., 3] - literal_offset)[rows, columns].max() < 2e-3


def test_an_alpha_that_is_a_colour_comes_back_sharp():
    """Where alpha is an affine function of the photo, the photo gives it back at full resolution."""
    truth = np.zeros((160, 160), np.float32)
    truth[:, 82:] = 1
    image = np.dstack([to_uint8(0.2 + 0.6 * truth)] * 3)
    small = resize(truth, (40, 40))
    upsampled = guided_upsample(small, image)
    assert np.abs(upsampled - truth).max() < 0.05
    assert np.abs(resize(small, (160, 160)) - truth).max() > 0.4


@pytest.mark.parametrize("shrink", [3, 4, 6])
def test_hair_comes_back_better_than_by_bilinear_enlarging(shrink):
    image, truth = hairs(480, 480)
    small = resize(truth, (480 // shrink, 480 // shrink))
    guided = np.abs(guided_upsample(small, image) - truth).sum()
    bilinear = np.abs(resize(small, truth.shape) - truth).sum()
    assert guided < 0.1 * bilinear  # measured: 0.02 to 0.03


def test_the_certain_stays_certain_whatever_the_photo_shows():
    noise = RANDOM.integers(0, 256, (90, 120, 3), dtype=np.uint8)
    for value in (0, 1):
        assert np.all(guided_upsample(np.full((30, 40), value, np.float32), noise) == value)


@pytest.mark.parametrize("size", [(1, 1), (7, 200), (20, 30), (37, 53), (160, 240)])
def test_windows_that_are_not_solved_are_not_missed(size, monkeypatch):
    image = RANDOM.integers(0, 256, (*size, 3), dtype=np.uint8)
    alpha = np.zeros((32, 48), np.float32)
    alpha[8:20, 10:30] = RANDOM.random((12, 20))
    some = guided_upsample(alpha, image)
    monkeypatch.setattr(
        "matting.solving.guided_upsampling._at_size", lambda places, full, small: np.ones(small, np.uint8)
    )
    assert np.array_equal(some, guided_upsample(alpha, image))


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1), (37, 53), (20, 30)])
def test_any_size_in_range_and_inputs_untouched(size):
    image = RANDOM.integers(0, 256, (*size, 3), dtype=np.uint8)
    alpha = RANDOM.random((32, 48)).astype(np.float32)
    before = image.copy(), alpha.copy()
    result = guided_upsample(alpha, image)
    assert result.shape == size
    assert result.dtype == np.float32
    assert 0 <= result.min() <= result.max() <= 1
    assert np.array_equal(before[0], image)
    assert np.array_equal(before[1], alpha)
    assert to_float(image).shape == (*size, 3)
