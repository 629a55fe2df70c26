import numpy as np
import pytest

from matting.arrays import to_float, to_uint8, to_uint16
from matting.composite import (
    blur,
    checkerboard,
    colour_background,
    composite,
    composite_stored,
    contrasting_checkerboard,
    cover,
    cutout,
)
from tests.pictures import gradient

RANDOM = np.random.default_rng(8)


def colours(*size):
    return RANDOM.random((*size, 3)).astype(np.float32)


def alphas(*size):
    alpha = RANDOM.random(size).astype(np.float32)
    alpha.ravel()[:2] = 0, 1
    return alpha


def test_the_compositing_equation():
    foreground, alpha, background = colours(6, 7), alphas(6, 7), colours(6, 7)
    result = composite(foreground, alpha, background)
    exact = alpha[..., None].astype(float) * foreground + (1 - alpha[..., None].astype(float)) * background
    assert result.dtype == np.float32
    assert np.abs(result - exact).max() < 1e-6


def test_linear_light_mixes_what_a_camera_would_measure():
    """Against the sRGB curves of IEC 61966-2-1, written here in double precision."""
    foreground, alpha, background = colours(40, 50), alphas(40, 50), colours(40, 50)
    foreground[0, :2], background[0, :2] = 1, 0  # the ends of the curve

    def light(values):
        return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)

    weight = alpha[..., None].astype(float)
    mixed = weight * light(foreground.astype(float)) + (1 - weight) * light(background.astype(float))
    exact = np.where(mixed <= 0.0031308, 12.92 * mixed, 1.055 * mixed ** (1 / 2.4) - 0.055)
    assert np.abs(composite(foreground, alpha, background, linear=True) - exact).max() < 2e-6


def test_half_white_over_black_in_light_is_grey_188():
    half = composite(
        np.ones((1, 1, 3), np.float32), np.full((1, 1), 0.5, np.float32), np.zeros((1, 1, 3), np.float32), linear=True
    )
    assert np.abs(half * 255 - 187.5).max() < 0.1


@pytest.mark.parametrize("linear", [False, True])
def test_alpha_0_and_1_give_one_of_the_two(linear):
    foreground, background = colours(9, 9), colours(9, 9)
    for value, wanted in ((0, background), (1, foreground)):
        result = composite(foreground, np.full((9, 9), value, np.float32), background, linear=linear)
        assert np.abs(result - wanted).max() < 2e-6


def test_wrong_arrays_are_named():
    with pytest.raises(ValueError, match="background must be 3 pixels high and 4 wide like its image, but is 4 high"):
        composite(colours(3, 4), alphas(3, 4), colours(4, 4))
    with pytest.raises(ValueError, match=r"foreground must be .* float32 RGB array, but got a .* uint8"):
        composite(gradient(3, 4), alphas(3, 4), colours(3, 4))


def test_a_cutout_keeps_straight_colours_and_rounded_alpha():
    foreground, alpha = colours(30, 40), alphas(30, 40)
    alpha[0, :3] = 0.4 / 255, 0.6 / 255, 254.5 / 255 + 1e-3
    rgba = cutout(foreground, alpha)
    assert rgba.dtype == np.uint8
    assert np.array_equal(rgba[..., 3], np.rint(alpha * 255))
    seen = rgba[..., 3] > 0
    assert np.array_equal(rgba[..., :3][seen], np.rint(foreground[seen] * 255))  # straight: not multiplied by alpha
    assert not rgba[~seen].any()


def test_colours_are_written_as_in_html():
    assert np.allclose(colour_background("#Ff8000", (2, 3)), np.broadcast_to([1, 128 / 255, 0], (2, 3, 3)))
    for wrong in ("red", "#fff", "#ff80000", "ff8000", "#gg0000", "", "#ff8000\n"):
        with pytest.raises(ValueError, match="is written #RRGGBB, but got"):
            colour_background(wrong, (1, 1))


@pytest.mark.parametrize(("shape", "size"), [((20, 60), (40, 40)), ((60, 20), (10, 10)), ((30, 40), (15, 20))])
def test_cover_fills_and_keeps_aspect_and_centre(shape, size):
    """A picture whose red and green are its own coordinates, so that every result pixel says where it came from."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    picture = np.dstack([y, x, 0 * x]).astype(np.uint8)
    placed = cover(picture, size) * 255
    assert placed.shape == (*size, 3)
    scale = max(size[0] / shape[0], size[1] / shape[1])
    for axis in (0, 1):
        inner = np.take(placed[..., axis], range(2, size[axis] - 2), axis=axis)
        at = (np.arange(2, size[axis] - 2) + 0.5 - size[axis] / 2) / scale + shape[axis] / 2 - 0.5
        expected = at[:, None] if axis == 0 else at[None]
        assert np.abs(inner - expected).max() <= 1.01  # rounding of the crop and of the levels


@pytest.mark.parametrize("shape", [(1, 1), (1, 20000), (20000, 1), (3, 5)])
@pytest.mark.parametrize("size", [(1, 1), (700, 900), (1, 900)])
def test_cover_of_strips_costs_no_more_than_the_result(shape, size):
    assert cover(gradient(*shape), size).shape == (*size, 3)


def test_blur_is_a_gaussian_and_keeps_constants():
    flat = np.full((50, 80, 3), (10, 100, 200), np.uint8)
    assert np.abs(blur(flat) * 255 - flat).max() < 1e-3
    step = np.zeros((200, 400, 3), np.uint8)
    step[:, 200:] = 255
    sigma = 0.03 * 400
    from scipy.special import ndtr

    expected = ndtr((np.arange(400) + 0.5 - 200) / sigma)
    assert np.abs(blur(step)[100, :, 0] - expected).max() < 0.03
    for size in ((1, 1), (1, 20000), (37, 53)):
        assert blur(gradient(*size)).shape == (*size, 3)


def test_checkerboard_squares():
    board = checkerboard((10, 12), square=3)[..., 0]
    for row in range(10):
        for column in range(12):
            assert board[row, column] == np.float32(1.0 if (row // 3 + column // 3) % 2 == 0 else 0.82)
    across = checkerboard((300, 800))[0, :, 1]
    assert 1 + np.count_nonzero(np.diff(across)) == 40
    assert to_float(gradient(2, 2)).dtype == board.dtype


@pytest.mark.parametrize("edge", [0.0, 0.3, 0.5, 0.8, 1.0])
def test_an_edge_stands_out_before_its_checkerboard(edge):
    """Both greys of the squares differ from the edge by a seventh of the whole range or more."""
    alpha = np.zeros((64, 96), np.float32)
    alpha[20:44, 20:70], alpha[24:40, 24:66] = 0.5, 1
    squares = contrasting_checkerboard(np.full((64, 96, 3), edge, np.float32), alpha)
    assert squares.shape == (64, 96, 3) and len(np.unique(squares)) == 2
    assert np.abs(squares - edge).min() > 1 / 7


@pytest.mark.parametrize(("store", "tolerance"), [(to_uint8, 0.51 / 255), (to_uint16, 0.51 / 65535)])
def test_stored_colours_are_laid_over_each_other_to_half_a_level(store, tolerance):
    foreground, alpha, background = store(colours(30, 40)), alphas(30, 40), store(colours(30, 40))
    exact = composite(to_float(foreground), alpha, to_float(background))
    result = composite_stored(foreground, alpha, background)
    assert result.dtype == foreground.dtype
    assert np.abs(to_float(result).astype(float) - exact).max() <= tolerance
