"""What a supervisor asks: alive, ready, and if not, why."""

import signal
from collections import namedtuple

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from annotation.store import open_store
from annotation.web import health, stopping
from annotation.web.health import Health
from matting.weights import folders

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setattr(health, "weights_state", lambda: "ready")
    monkeypatch.setattr(health.shutil, "disk_usage", lambda folder: Usage(10**12, 0, 10**12))
    return TestClient(Starlette(routes=Health(open_store(tmp_path), tmp_path).routes))


def test_an_app_with_all_it_needs_is_ready(client):
    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 200)
    assert client.get("/readyz").json() == {"app": "ready", "weights": "ready", "dataset": "ready", "disk": "ready"}


def test_an_app_that_was_told_to_stop_gets_no_new_visitors(client, monkeypatch):
    monkeypatch.setattr(stopping, "interrupt", lambda: None)
    before = signal.getsignal(signal.SIGTERM)
    try:
        stopping.finish_on_sigterm(lambda: False)
        signal.raise_signal(signal.SIGTERM)
        answer = client.get("/readyz")
    finally:
        signal.signal(signal.SIGTERM, before)
        stopping._told.clear()
    assert answer.status_code == 503 and answer.json()["app"] == "it finishes what it is doing, then stops"
    assert client.get("/healthz").status_code == 200 and client.get("/readyz").status_code == 200


def test_a_full_disk_is_told_in_a_sentence(client, monkeypatch):
    monkeypatch.setattr(health.shutil, "disk_usage", lambda folder: Usage(10**12, 0, 12_000_000))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["disk"] == "12 MB are free, and 500 MB are needed"
    assert client.get("/healthz").status_code == 200


def test_a_damaged_database_is_told(client, tmp_path):
    for file in tmp_path.glob("dataset.db*"):
        file.write_bytes(b"no database, whatever its name says" * 1000)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["dataset"] != "ready"
    assert answer.json()["disk"] == "ready"


def test_absent_weights_are_named(monkeypatch, tmp_path):
    monkeypatch.setattr(folders, "FOLDER", tmp_path)
    answer = TestClient(Starlette(routes=Health(open_store(tmp_path / "data"), tmp_path).routes)).get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["weights"].startswith("not here yet: modnet.onnx")
