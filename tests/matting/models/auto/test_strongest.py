"""What `auto` takes where stronger models were fetched, and where none were."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from matting import load_model, models
from matting.environment import memory
from matting.models import MODELS
from matting.models.auto import model as auto
from matting.models.auto import strongest
from matting.models.square import base
from matting.weights import WEIGHTS, folders
from matting.weights.credit import Answer, Credit
from tests.matting.models.tiny_networks import Tiny

RANKED = [kind.name for kind in strongest.RANK]
SCENE = np.random.default_rng(2).integers(0, 256, (60, 80, 3), np.uint8)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty weights folder, in which files of the right form can be placed; the models of the app are stand-ins."""
    monkeypatch.setattr(folders, "FOLDER", tmp_path)
    for name in ("MODNetModel", "U2NetPModel"):
        monkeypatch.setattr(auto, name, lambda name=name: Bundled(name))
    caches = models.load_published, base.square_network, strongest.loaded
    for cache in caches:
        cache.cache_clear()
    yield tmp_path
    for cache in caches:
        cache.cache_clear()


class Bundled:
    """Answers for a model that comes with the app: a crisp square, so that it is sure."""

    def __init__(self, name):
        self.name = name

    def answer(self, image):
        alpha = np.zeros(image.shape[:2], np.float32)
        alpha[10:50, 20:60] = 1
        return Answer(alpha, Credit(self.name))


def place(name, monkeypatch, channels=3):
    kind = MODELS[name]
    path = folders.FOLDER / WEIGHTS[name].file
    Tiny(channels, gives_logits=kind.gives_logits).save(path, (1, channels, kind.side, kind.side))
    content = path.read_bytes()
    record = replace(WEIGHTS[name], size=len(content), sha256=hashlib.sha256(content).hexdigest())
    monkeypatch.setitem(WEIGHTS, name, record)


def test_without_a_hub_nothing_changes(folder):
    choice = load_model("auto").choose(SCENE)
    assert choice.model == "MODNetModel"
    assert "the portrait model is sure" in choice.reason


def test_the_strongest_that_is_there_is_taken_and_named(folder, monkeypatch):
    monkeypatch.setattr(strongest, "memory_gb", lambda: 64.0)
    chosen = []
    for name in reversed(RANKED):
        place(name, monkeypatch)
        choice = load_model("auto").choose(SCENE)
        chosen.append(choice.model)
        assert choice.reason == "the strongest model on this computer"
        assert choice.credit.weights == WEIGHTS[name].sha256 and choice.credit.licence == "MIT"
        assert np.array_equal(choice.alpha, load_model(name)(SCENE))
    assert chosen == RANKED[::-1]
    assert load_model("auto").answer(SCENE).credit.model == RANKED[0]


def test_a_model_that_does_not_fit_into_memory_is_passed_over(folder, monkeypatch):
    for name in ("birefnet-hr-matting", "birefnet-lite"):
        place(name, monkeypatch)
    for room, name in ((64, "birefnet-hr-matting"), (16, "birefnet-lite"), (4, "MODNetModel")):
        monkeypatch.setattr(strongest, "memory_gb", lambda room=room: room)
        assert load_model("auto").choose(SCENE).model == name


def test_a_large_file_is_read_and_checked_once(folder, monkeypatch):
    place("birefnet-lite", monkeypatch)
    found, auto_model = [], load_model("auto")
    real = base.find_weights
    monkeypatch.setattr(base, "find_weights", lambda name: found.append(name) or real(name))
    for _ in range(3):
        auto_model.choose(SCENE)
    assert found == ["birefnet-lite"]


def test_a_file_of_another_form_does_not_stop_auto(folder, monkeypatch, caplog):
    place("birefnet", monkeypatch, channels=4)
    assert load_model("auto").choose(SCENE).model == "MODNetModel"
    assert "birefnet.onnx must take one picture of 1 × 3 × 1024 × 1024" in caplog.text


def test_models_for_people_or_for_research_are_never_taken_unasked(folder, monkeypatch):
    for name in ("isnet", "ormbg", "david", "vitmatte-small"):
        monkeypatch.setitem(WEIGHTS, name, replace(WEIGHTS[name], size=1))
        (folder / WEIGHTS[name].file).write_bytes(b"x")
    assert load_model("auto").choose(SCENE).model == "MODNetModel"


@pytest.mark.parametrize(("limit", "expected"), [("max\n", 24.0), ("8000000000\n", 8.0), ("99000000000\n", 24.0)])
def test_memory_is_that_of_the_machine_or_of_the_container(limit, expected, tmp_path, monkeypatch):
    file: Path = tmp_path / "memory.max"
    file.write_text(limit)
    monkeypatch.setattr(memory, "CONTAINER", tmp_path)
    monkeypatch.setattr(memory.os, "sysconf", {"SC_PHYS_PAGES": 6_000_000, "SC_PAGE_SIZE": 4000}.__getitem__)
    assert memory.memory_gb() == expected
    monkeypatch.delattr(memory.os, "sysconf")
    file.write_text("max")
    assert memory.memory_gb() == float("inf")
