"""Models of published networks: a file as its authors saved it, placed by hand, gives alpha from a trimap."""

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from annotation.transfer.licences import is_non_commercial
from annotation.ui.cut_out.edge_controls import model_choices
from matting import MODELS, load_model, models
from matting.__main__ import app
from matting.arrays import UNKNOWN
from matting.models.published.fba import FBAModel
from matting.models.published.mgmatting import MGMattingModel
from matting.weights import WEIGHTS, WeightsError, folders
from tests.matting.networks.seeded import seeded_picture

FILES = {
    "indexnet": lambda state: {
        "state_dict": {f"module.{name}": value for name, value in state.items()},
        "measure": {"sad": [np.mean([45.0, 46.0])]},
    },
    "dim": lambda state: {
        "best_sad": np.float64(52.9),
        "state_dict": {name: state[name] for name in state if "refine_" not in name},
    },
    "fba": lambda state: state,
    "mematte-small": lambda state: {
        "model": state | {"teacher_backbone.pos_embed": torch.zeros(1, 197, 384)},
        "iteration": 43100,
    },
    "mgmatting": lambda state: {"iter": 7, "state_dict": {f"module.{name}": value for name, value in state.items()}},
}
"""What the authors' files hold, from the network's parameters."""


@pytest.fixture(scope="module", params=FILES)
def model(request, tmp_path_factory):
    """The model of a file with random weights; nothing else is in the weights folder."""
    name, patch = request.param, pytest.MonkeyPatch()
    patch.setattr(folders, "FOLDER", tmp_path_factory.mktemp("weights"))
    torch.manual_seed(3)
    network = MODELS[name].build()
    patch.setattr("matting.networks.weights_file._keep", lambda *_: None)  # a copy that later calls would read
    torch.save(FILES[name](network.state_dict()), WEIGHTS[name].path)
    models.load_published.cache_clear()
    yield load_model(name)
    models.load_published.cache_clear()
    patch.undo()


def test_an_official_file_gives_alpha_from_a_trimap(model, monkeypatch):
    image, trimap = seeded_picture(70, 90)
    before = image.copy(), trimap.copy()
    alpha = model(image, trimap)
    assert np.array_equal(image, before[0]) and np.array_equal(trimap, before[1])
    unknown = trimap == UNKNOWN
    assert np.array_equal(alpha[~unknown], trimap[~unknown] / 255)
    assert 0 <= alpha[unknown].min() < alpha[unknown].max() <= 1
    monkeypatch.setattr(model, "is_exact", True)
    assert np.abs(model(image, trimap) - alpha).max() < 1e-5  # one region is all of so small a picture


@pytest.mark.parametrize("size", [(1, 1), (2, 45), (33, 31)])
@pytest.mark.parametrize("label", [0, UNKNOWN, 255])
def test_any_size_and_trimaps_of_one_label(model, size, label):
    alpha = model(seeded_picture(*size)[0], np.full(size, label, np.uint8))
    assert alpha.shape == size and np.isfinite(alpha).all()
    if label != UNKNOWN:
        assert (alpha == label / 255).all()


@pytest.mark.parametrize("name", FILES)
def test_without_its_file_one_sentence_says_how_to_get_it(name, monkeypatch, tmp_path):
    monkeypatch.setattr(folders, "FOLDER", tmp_path)
    models.load_published.cache_clear()
    record = WEIGHTS[name]
    with pytest.raises(WeightsError) as told:
        load_model(name)
    assert str(told.value) == f"{record.file} must be placed by hand at {record.path}: get it from {record.by_hand}"
    monkeypatch.setenv("COLUMNS", "2000")
    listed = CliRunner().invoke(app, ["models"]).output
    assert f"{record.file}: place it by hand, from {record.by_hand}" in listed and record.licence in listed
    assert is_non_commercial(record.licence) and record.code_licence and record.data


@pytest.mark.parametrize("is_exact", [True, False])
def test_the_colours_of_fba_are_put_together_as_its_alpha_is(is_exact, monkeypatch):
    """A network that answers with what it sees: colours come back where the trimap is unknown, whole or by regions."""
    model = FBAModel.__new__(FBAModel)
    model.is_exact = is_exact
    monkeypatch.setattr(FBAModel, "context_pixels", 8)

    def network(image, known, **_):
        return [np.concatenate([known[:, :1] * 0 + image[:, 1:2], image[:, ::-1], image], axis=1)]

    model._network = network
    image, trimap = seeded_picture(130, 90)
    trimap[5:20, 60:80] = UNKNOWN  # a second region
    alpha, foreground = model.cut_out(image, trimap)
    unknown = trimap == UNKNOWN
    assert np.array_equal(alpha, model(image, trimap))
    assert np.abs(alpha - image[..., 1] / 255)[unknown].max() < 1e-6
    assert np.abs(foreground - image[..., ::-1] / 255)[unknown].max() < 1e-6
    assert np.array_equal(foreground[trimap == 255], (image / np.float32(255))[trimap == 255])
    with pytest.raises(ValueError, match="model fba needs a trimap"):
        model.cut_out(image, None)


@pytest.mark.parametrize("is_exact", [True, False])
def test_mgmatting_sees_the_mask_that_was_given_at_its_place(is_exact, monkeypatch):
    """A network that answers with its guidance: the mask comes back, whole or by regions, with or without a trimap."""
    model = MGMattingModel.__new__(MGMattingModel)
    model.is_exact, model._network = is_exact, lambda image, guidance: [guidance]
    monkeypatch.setattr(MGMattingModel, "region_pixels", 20_000)
    monkeypatch.setattr(MGMattingModel, "context_pixels", 8)
    image, trimap = seeded_picture(250, 330)
    mask = (np.hypot(*(np.mgrid[:250, :330] - np.array([[[90]], [[200]]]))) < 60) * np.float32(0.7)
    guided = model.guided_by(mask)
    assert np.abs(guided(image) - (mask > 0)).max() < 1e-5
    alpha, unknown = guided(image, trimap), trimap == UNKNOWN
    assert np.abs(alpha - (mask > 0))[unknown].max() < 1e-5
    assert np.array_equal(alpha[~unknown], trimap[~unknown] / 255)
    assert not model(image, trimap)[unknown].any()  # by itself it is guided by what the trimap knows
    with pytest.raises(ValueError, match="model mgmatting needs a trimap"):
        model(image)
    with pytest.raises(ValueError, match="mask must be 250 pixels high and 330 wide like its image"):
        model.guided_by(mask[:-1])(image)


def test_the_page_offers_a_network_once_its_file_is_placed(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "FOLDER", tmp_path)

    def offered():
        return {name for needs_trimap in (True, False) for _, name in model_choices(needs_trimap=needs_trimap)}

    assert not offered() & {*FILES, "gca", "shm", "bgmv2"}
    for name in ("fba", "shm", "bgmv2"):  # bgmv2 would need a second picture
        WEIGHTS[name].path.write_bytes(b"something")
    assert offered() & {*FILES, "gca", "shm", "bgmv2"} == {"fba", "shm"}


def test_semantic_human_matting_gives_alpha_from_a_photo_of_any_size(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "FOLDER", tmp_path)
    models.load_published.cache_clear()
    torch.manual_seed(3)
    network = MODELS["shm"].build()
    torch.save({"epoch": 3, "state_dict": network.state_dict()}, WEIGHTS["shm"].path)
    model = load_model("shm")
    models.load_published.cache_clear()
    for size in ((1, 1), (50, 3), (70, 90)):
        alpha = model(seeded_picture(*size)[0])
        assert alpha.shape == size and 0 <= alpha.min() <= alpha.max() <= 1
    monkeypatch.setattr(model, "_network", lambda image: [(image[:, :1] * 255 + 114) / 255])  # the blue it was shown
    image = seeded_picture(320, 320)[0]
    assert np.abs(model(image) - image[..., 2] / 255).mean() < 0.01
