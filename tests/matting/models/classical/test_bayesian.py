"""Bayesian matting against closed forms and a slow reference."""

import numpy as np
import pytest

from matting import load_model
from matting.models.classical import bayesian
from tests.matting.models.classical.test_poisson import trimap_of


@pytest.mark.parametrize(("front", "behind"), [((0.9, 0.2, 0.1), (0.1, 0.3, 0.8)), ((0.3, 0.3, 0.3), (0.8, 0.8, 0.8))])
def test_between_two_plain_colours_alpha_is_exact(front, behind):
    y, x = np.mgrid[:40, :60]
    alpha = np.clip(0.5 + (x - 30) / 20 + 0.3 * np.sin(y / 5) * (np.abs(x - 30) < 9), 0, 1)
    colours = alpha[..., None] * np.array(front) + (1 - alpha[..., None]) * np.array(behind)
    found = load_model("bayesian")(np.rint(colours * 255).astype(np.uint8), trimap_of(alpha))
    assert np.abs(found - alpha).max() < 0.01


def test_clusters_are_numpys_means_and_covariances():
    random = np.random.default_rng(1)
    tight = random.normal(0.5, 0.005, (1, 40, 3))  # too alike to be split
    two = np.concatenate([random.normal(0.2, 0.01, (1, 15, 3)), random.normal(0.8, 0.01, (1, 25, 3))], axis=1)
    weights = random.uniform(0.1, 1, (1, 40))
    whole = bayesian.clusters(tight, weights)
    assert whole.weight.round(9).tolist() == [[1, 0]]
    covariance = np.cov(tight[0].T, aweights=weights[0], ddof=0) + bayesian.NOISE_VARIANCE * np.eye(3)
    assert np.allclose(whole.mean[0, 0], np.average(tight[0], axis=0, weights=weights[0]))
    assert np.allclose(whole.inverse[0, 0], np.linalg.inv(covariance))
    split = bayesian.clusters(two, weights)
    dark = weights[0, :15].sum() / weights.sum()
    assert sorted(split.weight[0]) == pytest.approx(sorted([dark, 1 - dark]))
    assert sorted(split.mean[0].mean(axis=1)) == pytest.approx([0.2, 0.8], abs=0.02)


def test_a_pair_maximises_the_published_likelihood():
    """The colours solve the published 6 x 6 system, and neither they nor alpha can be moved to a likelier place."""
    random = np.random.default_rng(2)
    colours, front, behind = random.random((5, 3)), random.random((5, 3)), random.random((5, 3))
    inverse = [np.linalg.inv(0.01 * np.eye(3) + 0.02 * np.outer(each, each)) for each in random.random((10, 3))]
    front_inverse, behind_inverse = np.array(inverse[:5]), np.array(inverse[5:])
    foreground, background, alpha, likelihood = bayesian.solve_pair(
        colours, front, front_inverse, behind, behind_inverse
    )

    def likeliness(pixel, one, other, share):
        left = colours[pixel] - share * one - (1 - share) * other
        told = -left @ left / bayesian.NOISE_VARIANCE
        for mean, matrix, found in ((front, front_inverse, one), (behind, behind_inverse, other)):
            told -= (found - mean[pixel]) @ matrix[pixel] @ (found - mean[pixel])
        return told

    for pixel in range(5):
        best = likeliness(pixel, foreground[pixel], background[pixel], alpha[pixel])
        assert likelihood[pixel] == pytest.approx(best)
        for _ in range(50):
            moved = np.clip(alpha[pixel] + random.normal(0, 0.01), 0, 1)
            assert likeliness(pixel, foreground[pixel], background[pixel], moved) <= best + 1e-9
            step = random.normal(0, 0.05, (2, 3))  # the colours belong to the alpha of the round before
            assert (
                likeliness(pixel, foreground[pixel] + step[0], background[pixel] + step[1], alpha[pixel]) < best + 0.1
            )


def test_what_lies_deep_in_the_unknown_is_found_from_what_was_found_before():
    alpha = np.clip((np.mgrid[:9, :120][1] - 20) / 80, 0, 1)
    colours = alpha[..., None] * np.array([0.9, 0.1, 0.1]) + (1 - alpha[..., None]) * np.array([0.1, 0.1, 0.9])
    found = load_model("bayesian")(np.rint(colours * 255).astype(np.uint8), trimap_of(alpha))
    assert np.abs(found - alpha).max() < 0.02
