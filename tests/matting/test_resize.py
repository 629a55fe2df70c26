import cv2
import numpy as np
import pytest

from matting.resize import pad_to_multiple, resize, resize_at, scaled_size, within

RANDOM = np.random.default_rng(2)


@pytest.mark.parametrize("shape", [(12, 18), (12, 18, 1), (12, 18, 3), (12, 18, 4)])
@pytest.mark.parametrize("depth", [np.uint8, np.uint16, np.float32])
def test_shrinking_by_whole_numbers_is_the_mean_of_the_blocks(shape, depth):
    array = (RANDOM.random(shape) * 250).astype(depth)
    small = resize(array, (4, 9))
    mean = array.reshape(4, 3, 9, 2, *shape[2:]).mean(axis=(1, 3))
    assert small.dtype == depth
    assert small.shape == (4, 9, *shape[2:])
    assert np.abs(small - mean).max() <= (0.51 if depth != np.float32 else 1e-4)


@pytest.mark.parametrize("size", [(1280, 854), (999, 700), (4000, 2600)])
def test_means_stay_within_what_they_are_means_of(size):
    """OpenCV alone gives 1.0000001 for the first size, which is no alpha."""
    alpha = np.zeros((3837, 2560), np.float32)
    alpha[1000:] = 1
    resized = resize(alpha, size)
    assert resized.min() == 0 and resized.max() == 1


def test_enlarging_is_bilinear_between_pixel_centres():
    row = np.array([[0.0, 1.0, 0.0]], np.float32)
    at = (np.arange(12) + 0.5) / 4 - 0.5
    assert np.allclose(resize(row, (1, 12)), np.interp(at, [0, 1, 2], row[0]), atol=1e-6)


def test_the_order_of_the_arguments_reaches_opencv():
    """cv2.resize(array, size, INTER_AREA) would silently be bilinear: every other column of stripes would be lost."""
    stripes = np.tile(np.array([0, 255], np.uint8), (64, 32))
    assert np.ptp(resize(stripes, (16, 16))) <= 1
    assert np.ptp(cv2.resize(stripes, (16, 16), interpolation=cv2.INTER_LINEAR)) <= 255


def test_labels_stay_labels():
    trimap = RANDOM.choice(np.array([0, 128, 255], np.uint8), (31, 17))
    for size in ((5, 9), (62, 34), (1, 1), (40, 3)):
        assert set(np.unique(resize(trimap, size, smooth=False))) <= {0, 128, 255}
    assert np.array_equal(resize(trimap, (62, 34), smooth=False), trimap.repeat(2, 0).repeat(2, 1))


def test_the_same_size_is_a_copy_and_views_are_welcome():
    array = RANDOM.random((9, 7, 3)).astype(np.float32)
    same = resize(array, (9, 7))
    assert np.array_equal(same, array)
    assert not np.shares_memory(same, array)
    view = array[::-1, ::-2]
    assert np.array_equal(resize(view, (20, 20)), resize(np.ascontiguousarray(view), (20, 20)))


@pytest.mark.parametrize("size", [(1, 1), (1, 20000), (20000, 1), (37, 53), (4000, 3000), (512, 512), (100, 3000)])
def test_sizes_fit_the_stride_and_the_aspect(size):
    height, width = scaled_size(size, 512, multiple_of=32, longest=2048)
    assert height % 32 == width % 32 == 0
    assert 32 <= min(height, width) <= 512
    assert max(height, width) <= 2048
    if max(size) <= 4 * min(size):
        assert min(height, width) == 512
        assert abs(height / size[0] / (width / size[1]) - 1) <= 0.5 * (32 / 512) + 1e-9


@pytest.mark.parametrize("shape", [(5, 7), (1, 1), (40, 90, 4)])
def test_single_pixels_are_enlarged_as_the_whole_is(shape):
    array = RANDOM.random(shape).astype(np.float32)
    places = np.sort(RANDOM.choice(90 * 400, 5000, replace=False))
    whole = resize(array, (90, 400)).reshape(-1, *shape[2:])
    assert np.allclose(resize_at(array, (90, 400), places), whole[places], atol=1e-5)
    assert resize_at(array, (90, 400), places[:0]).shape == (0, *shape[2:])


def test_within_only_shrinks():
    assert within((300, 400), 1000) == (300, 400)
    assert within((3000, 4000), 1000) == (750, 1000)
    assert within((1, 20000), 100) == (1, 100)


@pytest.mark.parametrize("shape", [(1, 1), (5, 33, 3), (64, 32), (1, 70)])
def test_padding_mirrors_and_cropping_undoes_it(shape):
    array = RANDOM.integers(0, 256, shape, dtype=np.uint8)
    padded = pad_to_multiple(array, 32)
    assert padded.shape[0] % 32 == padded.shape[1] % 32 == 0
    assert padded.shape[0] - shape[0] < 32
    assert np.array_equal(padded[: shape[0], : shape[1]], array)
    if padded.shape[1] > shape[1]:
        assert np.array_equal(padded[: shape[0], shape[1]], array[:, -1])
