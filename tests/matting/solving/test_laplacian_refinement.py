"""Settling an alpha, against its equations solved densely and against pictures whose alpha is known."""

import numpy as np
import pytest

from matting.arrays import to_float
from matting.solving import laplacian_refinement
from matting.solving.laplacian_refinement import HOLD, LEAST, near_soft, settled
from matting.solving.matting_laplacian import EPSILON


@pytest.fixture
def picture():
    """(image, trimap, alpha): a smooth edge between two plain colours, known at either side."""
    rng = np.random.default_rng(0)
    alpha = np.clip(np.linspace(-0.5, 1.5, 40) + 0.15 * np.sin(np.arange(24) / 3)[:, None], 0, 1).astype(np.float32)
    colours = alpha[..., None] * (0.9, 0.6, 0.1) + (1 - alpha[..., None]) * (0.1, 0.2, 0.7)
    trimap = np.full(alpha.shape, 128, np.uint8)
    trimap[:, :8], trimap[:, -8:] = 0, 255
    return (255 * colours + rng.uniform(0, 1, colours.shape)).astype(np.uint8), trimap, alpha


def slow_laplacian(image):
    """Equation 12 of the paper, window by window, as a dense matrix."""
    height, width = image.shape[:2]
    colours, laplacian = to_float(image).astype(float), np.zeros((height * width, height * width))
    for top in range(height - 2):
        for left in range(width - 2):
            rows, columns = np.mgrid[top : top + 3, left : left + 3].reshape(2, -1)
            window = colours[rows, columns] - colours[rows, columns].mean(0)
            covariance = window.T @ window / 9 + EPSILON / 9 * np.eye(3)
            affinity = (1 + window @ np.linalg.inv(covariance) @ window.T) / 9
            places = rows * width + columns
            laplacian[np.ix_(places, places)] += np.eye(9) - affinity
    return laplacian


def test_it_solves_its_equations(picture, monkeypatch):
    image, trimap, alpha = picture
    estimate = np.clip(alpha + np.random.default_rng(1).normal(0, 0.1, alpha.shape), 0, 1).astype(np.float32)
    estimate[:, :20] = 0  # sure, and so is all around most of it
    start = np.where(trimap == 128, estimate, trimap / 255).astype(np.float32)
    free = ((trimap == 128) & near_soft(start)).ravel()
    assert 0.3 < free.sum() / (trimap == 128).sum() < 0.8
    hold = HOLD * (LEAST + (2 * start.ravel()[free].astype(float) - 1) ** 4)
    laplacian, expected = slow_laplacian(image)[free], start.ravel().astype(float)
    wanted = hold * expected[free] - laplacian[:, ~free] @ expected[~free]
    expected[free] = np.linalg.solve(laplacian[:, free] + np.diag(hold), wanted)
    monkeypatch.setattr(laplacian_refinement, "TOLERANCE", 1e-5)
    found = settled(image, trimap, estimate)
    assert found.dtype == np.float32
    assert np.abs(found.ravel() - np.clip(expected, 0, 1)).max() < 2e-3


def test_colours_of_one_picture_tell_a_pixel_at_its_edge(picture):
    """The unknown may reach the edge of the picture, where there are fewer windows."""
    image, trimap, alpha = picture
    trimap[:, -8:] = 128
    found = settled(image, trimap, np.clip(alpha, 0.02, 0.98))
    assert np.isfinite(found).all() and np.abs(found - alpha).mean() < 0.03


def test_what_the_colours_say_comes_out_of_a_noisy_estimate(picture):
    image, trimap, alpha = picture
    noise = np.random.default_rng(1).normal(0, 0.1, alpha.shape)
    noisy = np.where(trimap == 128, np.clip(alpha + noise, 0, 1), alpha).astype(np.float32)
    assert np.abs(settled(image, trimap, noisy) - alpha).mean() < np.abs(noisy - alpha).mean() / 3
    assert np.abs(settled(image, trimap, alpha) - alpha).max() < 0.02


@pytest.mark.parametrize("kind", [0, 255])
def test_nothing_unknown_is_left_as_it_is(kind):
    trimap = np.full((8, 9), kind, np.uint8)
    assert (settled(np.zeros((8, 9, 3), np.uint8), trimap, np.full((8, 9), 0.5, np.float32)) == kind / 255).all()
