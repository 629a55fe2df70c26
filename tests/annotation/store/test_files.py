"""Stored files are named by their content, durable, and never trusted unchecked."""

import hashlib
import os
import urllib.request

import pytest

from annotation.store import StoreError, open_files
from annotation.store.files.remote import RemoteFiles
from tests.annotation.conftest import free_port


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


@pytest.fixture
def keys(monkeypatch):
    """What an S3 client finds in the environment; it asks once and does not try again."""
    s3fs = pytest.importorskip("s3fs")
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    for name, value in {"ACCESS_KEY_ID": "tester", "SECRET_ACCESS_KEY": "tester", "MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return monkeypatch


def test_a_place_nobody_knows_is_one_sentence():
    with pytest.raises(StoreError, match="cannot keep files at nowhere://x/y: Protocol not known: nowhere"):
        open_files("nowhere://x/y")


def refusals(url):
    """The sentence each thing one can ask of files at `url` is refused with."""
    files = RemoteFiles(url, skip_instance_cache=True)
    asked = {
        "put": lambda: files.put(b"x"),
        "get": lambda: files.get("0" * 64),
        "names": lambda: list(files.names()),
    }
    for what, ask in asked.items():
        with pytest.raises(StoreError) as caught:
            ask()
        assert "\n" not in str(caught.value), what
        yield what, str(caught.value)


def test_a_missing_bucket_is_one_sentence(s3, keys):
    keys.setenv("AWS_ENDPOINT_URL", s3)
    for what, sentence in refusals("s3://no-such-bucket/dataset"):
        assert "The specified bucket does not exist" in sentence, what


def test_a_wrong_key_is_one_sentence(s3, keys):
    import s3fs

    keys.setenv("AWS_ENDPOINT_URL", s3)
    s3fs.S3FileSystem(skip_instance_cache=True).mkdir("locked")

    def let_in(requests):
        """The server asks for keys it knows after so many requests."""
        headers = {"Content-Type": "text/plain"}
        urllib.request.urlopen(urllib.request.Request(f"{s3}/moto-api/reset-auth", requests, headers)).close()

    let_in(b"0")
    try:
        told = dict(refusals("s3://locked/dataset"))
    finally:
        let_in(b"inf")
    for what, sentence in told.items():
        assert "s3://locked/dataset: access was refused, check the keys" in sentence, what
    assert "AWS Access Key Id you provided does not exist" in told["names"]


def test_a_server_that_is_gone_is_one_sentence(keys):
    address = f"http://127.0.0.1:{free_port()}"
    keys.setenv("AWS_ENDPOINT_URL", address)
    for what, sentence in refusals("s3://bucket/dataset"):
        assert f'Could not connect to the endpoint URL: "{address}/bucket' in sentence, what
