"""Pictures of lists are written once, however often they are shown."""

import io
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotation.store import open_store
from annotation.ui.dataset.kept_pictures import picture_file
from annotation.ui.dataset.tab import _list
from tests.annotation.store.samples import fill


@pytest.fixture(autouse=True)
def served(tmp_path, monkeypatch):
    """The folder from which Gradio serves."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "served"))
    return tmp_path / "served"


def test_whoever_reads_it_gets_all_of_it():
    picture = np.random.default_rng(0).integers(0, 256, (120, 160, 3)).astype(np.uint8)
    path, wholes = picture_file(picture), []
    whole = Path(path).read_bytes()
    reader = threading.Thread(target=lambda: wholes.extend(Path(path).read_bytes() for _ in range(3000)))
    reader.start()
    while reader.is_alive():
        assert picture_file(picture) == path
    assert set(wholes) == {whole}
    with Image.open(io.BytesIO(whole)) as shown:
        assert shown.size == (160, 120)
    assert picture_file(picture[:, ::-1]) != path != picture_file(picture.reshape(160, 120, 3))


def test_a_list_shown_again_writes_nothing(tmp_path, picture, served):
    store = open_store(tmp_path / "data")
    fill(store, picture, 3)
    for selected in ((), (2,)):
        gallery = _list(store, "", [], [], "", False, 1, 0, selected, 0)[0]
        assert len(gallery.value["root"] if isinstance(gallery.value, dict) else gallery.value) == 3
    store.close()
    kept = {path: path.stat().st_mtime_ns for path in served.rglob("*") if path.is_file()}
    assert kept
    store = open_store(tmp_path / "data")
    _list(store, "", [], [], "", False, 1, 0, (), 0)
    store.close()
    assert {path: path.stat().st_mtime_ns for path in served.rglob("*") if path.is_file()} == kept
