"""Robust matting against closed forms and slow references."""

import numpy as np
import pytest
from pymatting import cf_laplacian

from matting import load_model
from matting.models.classical import robust
from tests.matting.models.classical.test_poisson import trimap_of


@pytest.mark.parametrize(("front", "behind"), [((0.9, 0.2, 0.1), (0.1, 0.3, 0.8)), ((0.3, 0.3, 0.3), (0.8, 0.8, 0.8))])
def test_between_two_plain_colours_alpha_is_exact(front, behind):
    y, x = np.mgrid[:50, :60]
    alpha = np.clip(0.5 + (x - 30) / 20 + 0.3 * np.sin(y / 5) * (np.abs(x - 30) < 9), 0, 1)
    colours = alpha[..., None] * np.array(front) + (1 - alpha[..., None]) * np.array(behind)
    found = load_model("robust")(np.rint(colours * 255).astype(np.uint8), trimap_of(alpha))
    assert np.abs(found - alpha).max() < 0.03


def farness(colour, sample, side):
    return ((sample - colour) ** 2).sum() / min(((each - colour) ** 2).sum() for each in side)


def test_best_pairs_are_those_of_plain_loops():
    random = np.random.default_rng(3)
    colours, front, behind = random.random((6, 3)), random.random((6, 5, 3)), random.random((6, 4, 3))
    alphas, trusts = robust.best_pairs(colours, front, behind)
    for pixel, colour in enumerate(colours):
        told = []
        for one in front[pixel]:
            for other in behind[pixel]:
                share = np.clip((colour - other) @ (one - other) / ((one - other) @ (one - other)), 0, 1)
                ratio = np.linalg.norm(colour - share * one - (1 - share) * other) / np.linalg.norm(one - other)
                far = farness(colour, one, front[pixel]) * farness(colour, other, behind[pixel])
                told.append((np.exp(-(ratio**2) * far / robust.SIGMA**2), share))
        best = sorted(told)[-robust.BEST :]
        assert trusts[pixel] == pytest.approx(np.mean([trust for trust, _ in best]))
        assert alphas[pixel] == pytest.approx(np.mean([share for _, share in best]))


def test_smoothing_is_a_dense_solve():
    random = np.random.default_rng(5)
    colours, first, trust = random.random((7, 8, 3)), random.random((7, 8)), random.random((7, 8))
    trimap = random.choice(np.array([0, 128, 128, 255], np.uint8), (7, 8))
    unknown = trimap.ravel() == 128
    laplacian = cf_laplacian(colours, epsilon=robust.EPSILON).toarray()
    f, a = trust.ravel(), first.ravel()
    front = robust.DATA_WEIGHT * (f * a + (1 - f) * (a > 0.5))
    behind = robust.DATA_WEIGHT * (f * (1 - a) + (1 - f) * (a <= 0.5))
    known = (trimap.ravel() == 255).astype(float)
    matrix = laplacian[np.ix_(unknown, unknown)] + np.diag((front + behind)[unknown])
    alpha = known.copy()
    alpha[unknown] = np.linalg.solve(matrix, front[unknown] - laplacian[unknown] @ known)
    assert np.abs(robust.smooth(colours, trimap, first, trust).ravel() - alpha.clip(0, 1)).max() < 1e-2


def test_samples_lie_on_the_edge_and_near():
    trimap = np.zeros((40, 60), np.uint8)
    trimap[:, 20:40] = 128
    trimap[:, 40:] = 255
    front = robust.edge_places(trimap, 255)
    assert set(front[:, 1]) == {40} and len(front) == 40
    (chosen,) = robust.nearest(front, np.array([[10, 30]]))
    assert chosen.shape == (robust.SAMPLES, 2) and chosen[0].tolist() == [10, 40]
    assert np.ptp(chosen[:, 0]) > 10  # along the edge, not only the nearest few
    trimap[:, 40:] = 128
    trimap[0, 59] = 255
    assert robust.edge_places(trimap, 255).tolist() == [[0, 59]]
