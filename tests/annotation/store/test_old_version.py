"""What an older version wrote still opens: `old/version_0_1.zip` is a dataset, a draft and exports written by it."""

import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from annotation.correction.workspace import Workspace
from annotation.store import Drafts, find_samples, get_revision, open_store
from annotation.transfer.importing import import_path
from matting.files import read_grey, read_trimap
from matting.training.checkpoint import CROPS, best_weights, claim, load_checkpoint, save_checkpoint
from matting.training.origin import Origin
from tests.annotation.editor.app import quick_solve
from tests.annotation.store.samples import stored
from tests.matting.training.tiny import SMALL, train

WRITTEN = Path(__file__).parent / "old" / "version_0_1.zip"


@pytest.fixture
def old(tmp_path):
    """The folder it was written to, and what was in it."""
    with zipfile.ZipFile(WRITTEN) as archive:
        archive.extractall(tmp_path)
    return tmp_path, json.loads((tmp_path / "facts.json").read_text())


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def test_its_samples_open(old):
    folder, facts = old
    store = open_store(folder / "data")
    samples = {str(sample.id): sample for sample in find_samples(store)}
    assert samples.keys() == facts["samples"].keys()
    for number, sample in samples.items():
        wanted, revision = facts["samples"][number], get_revision(store, sample.id)
        assert (sample.name, revision.number) == (wanted["name"], wanted["revision"])
        assert digest(stored(store, revision.trimap, read_trimap)) == wanted["trimap"]
        assert digest(stored(store, revision.alpha, read_grey)) == wanted["alpha"]
    store.close()


def test_its_draft_opens_with_every_stroke(old):
    folder, facts = old
    draft = facts["draft"]
    store = open_store(folder / "data")
    session = Workspace(Drafts(store), quick_solve).open(draft["id"], draft["secret"]).session
    assert len(session.strokes) == draft["strokes"] and digest(session.trimap) == draft["trimap"]
    store.close()


@pytest.mark.parametrize("name", ["export", "export_rgba"])
def test_its_exports_are_read_back(old, name):
    folder, _ = old
    store = open_store(folder / "new")
    imported = import_path(store, folder / name)
    assert len(imported.samples) == 2 and not imported.left_out
    store.close()


def test_its_finished_run_gives_its_weights(old):
    folder, facts = old
    run, validated = folder / "run", replace(SMALL, validate_every=2)  # it chose nothing by validation
    written = torch.load(run / "checkpoint.pt", weights_only=True)["average"]
    assert train(run, validated, origin=Origin("a dataset")) == []
    state = load_checkpoint(run, model="tiny", settings=validated, origin=Origin("a dataset"))
    assert state["step"] == state["unrecorded"] == facts["run"]["step"]
    for name, tensor in best_weights(state).items():
        assert torch.equal(tensor, written[f"module.{name}"])


def test_its_run_goes_on_and_tells_which_steps_are_of_unknown_origin(old):
    run, origin = old[0] / "run", Origin("a dataset")
    torch.save(torch.load(run / "checkpoint.pt", weights_only=True) | {"step": 5}, run / "checkpoint.pt")
    (run / CROPS).mkdir()
    (run / CROPS / "000000.npz").write_bytes(b"a crop of nobody knows what")
    assert not claim(run, model="tiny", settings=SMALL, origin=origin)
    assert not list((run / CROPS).iterdir())
    assert [state.step for state in train(run, origin=origin)] == [6, 7, 8]
    state = load_checkpoint(run, model="tiny", settings=SMALL, origin=origin)
    assert (state["format"], state["step"], state["unrecorded"]) == (2, 8, 5)
    with pytest.raises(ValueError, match="on another dataset"):
        load_checkpoint(run, model="tiny", settings=SMALL, origin=Origin("another"))


def test_its_run_with_other_settings_is_refused(old):
    with pytest.raises(ValueError, match=r"holds a run with rate 0\.001"):
        load_checkpoint(old[0] / "run", model="tiny", settings=replace(SMALL, rate=0.01))


def test_a_run_of_a_later_version_is_refused(tmp_path):
    save_checkpoint(tmp_path, {"step": 1, "network": {}, "average": {}, "format": 3}, model="tiny", settings=SMALL)
    with pytest.raises(ValueError, match="of format 3, but this version reads 1 to 2"):
        load_checkpoint(tmp_path, model="tiny", settings=SMALL)
