import importlib
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import numba
import numpy as np
import pytest
from scipy.sparse import csc_matrix

from benchmarks.generated.photo import hair_photo
from matting.arrays import to_float
from matting.models import MODELS, load_model
from matting.models.base import impose
from matting.models.classical import knn
from matting.models.classical.compiling import READY, warm_up
from matting.models.classical.solvers import SOLVERS, ClosedForm, SharedMatting
from matting.solving.pymatting_calls import call

NAMES = [solver.name for solver in SOLVERS]

BOUNDS = {  # mean and largest difference to the plain call (docs/design/solvers.md), when no region is cut
    "shared": (0.003, 0.3),
    "closed-form": (1e-4, 1e-3),
    "knn": (0.01, 0.2),
    "learning-based": (1e-4, 1e-3),
    "lkm": (1e-4, 1e-3),
    "random-walk": (0.01, 0.2),  # its plain call stops before it has converged
}


@pytest.fixture(scope="module")
def photo():
    return hair_photo(240, 320)


@pytest.fixture(scope="module")
def patch(photo):
    """The photo with all but two separate patches of its hair known: the plain call would be solving mostly nothing."""
    trimap = np.where(photo.alpha >= 0.5, 255, 0).astype(np.uint8)
    for rows, columns in ((slice(20, 50), slice(145, 175)), (slice(210, 230), slice(150, 166))):
        trimap[rows, columns] = photo.trimap[rows, columns]
    return photo.image[:, 96:224], trimap[:, 96:224]


def plain(solver, image, trimap):
    return call(solver.function, to_float(image).astype(np.float64), trimap / 255)


@pytest.mark.parametrize("name", NAMES)
def test_boxes_change_alpha_no_more_than_stated(name, patch, monkeypatch):
    image, trimap = patch
    solver = MODELS[name]()
    monkeypatch.setattr(solver, "whole", 0)
    monkeypatch.setattr(solver, "needs", replace(solver.needs, margin=64))
    assert sum(box.area for box in solver.needs.boxes(trimap)) < trimap.size
    unknown = trimap == 128
    difference = np.abs(solver(image, trimap) - plain(solver, image, trimap))[unknown]
    mean, largest = BOUNDS[name]
    assert difference.mean() <= mean and difference.max() <= largest


@pytest.mark.parametrize("name", ["shared", "closed-form"])
def test_exact_solves_the_whole_picture(name, patch, monkeypatch):
    monkeypatch.setattr(MODELS[name], "whole", 0)
    monkeypatch.setattr(MODELS[name], "needs", replace(MODELS[name].needs, largest=1))
    assert len(MODELS[name].needs.boxes(patch[1])) > 1
    assert np.array_equal(MODELS[name](exact=True)(*patch), impose(plain(MODELS[name], *patch), patch[1]))


@pytest.mark.parametrize("name", ["shared", "knn"])
def test_small_pictures_give_exactly_the_plain_alpha(name, patch):
    solver = MODELS[name]()
    assert np.array_equal(solver(*patch), impose(plain(solver, *patch), patch[1]))


@pytest.mark.parametrize(("solver", "mean"), [(SharedMatting, 0.01), (ClosedForm, 0.01)])
def test_cutting_a_band_costs_little(solver, mean, photo, monkeypatch):
    monkeypatch.setattr(solver, "whole", 0)
    monkeypatch.setattr(solver, "needs", replace(solver.needs, largest=12_000, margin=24))
    assert len(solver.needs.boxes(photo.trimap)) > 1
    unknown = photo.trimap == 128
    whole, cut = plain(solver, photo.image, photo.trimap), solver()(photo.image, photo.trimap)
    assert 0 < np.abs(cut - whole)[unknown].mean() <= mean
    errors = [np.abs(alpha - photo.alpha)[unknown].mean() for alpha in (whole, cut)]
    assert errors[1] < 1.1 * errors[0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (7, 3), (50, 50)])
def test_every_size_is_solved(name, size):
    random = np.random.default_rng(0)
    image = random.integers(0, 256, (*size, 3), np.uint8)
    trimap = random.choice(np.array([0, 128, 255], np.uint8), size)
    trimap.flat[0] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        alpha = load_model(name)(image, trimap)
    assert alpha.shape == size and np.isfinite(alpha).all()


@pytest.mark.parametrize("name", [*NAMES, "knn-unknown", "poisson", "median", "gca-studio", "studio"])
def test_what_is_not_known_is_said_and_never_guessed(name, capfd):
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    model = load_model(name)
    known = np.zeros((20, 30), np.uint8)
    known[5:9] = 255
    for all_known in (known, np.zeros_like(known), np.full_like(known, 255)):
        assert np.array_equal(model(image, all_known), all_known / np.float32(255))
    without = {kind: np.where(known == kind, 128, known).astype(np.uint8) for kind in (0, 255)}
    single = np.full((20, 30), 128, np.uint8)
    single[3, 3] = 255
    for trimap, words in (
        (without[255], "no known foreground,"),
        (without[0], "no known background,"),
        (single, "no known background,"),
        (255 - single, "no known foreground,"),
        (np.full((20, 30), 128, np.uint8), "no known foreground nor background,"),
    ):
        with pytest.raises(ValueError, match=f"the trimap holds {words}"):
            model(image, np.where(trimap == 127, 128, trimap).astype(np.uint8))
    with pytest.raises(ValueError, match="needs a trimap"):
        model(image)
    assert capfd.readouterr() == ("", "")


def test_a_hole_far_from_any_background_is_still_seen(monkeypatch):
    monkeypatch.setattr(SharedMatting, "whole", 0)
    image = np.full((300, 300, 3), (200, 30, 30), np.uint8)
    image[:, 280:], image[140:150, 50:60] = (30, 30, 200), (115, 30, 115)  # the hole is half covered
    trimap = np.full((300, 300), 255, np.uint8)
    trimap[:, 280:], trimap[135:155, 45:65] = 0, 128
    alpha = load_model("shared")(image, trimap)
    assert np.abs(alpha[143:147, 53:57] - 0.5).max() < 0.2


def test_sessions_at_once_get_their_own_alphas(patch):
    image, trimap = patch
    model = load_model("shared")
    turned = image[::-1].copy(), trimap[::-1].copy()
    expected = model(image, trimap), model(*turned)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda index: model(*((image, trimap), turned)[index % 2]), range(4)))
    for index, alpha in enumerate(found):
        assert np.array_equal(alpha, expected[index % 2])


def test_a_long_call_holds_up_no_other(patch, monkeypatch):
    image, trimap = patch
    arrays = to_float(image).astype(np.float64), trimap / 255
    call("estimate_alpha_sm", *arrays)  # only then it is known whose threads numba runs on
    if numba.threading_layer() == "workqueue":
        pytest.skip("numba has only its own threads here, which take one call at a time")
    begun, may_end = Event(), Event()

    def endless(*_):
        begun.set()
        return may_end.wait(60)

    monkeypatch.setitem(vars(importlib.import_module("pymatting")), "estimate_alpha_endless", endless)
    with ThreadPoolExecutor(1) as threads:
        long = threads.submit(call, "estimate_alpha_endless", *arrays)
        assert begun.wait(60)
        call("estimate_alpha_sm", *arrays)
        assert not long.done()
        may_end.set()
        assert long.result()


def test_pymatting_prints_nothing(capfd):
    warm_up()
    with pytest.raises(ValueError, match="insufficient positive-definiteness"):
        importlib.import_module("pymatting").ichol(csc_matrix(np.array([[1.0, 2.0], [2.0, 1.0]])), shifts=[0.0])
    assert capfd.readouterr() == ("", "")


def test_warming_up_says_when_it_is_done():
    warm_up()
    assert READY.is_set()


def slow_knn(image, trimap):
    """The equations of knn_alpha pixel by pixel: brute-force neighbours, a dense direct solve."""
    colours, places = image.reshape(-1, 3) / 255, np.indices(trimap.shape).reshape(2, -1).T / 800
    kinds = trimap.ravel()
    unknown = np.flatnonzero(kinds == 128)
    weights = np.zeros((kinds.size, kinds.size))
    for count, far in ((20, 2.0), (10, 0.1)):
        features = np.hstack([colours, far * places])
        for pixel in unknown:
            for other in np.argsort(((features - features[pixel]) ** 2).sum(axis=1))[:count]:
                weights[pixel, other] += 1
                weights[other, pixel] += 1
    weights[:, kinds != 128] *= 2  # a known pixel chose nobody, and is taken to return the choice
    system = np.diag(weights[unknown].sum(axis=1)) - weights[np.ix_(unknown, unknown)]
    alpha = (kinds == 255).astype(float)
    alpha[unknown] = np.linalg.solve(system, weights[np.ix_(unknown, kinds == 255)].sum(axis=1))
    return alpha.reshape(trimap.shape)


def test_knn_of_the_unknown_solves_its_equations(monkeypatch):
    monkeypatch.setattr(knn, "TOLERANCE", 1e-10)
    random = np.random.default_rng(3)
    image = random.integers(0, 256, (18, 23, 3), np.uint8)
    trimap = np.repeat(np.array([0, 128, 255], np.uint8), [8, 9, 6])[None].repeat(18, axis=0)
    found = knn.knn_alpha(image, trimap)
    assert found[trimap == 128].std() > 0.05
    assert np.abs(found - slow_knn(image, trimap)).max() < 1e-6


@pytest.mark.parametrize("size", [(1, 2), (1, 40), (3, 3)])
def test_knn_of_the_unknown_where_neighbours_are_few(size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    trimap = np.full(size, 128, np.uint8)
    assert np.isnan(knn.knn_alpha(image, trimap)).sum() == 0
    trimap.flat[0] = 255
    assert (knn.knn_alpha(image, trimap) >= 0.5 - 1e-6).all()


def test_knn_of_the_unknown_is_about_as_right_as_knn(photo):
    unknown = photo.trimap == 128
    errors = {name: np.abs(load_model(name)(photo.image, photo.trimap) - photo.alpha)[unknown].mean() for name in (
        "knn", "knn-unknown")}  # fmt: skip
    assert errors["knn-unknown"] < 1.2 * errors["knn"]
