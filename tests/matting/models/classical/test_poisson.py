"""Poisson matting against closed forms and a slow reference."""

import numpy as np
import pytest

from matting import load_model
from matting.models.classical import poisson


def trimap_of(alpha):
    return np.where(alpha <= 0, 0, np.where(alpha >= 1, 255, 128)).astype(np.uint8)


@pytest.mark.parametrize(("front", "behind"), [(0.9, 0.1), (0.2, 0.7), (0.75, 0.5)])
def test_between_two_plain_colours_alpha_is_exact(front, behind):
    """I = αF + (1 - α)B with constant F and B: the gradient is exact, whatever shape alpha has."""
    y, x = np.mgrid[:40, :60]
    alpha = np.clip(0.5 + (x - 30) / 30 + 0.3 * np.sin(y / 5) * (np.abs(x - 30) < 12), 0, 1)
    grey = alpha * front + (1 - alpha) * behind
    trimap = trimap_of(alpha)
    difference = np.full(alpha.shape, front - behind)
    assert np.abs(poisson.solve_poisson(grey, difference, trimap) - alpha).max() < 1e-9
    image = np.repeat(np.rint(grey * 255).astype(np.uint8)[..., None], 3, axis=2)
    found = load_model("poisson")(image, trimap)
    assert np.abs(found - alpha).max() < 0.06  # what 256 levels leave over, and pixels that count as opaque


def test_against_a_slow_reference():
    """Every neighbour by itself, and a dense solve."""
    random = np.random.default_rng(4)
    grey, difference = random.random((6, 7)), random.uniform(0.3, 1, (6, 7))
    trimap = random.choice(np.array([0, 128, 128, 255], np.uint8), (6, 7))
    places = [tuple(place) for place in np.argwhere(trimap == 128)]
    matrix, right = np.zeros((len(places), len(places))), np.zeros(len(places))
    for row, (y, x) in enumerate(places):
        for other in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
            if not (0 <= other[0] < 6 and 0 <= other[1] < 7):
                continue
            step = (grey[other] - grey[y, x]) * (1 / difference[other] + 1 / difference[y, x]) / 2
            matrix[row, row] += 1
            right[row] -= step
            if other in places:
                matrix[row, places.index(other)] -= 1
            else:
                right[row] += trimap[other] == 255
    found = poisson.solve_poisson(grey, difference, trimap)
    assert np.allclose(found[trimap == 128], np.linalg.solve(matrix, right), atol=1e-9)
    assert np.array_equal(found[trimap != 128], trimap[trimap != 128] / 255)


def test_nearest_and_contrast():
    grey = np.arange(30, dtype=float).reshape(5, 6)
    known = np.zeros((5, 6), bool)
    known[0, 0] = known[4, 5] = True
    found = poisson.nearest(grey, known)
    for (y, x), value in np.ndenumerate(found):
        assert value == (0 if np.hypot(y, x) < np.hypot(4 - y, 5 - x) else 29) or np.hypot(y, x) == np.hypot(
            4 - y, 5 - x
        )
    assert np.allclose(poisson.contrast(np.full((9, 9), -0.3)), -0.3)
    assert np.all(np.abs(poisson.contrast(np.full((9, 9), 1e-6))) == poisson.LEAST_DIFFERENCE)


def test_without_any_contrast_alpha_is_still_between_what_is_known():
    image = np.full((30, 40, 3), 120, np.uint8)
    trimap = np.repeat(np.array([0, 128, 255], np.uint8), [10, 20, 10])[None].repeat(30, axis=0)
    alpha = load_model("poisson")(image, trimap)
    assert np.allclose(alpha[:, 10:30], np.arange(1, 21) / 21, atol=1e-5)
