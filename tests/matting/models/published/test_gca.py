"""The model around the network: any picture, any trimap, whole or in regions, in PyTorch or in ONNX Runtime."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from matting.__main__ import app
from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN
from matting.models import load_model
from matting.models.published.base import without_border
from matting.models.published.gca import GCAModel, encode
from matting.runtime import onnx_network
from matting.weights import WEIGHTS, WeightsError
from tests.matting.networks.seeded import seeded_picture

EXPECTED = Path(__file__).parents[2] / "networks/published"


@pytest.fixture(scope="module")
def model(checkpoint):
    return GCAModel(checkpoint, exact=True)


@pytest.fixture(scope="module")
def exported(checkpoint, tmp_path_factory):
    """What the command writes."""
    path = tmp_path_factory.mktemp("export") / "gca.onnx"
    done = CliRunner().invoke(app, ["export", "gca", "-o", str(path), "--weights", str(checkpoint)])
    assert done.exit_code == 0, done.output
    return onnx_network(path, threads=1)


@pytest.mark.parametrize("size", [(65, 97), (96, 128)])
def test_gives_the_published_alpha_with_known_pixels_imposed(model, size):
    image, trimap = seeded_picture(*size)
    expected = np.load(EXPECTED / f"seeded_{size[0]}x{size[1]}.alpha.npy")
    assert np.abs(model.run(image, trimap) - expected).max() < 1e-5
    alpha = model(image, trimap)
    assert np.abs(alpha - expected)[trimap == UNKNOWN].max() < 1e-5
    assert (alpha[trimap == BACKGROUND] == 0).all()
    assert (alpha[trimap == FOREGROUND] == 1).all()


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 2), (31, 33), (32, 64)])
@pytest.mark.parametrize("label", [BACKGROUND, UNKNOWN, FOREGROUND])
@pytest.mark.parametrize("is_exact", [True, False])
def test_any_size_and_trimaps_of_one_label(model, monkeypatch, size, label, is_exact):
    monkeypatch.setattr(model, "is_exact", is_exact)
    image = seeded_picture(*size)[0]
    alpha = model(image, np.full(size, label, np.uint8))
    assert alpha.shape == size
    if label == UNKNOWN:
        assert 0 < alpha.min() <= alpha.max() < 1
    else:
        assert (alpha == label / 255).all()


def test_inputs_may_be_views_and_stay_as_they_are(model):
    image, trimap = seeded_picture(60, 70)
    expected = model(image, trimap)
    large = np.repeat(np.repeat(image, 2, axis=0), 2, axis=1)[::-1]
    view, marks = large[::-2, ::2], np.asfortranarray(trimap)
    view.flags.writeable = marks.flags.writeable = False
    assert not view.flags.c_contiguous
    assert np.array_equal(view, image)
    assert np.array_equal(model(view, marks), expected)


def test_a_trimap_is_needed(model):
    with pytest.raises(ValueError, match="model gca needs a trimap"):
        model(seeded_picture(8, 8)[0])


def test_regions_with_the_whole_picture_as_context_give_the_whole_pictures_alpha(model, monkeypatch):
    image, trimap = seeded_picture(96, 128)
    expected = model(image, trimap)
    monkeypatch.setattr(model, "is_exact", False)
    assert np.array_equal(model(image, trimap), expected)


def test_regions_leave_out_what_is_far_from_the_unknown(model, monkeypatch):
    monkeypatch.setattr(GCAModel, "context_pixels", 32)
    monkeypatch.setattr(model, "is_exact", False)
    shapes = []
    monkeypatch.setattr(model, "run", lambda image, trimap: shapes.append(trimap.shape) or np.full(trimap.shape, 0.5))
    image, trimap = np.zeros((600, 900, 3), np.uint8), np.zeros((600, 900), np.uint8)
    trimap[100:140, 200:260] = UNKNOWN
    alpha = model(image, trimap)
    assert (alpha[trimap == UNKNOWN] == 0.5).all()
    assert sum(height * width for height, width in shapes) < 150 * 200


def test_an_all_known_trimap_asks_nothing_of_the_network(model, monkeypatch):
    monkeypatch.setattr(model, "is_exact", False)
    monkeypatch.setattr(model, "run", None)
    assert model(np.zeros((40, 50, 3), np.uint8), np.full((40, 50), 255, np.uint8)).min() == 1


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_low_precision_stays_near(checkpoint, model, precision):
    image, trimap = seeded_picture(64, 96)
    rough = GCAModel(checkpoint, exact=True, precision=precision)
    difference = np.abs(rough.run(image, trimap) - model.run(image, trimap))
    assert 0 < difference.mean() < difference.max() < (0.03 if precision == "bfloat16" else 0.004)


@pytest.mark.parametrize("size", [(1, 1), (65, 97), (130, 40)])
@pytest.mark.parametrize("is_all_unknown", [False, True])
def test_onnx_runtime_agrees_at_any_size(model, exported, size, is_all_unknown):
    image, trimap = seeded_picture(*size)
    if is_all_unknown:  # now it matters that no patch looks at itself
        trimap[:] = UNKNOWN
    (output,) = exported(**encode(image, trimap))
    assert np.abs(without_border(output[0, 0], size) - model.run(image, trimap)).max() < 1e-5


def test_without_the_file_one_learns_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setattr("matting.weights.folders.FOLDER", tmp_path)
    with pytest.raises(WeightsError, match=r"gca-dist-all-data\.pth must be placed by hand at .*github\.com/Yaoyi-Li"):
        load_model("gca")
    monkeypatch.setenv("COLUMNS", "300")
    told = CliRunner().invoke(app, ["models"])
    assert told.exit_code == 0
    assert "place it by hand" in told.output
    assert "non-commercial" in told.output


def test_the_file_in_its_place_is_used(monkeypatch, tmp_path, checkpoint, model):
    monkeypatch.setattr("matting.weights.folders.FOLDER", tmp_path)
    (tmp_path / "gca-dist-all-data.pth").write_bytes(checkpoint.read_bytes())
    assert WEIGHTS["gca"].is_present
    image, trimap = seeded_picture(40, 50)
    assert np.array_equal(GCAModel()(image, trimap), model(image, trimap))


def test_only_models_of_pytorch_can_be_exported(tmp_path):
    done = CliRunner().invoke(app, ["export", "u2netp", "-o", str(tmp_path / "x.onnx")])
    assert done.exit_code == 1
    assert "there are studio, gca, gca-dist, modnet" in done.output
