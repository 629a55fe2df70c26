"""Where coarse alphas disagree: MobileSAM's mask, against drawn shapes and generated subjects of known alpha."""

import numpy as np
import pytest

from matting import load_model
from matting.arrays import to_uint8
from matting.models.auto import agreed_mask as module
from matting.models.auto.agreed_mask import agreed_mask, deep_points, overlap, soft_edged
from matting.models.auto.model import AutoModel
from matting.training.synthetic import installed_photographs, synthesise
from matting.weights import WeightsError

SIZE = (448, 576)


def disc(x, y, radius, size=(60, 80)):
    rows, columns = np.mgrid[: size[0], : size[1]]
    return ((columns - x) ** 2 + (rows - y) ** 2 <= radius**2).astype(np.float32)


def scene(number, kind):
    made = synthesise([901, number], SIZE, photographs=installed_photographs(), kind=kind)
    return to_uint8(np.clip(made.composite(), 0, 1)), made.alpha


def test_points_are_the_middles_of_what_is_certain():
    left, right = disc(20, 30, 12), disc(30, 30, 12)
    points = list(deep_points([left, right]))
    assert [tuple(point) for point in points] == [(20, 30, True), (30, 30, True), (25, 30, True)]


def test_the_border_counts_as_an_edge():
    """Of a thing that the picture cuts off, a point by the border would be the deepest."""
    (point, _) = deep_points([disc(0, 30, 25)])
    assert 5 < point.x < 20


def test_no_point_where_nothing_is_certain():
    assert list(deep_points([np.full((9, 9), 0.5, np.float32)])) == []
    assert agreed_mask(np.zeros((9, 9, 3), np.uint8), [np.full((9, 9), 0.5, np.float32)]) is None


def test_overlap_of_halves():
    mask = np.zeros((4, 4), bool)
    mask[:2] = True
    assert overlap(mask, np.ones((4, 4), np.float32)) == 0.5
    assert overlap(mask, np.full((4, 4), 0.5, np.float32)) == pytest.approx(4 / 12)
    assert overlap(np.zeros((4, 4), bool), np.zeros((4, 4), np.float32)) == 0


@pytest.mark.parametrize(("number", "kind"), [(0, "solid"), (18, "fair hair"), (45, "fur"), (6, "curls")])
def test_a_thing_that_one_alpha_touches_is_found_whole(number, kind, mobile_sam):
    """Both alphas are wrong: one is a third of the subject, one lies half beside it."""
    image, truth = scene(number, kind)
    inside = np.argwhere(truth > 0.9)
    y, x = np.median(inside, axis=0)
    part = truth * disc(x, y, 0.33 * np.sqrt(len(inside)), SIZE)
    beside = np.roll(truth, 60, axis=1)
    found = agreed_mask(image, [part, beside])
    alpha = soft_edged(found.mask, image)
    wrong = [float(np.abs(guess - truth).sum()) for guess in (part, beside)]
    assert np.abs(alpha - truth).sum() < 0.5 * min(wrong)


def test_without_the_weights_what_stands_out_is_taken_and_in_doubt(monkeypatch, modnet):
    def missing(image):
        raise WeightsError("mobile_sam.pt cannot be obtained")

    monkeypatch.setattr(module, "Selector", missing)
    image, _ = scene(0, "solid")
    choice = AutoModel().choose(image)
    assert not choice.is_sure
    assert np.array_equal(choice.alpha, load_model("u2netp")(image))
