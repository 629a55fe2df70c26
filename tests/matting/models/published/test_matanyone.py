"""MatAnyone 2 as a model: its first frame, its memory, sizes, the file."""

import hashlib
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save

from annotation.transfer.licences import is_non_commercial
from matting import load_model, models
from matting.arrays import to_float
from matting.models import MODELS
from matting.models.published import matanyone
from matting.models.published.matanyone import MEMORY, MatAnyone2Model, encode_mask
from matting.networks.published.matanyone import network
from matting.networks.published.matanyone.memory import Memory
from matting.weights import WEIGHTS, folders
from tests.matting.models.square.test_square_models import reach
from tests.matting.networks.seeded import seeded_picture
from tests.matting.weights.test_finding import giving, serving


@pytest.fixture
def telling():
    """The model with a network that answers with its first mask, moved a pixel to the right by every frame after it."""

    def remembered(image, mask=None, **memory):
        telling.shown.append(image.shape[2:])
        assert mask is not None or set(memory) == set(MEMORY)
        alpha = np.roll(memory["alpha"], 1, axis=3) if mask is None else mask
        return [alpha, *(alpha if name == "alpha" else np.zeros(1, np.float32) for name in MEMORY)]

    telling = MatAnyone2Model.__new__(MatAnyone2Model)
    telling.shown, telling._network = [], remembered
    telling.__dict__["_finder"] = lambda image: to_float(image[..., 0])
    return telling


def disc(height=40, width=64):
    """An alpha: a disc, with a ring around it too faint to belong to it."""
    down, across = np.mgrid[:height, :width]
    distance = np.hypot(down - 20, across - 22)
    return np.select([distance < 12, distance < 15], [1, 0.4], 0).astype(np.float32)


MASK = encode_mask(disc())[0, 0, :40]
"""What the network is shown of it."""


def test_a_video_starts_from_the_alpha_that_was_given_and_goes_on_from_what_was_remembered(telling):
    frames = [seeded_picture(40, 64)[0]] * 4
    given = telling.starting_from(disc())
    alphas = list(given.follow(frames))
    for number, alpha in enumerate(alphas):
        assert np.array_equal(alpha, np.roll(MASK, number, axis=1))
    first, second = given.follow(frames), given.follow(frames)  # what one remembers the other knows nothing of
    mixed = [next(turn) for turn in (first, first, second, first, second)]
    assert all(np.array_equal(*pair) for pair in zip(mixed, [alphas[at] for at in (0, 1, 0, 2, 1)], strict=True))
    assert telling.first is None


def test_without_one_auto_looks_at_the_first_frame_only(telling):
    red = np.zeros((40, 64, 3), np.uint8)
    red[..., 0] = 255 * disc()
    asked, find = [], telling._finder
    telling.__dict__["_finder"] = lambda image: asked.append(image) or find(image)
    second = list(telling.follow([red, red * 0]))[1]
    assert np.array_equal(second, np.roll(MASK, 1, axis=1)) and len(asked) == 1
    assert np.array_equal(telling(red), MASK)  # a photo is a video of one frame
    trimap = np.full((40, 64), 128, np.uint8)
    trimap[:20], trimap[-4:] = 0, 255
    alpha = telling(red, trimap)
    assert (alpha[:20] == 0).all() and (alpha[-4:] == 1).all() and alpha[20:36].any()


def test_a_first_frame_without_a_subject_is_told_in_a_sentence(telling):
    empty = np.zeros((40, 64, 3), np.uint8)
    with pytest.raises(ValueError, match=r"found none; give the alpha of frame 0 as a .*--corrected 0=alpha\.png"):
        next(telling.follow([empty]))
    with pytest.raises(ValueError, match="the alpha of the first frame must be 40 pixels high and 64 wide"):
        next(telling.starting_from(disc(41, 64)).follow([empty]))
    assert not telling(empty).any() and list(telling.follow([])) == []


@pytest.mark.parametrize("size", [(1, 1), (2, 700), (37, 53), (320, 320), (200, 500)])
def test_frames_of_any_size_are_shown_in_multiples_of_sixteen_and_no_larger_than_wanted(telling, size, monkeypatch):
    monkeypatch.setattr(matanyone, "MAX_PIXELS", 50_000)
    alpha = next(telling.starting_from(np.ones(size, np.float32)).follow([seeded_picture(*size)[0]]))
    assert alpha.shape == size and alpha.min() == 1
    height, width = telling.shown[0]
    assert height % 16 == width % 16 == 0 and height * width < 1.2 * 50_000
    assert matanyone.size_within(size) == size or 0.98 * 50_000 < np.prod(matanyone.size_within(size)) <= 50_000


def test_small_holes_of_the_first_mask_are_closed():
    alpha = np.zeros((80, 96), np.float32)
    alpha[20:70, 20:70] = 0.6
    outline = encode_mask(alpha)
    alpha[30:35, 30:35] = alpha[45:65, 45:65] = 0.4
    closed = encode_mask(alpha)
    assert set(np.unique(closed)) == {0, 1} and closed[0, 0, 30:35, 30:35].all()
    assert not closed[0, 0, 50:60, 50:60].any()
    assert np.array_equal(closed[0, 0, :40], outline[0, 0, :40])
    around = cv2.dilate((disc() == 1).astype(np.float32), np.ones((3, 3)))  # the ellipse is even: a pixel to one side
    assert (around >= MASK).all() and 0.95 < MASK.sum() / (disc() == 1).sum() < 1.05


def test_the_file_comes_from_the_hub_and_its_network_follows_a_subject(tmp_path, monkeypatch):
    """A random network, stored with what only training needs, as the published file is."""
    assert Memory._fields == MEMORY
    monkeypatch.setattr(folders, "FOLDER", tmp_path)
    monkeypatch.setattr(network, "WARM_UP", 1)
    models.load_published.cache_clear()
    state = MODELS["matanyone2"].build().state_dict()
    content = save(state | {f"{name}weight": torch.zeros(1) for name in matanyone.LEFT_OUT})
    record = replace(WEIGHTS["matanyone2"], size=len(content), sha256=hashlib.sha256(content).hexdigest())
    monkeypatch.setitem(WEIGHTS, "matanyone2", record)
    (source,) = record.sources
    asked = f"/{source.repository}/resolve/{source.revision}/{source.file}"
    with serving({asked: giving(content)}) as server:
        reach(server, monkeypatch)
        model = load_model("matanyone2").starting_from(disc())
        models.load_published.cache_clear()
        assert server.asked == [asked]
    frames = [np.roll(seeded_picture(40, 64)[0], step, axis=1) for step in range(3)]
    alphas = list(model.follow(frames))
    assert [alpha.shape for alpha in alphas] == [(40, 64)] * 3
    assert all(np.isfinite(alpha).all() and 0 <= alpha.min() <= alpha.max() <= 1 for alpha in alphas)
    assert np.array_equal(list(model.follow(frames))[-1], alphas[-1])
    told = record.terms
    assert is_non_commercial(record.licence) and "code: the same; data: VMReal" in told
