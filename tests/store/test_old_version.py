"""What an older version wrote still opens: `old/version_0_1.zip` is a dataset, a draft and exports written by it."""

import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from annotation.desk import Desk
from annotation.importing import import_path
from annotation.store import Works, find_samples, get_revision, open_store
from matting.files import read_grey, read_trimap
from tests.editor.app import quick_solve
from tests.store.samples import stored

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
    session = Desk(Works(store), quick_solve).open(draft["id"], draft["secret"]).session
    assert len(session.strokes) == draft["strokes"] and digest(session.trimap) == draft["trimap"]
    store.close()


@pytest.mark.parametrize("name", ["export", "export_rgba"])
def test_its_exports_are_read_back(old, name):
    folder, _ = old
    store = open_store(folder / "new")
    imported = import_path(store, folder / name)
    assert len(imported.samples) == 2 and not imported.left_out
    store.close()
