"""Stored files are named by their content, durable, and never trusted unchecked."""

import hashlib
import os

import pytest

from annotation.store import StoreError, open_files


@pytest.fixture(params=["folder", "memory"])
def files(request, tmp_path):
    return open_files(tmp_path / "files" if request.param == "folder" else f"memory://{tmp_path.name}/{os.getpid()}")


def test_content_comes_back_by_its_sha256(files):
    name = files.put(b"a photo")
    assert name == hashlib.sha256(b"a photo").hexdigest()
    assert files.get(name) == b"a photo"
    assert files.put(b"a photo") == name
    assert list(files.names()) == [name]


def test_a_missing_file_is_named(files):
    with pytest.raises(StoreError, match="cannot be read"):
        files.get("0" * 64)
    assert files.age("0" * 64) is None
    files.remove("0" * 64)


@pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 64, "", "0" * 63 + "/"])
def test_only_a_sha256_reaches_a_path(files, name):
    with pytest.raises(ValueError, match="64 digits"):
        files.get(name)


def test_removed_files_are_gone(files):
    name = files.put(b"x")
    files.remove(name)
    assert list(files.names()) == []


def test_damage_is_noticed(tmp_path):
    files = open_files(tmp_path)
    name = files.put(b"0123456789")
    files.path(name).write_bytes(b"0123456780")
    with pytest.raises(StoreError, match="damaged"):
        files.get(name)


def test_putting_again_makes_a_file_young(tmp_path):
    files = open_files(tmp_path)
    name = files.put(b"x")
    os.utime(files.path(name), (0, 0))
    assert files.age(name) > 1e6
    files.put(b"x")
    assert files.age(name) < 60


def test_an_interrupted_write_leaves_no_file(tmp_path, monkeypatch):
    files = open_files(tmp_path)

    def fail(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError, match="No space left on device"):
        files.put(b"x")
    monkeypatch.undo()
    assert list(files.names()) == []
    assert list(files.partial()) == []
