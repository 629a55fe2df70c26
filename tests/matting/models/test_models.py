"""What every model promises, of the real networks."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pytest
import skimage.data
from typer.testing import CliRunner

from annotation.ui.cut_out.edge_controls import edge_choices
from matting import MODELS, load_model
from matting.__main__ import app
from matting.files import read_image, write_image
from matting.metrics.comparing import entries
from matting.models import modnet, rvm
from matting.models.base import TrimapModel, impose
from matting.models.square.u2net import U2NetPModel
from matting.weights import WEIGHTS, WeightsError, find_weights
from tests.conftest import missing

RANDOM = np.random.default_rng(12)
NETWORKS = ["modnet", "u2netp", "rvm", "auto"]
PEOPLE, THINGS = ["astronaut", "hopper"], ["chelsea", "coffee", "rocket"]


@pytest.fixture(scope="session")
def model():
    """load_model, skipping where the weights of a model cannot be obtained."""

    def load(name):
        try:
            for weights in MODELS[name].weights:
                find_weights(weights)
        except WeightsError as error:
            missing(str(error))
        return load_model(name)

    return load


def photo(name):
    if name == "hopper":
        return read_image(Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg")
    return np.ascontiguousarray(getattr(skimage.data, name)()[..., :3])


def u2net_encode(image):
    """What the network is given, without loading it."""
    return U2NetPModel.encode(U2NetPModel.__new__(U2NetPModel), image)


def overlap(first, second):
    """Intersection over union of what is more subject than not."""
    first, second = first >= 0.5, second >= 0.5
    return np.count_nonzero(first & second) / np.count_nonzero(first | second)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1), (2, 3), (37, 53), (300, 225)])
def test_any_size_gives_an_alpha_of_that_size(name, size, model):
    image = RANDOM.integers(0, 256, (*size, 3), dtype=np.uint8)
    before = image.copy()
    alpha = model(name)(image)
    assert alpha.shape == size
    assert alpha.dtype == np.float32
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert np.array_equal(image, before)


@pytest.mark.parametrize("name", ["modnet", "u2netp", "rvm"])
def test_what_the_trimap_knows_is_exact_and_the_rest_is_untouched(name, model):
    image = photo("astronaut")[:200, :300]
    trimap = RANDOM.choice(np.array([0, 128, 255], np.uint8), image.shape[:2])
    before = trimap.copy()
    alpha, free = model(name)(image, trimap), model(name)(image)
    assert np.all(alpha[trimap == 0] == 0)
    assert np.all(alpha[trimap == 255] == 1)
    assert np.array_equal(alpha[trimap == 128], free[trimap == 128])
    assert np.array_equal(trimap, before)


@pytest.mark.parametrize("name", NETWORKS)
def test_malformed_inputs_are_refused(name, model):
    image = photo("astronaut")[:64, :64]
    for wrong in (image[..., 0], image / 255, np.dstack([image, image]), None):
        with pytest.raises(ValueError, match="image must be a"):
            model(name)(wrong)
    with pytest.raises(ValueError, match="64 pixels high and 64 wide like its image, but is 64 high and 63 wide"):
        model(name)(image, np.full((64, 63), 128, np.uint8))
    with pytest.raises(ValueError, match="also holds 1"):
        model(name)(image, np.ones((64, 64), np.uint8))


@pytest.mark.parametrize("name", ["modnet", "u2netp", "rvm"])
def test_no_state_is_kept_between_calls_or_threads(name, model):
    images = [photo("astronaut")[:160, :200], photo("chelsea")[:150, :150]]
    one = model(name)
    alone = [one(image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(one, images * 3))
    assert all(np.array_equal(alpha, alone[turn % 2]) for turn, alpha in enumerate(together))
    assert load_model(name) is one


@pytest.mark.parametrize("name", ["modnet", "u2netp", "rvm"])
def test_views_give_what_copies_give(name, model):
    image = photo("astronaut")[::-2, ::2, ::-1]
    assert np.array_equal(model(name)(image), model(name)(np.ascontiguousarray(image)))


@pytest.mark.parametrize("name", ["modnet", "rvm"])
@pytest.mark.parametrize("cut", [1, 2, 3])
def test_a_video_is_followed_over_a_cut(name, cut, model):
    """Whichever frame the cut is at: those not looked at are told from their neighbours, but not from both sides."""
    image = photo("hopper")
    mirrored = np.ascontiguousarray(image[:, ::-1])
    own = model(name)(image)
    shots = [own] * cut + [own[:, ::-1]] * 4
    alphas = list(model(name).follow([image] * cut + [mirrored] * 4))
    assert len(alphas) == len(shots)
    assert min(map(overlap, alphas, shots)) > 0.95
    assert overlap(own, own[:, ::-1]) < 0.92


@pytest.mark.parametrize("name", ["modnet", "rvm"])
@pytest.mark.parametrize("size", [(1, 1), (2, 2000), (37, 53)])
@pytest.mark.parametrize("count", [0, 1, 2])
def test_short_videos_of_any_size_are_followed(name, size, count, model):
    frames = [RANDOM.integers(0, 256, (*size, 3), dtype=np.uint8)] * count
    assert [alpha.shape for alpha in model(name).follow(frames)] == [size] * count


def test_two_networks_agree_on_a_person(model):
    portrait, video = model("modnet"), model("rvm")
    image = photo("astronaut")
    assert overlap(portrait(image)[:340], video(image)[:340]) > 0.97  # below, one counts the helmet as hers
    assert overlap(portrait(photo("hopper")), video(photo("hopper"))) > 0.98


def test_the_person_is_in_the_middle_and_the_corner_is_not(model):
    alpha = model("modnet")(photo("astronaut"))
    assert alpha[150, 220] > 0.98  # her face
    assert alpha[400, 200] > 0.98  # her suit
    assert alpha[20, 20] < 0.02


def test_salient_objects_against_their_true_alpha(shared, model):
    folder = shared / "data" / "alphamatting"
    scores = {}
    for path in sorted((folder / "gt").iterdir())[:4]:
        truth = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) / 255
        scores[path.stem] = overlap(model("u2netp")(read_image(folder / "image" / path.name)), truth)
    assert np.median(list(scores.values())) > 0.85, scores


def test_auto_goes_by_a_trimap_that_knows_something(model):
    image = photo("chelsea")[:96, :128]
    trimap = np.repeat(np.array([0, 128, 255], np.uint8), [40, 48, 40])[None].repeat(96, axis=0)
    assert np.allclose(model("auto")(image, trimap), model("studio")(image, trimap), atol=1e-5)
    person = photo("astronaut")[:256, :256]
    assert np.allclose(model("auto")(person, np.full((256, 256), 128, np.uint8)), model("auto")(person), atol=1e-5)


@pytest.mark.parametrize("name", PEOPLE + THINGS)
def test_auto_takes_the_model_that_fits_and_says_so(name, model):
    choice = model("auto").choose(photo(name))
    assert choice.model == ("modnet" if name in PEOPLE else "mobile-sam")
    assert choice.reason
    assert choice.is_sure
    asked = [credit.model for credit in choice.took_part]
    assert asked == (["modnet"] if name in PEOPLE else ["modnet", "u2netp", "mobile-sam"])
    assert all(credit.seconds > 0 for credit in choice.took_part)


def test_an_empty_scene_is_said_to_be_empty(model):
    choice = model("auto").choose(np.full((200, 300, 3), 128, np.uint8))
    assert choice.reason == "no subject stands out"
    assert not choice.is_sure
    assert (choice.alpha > 0.5).mean() < 0.01


@pytest.mark.parametrize("size", [(1, 1), (37, 53), (512, 512), (3000, 4000), (1, 2000)])
def test_encodings_have_the_published_shape_and_range(size):
    white = np.full((*size, 3), 255, np.uint8)
    encoded = modnet.encode(white)
    assert encoded.dtype == np.float32
    assert encoded.shape[2] % 32 == encoded.shape[3] % 32 == 0
    assert np.all(encoded == 1)
    assert np.all(modnet.encode(white * 0) == -1)
    encoded = u2net_encode(white)
    assert encoded.shape == (1, 3, 320, 320)
    assert np.allclose(encoded[0, :, 0, 0], (1 - np.array([0.485, 0.456, 0.406])) / [0.229, 0.224, 0.225], atol=1e-5)
    assert rvm.encode(white).shape[2:] == tuple(-(-side // 4) * 4 for side in size)


def test_channels_stay_red_green_blue():
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 255
    for encode in (modnet.encode, u2net_encode, rvm.encode):
        planes = encode(red)[0].mean(axis=(1, 2))
        assert planes[0] > max(planes[1:])


def test_the_published_resize_of_modnet():
    """Short side 512, the long one in proportion, both to a multiple of 32."""
    for size, expected in (((480, 640), (512, 672)), ((1080, 1920), (512, 896)), ((900, 600), (768, 512))):
        assert modnet.encode(np.zeros((*size, 3), np.uint8)).shape[2:] == expected


def test_nan_and_what_is_out_of_range_never_leave_a_model():
    alpha = impose(np.array([[np.nan, -0.5, 1.5, np.inf, -np.inf, 0.25]]), None)
    assert alpha.dtype == np.float32
    assert alpha.tolist() == [[0, 0, 1, 1, 0, 0.25]]


class Nearest(TrimapModel):
    """A model that a contributor adds."""

    name, title = "nearest-kind", "The nearest kind"

    def solve(self, image, trimap):
        return (trimap == 255).astype(np.float32)


def test_a_model_in_the_table_is_offered_everywhere(tmp_path, monkeypatch):
    monkeypatch.setitem(MODELS, Nearest.name, Nearest)
    image, trimap = photo("chelsea")[:20, :30], np.repeat(np.uint8([[0, 128, 255]]), 10, axis=1).repeat(20, axis=0)
    for folder, picture in {"image": image, "gt": trimap, "trimap1": trimap}.items():
        write_image(tmp_path / folder / "a.png", picture)
    taken = {
        "models": [],
        "alpha": [tmp_path / "image", "-o", tmp_path / "alphas", "--trimap", tmp_path / "trimap1", "--model"],
        "bench": [tmp_path, "--models"],
    }
    for command, arguments in taken.items():
        asked = [command, *map(str, arguments), *[Nearest.name] * bool(arguments)]
        done = CliRunner().invoke(app, asked)
        assert done.exit_code == 0 and (command == "alpha" or Nearest.name in done.stdout), done.output
    assert (tmp_path / "alphas" / "a.png").is_file()
    assert Nearest.name in [entry.model for entry in entries()]
    assert (Nearest.title, Nearest.name) in edge_choices()


def test_models_are_found_by_name():
    with pytest.raises(
        ValueError, match="no model is called 'gpt'; there are auto, modnet, u2netp, u2net, birefnet-lite, birefnet, "
    ):
        load_model("gpt")
    for name, kind in MODELS.items():
        assert kind.name == name
        assert kind.title
        assert set(kind.weights) <= set(WEIGHTS)
