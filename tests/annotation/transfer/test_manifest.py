"""A manifest is somebody's text: it leads to no file outside its export, and a damaged one is a sentence."""

import hashlib
import json
import os

import pytest

from annotation.store import StoreError
from annotation.transfer.exporting import export
from annotation.transfer.manifest import check_export
from annotation.transfer.zip_export import pack
from tests.annotation.store.samples import fill


@pytest.fixture
def filled(local_store, picture):
    fill(local_store, picture, 3)
    return local_store


@pytest.mark.parametrize(
    "path",
    [
        "{outside}",
        "../secret",
        "data/../../secret",
        "a\\b",
        "C:secret",
        "a\0b",
        "",
        "a//b",
        "./a",
        "x" * 300,
        "y/" * 900,
    ],
)
def test_a_manifest_leads_nowhere_else(filled, tmp_path, path):
    """Neither checking nor packing reads what an export cannot hold, whatever its manifest says."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"mine")
    export(filled, tmp_path / "out")
    manifest = tmp_path / "out" / "manifest.json"
    line = {path.format(outside=secret): {"sha256": hashlib.sha256(b"mine").hexdigest(), "size": 4, "identity": ""}}
    start, list_start, rest = manifest.read_text().partition('"files": {\n')
    manifest.write_text(start + list_start + json.dumps(line)[1:-1] + ",\n" + rest)
    with pytest.raises(StoreError, match="cannot be a file of an export"):
        list(check_export(tmp_path / "out"))
    with pytest.raises(StoreError, match="cannot be a file of an export"):
        pack(tmp_path / "out", tmp_path / "out.zip")


@pytest.mark.parametrize("kind", ["link to a file", "link to a folder", "pipe"])
def test_what_is_no_file_of_an_export_is_not_read(filled, tmp_path, kind):
    export(filled, tmp_path / "out")
    picture = next((tmp_path / "out" / "data").rglob("*.png"))
    if kind == "link to a folder":
        picture.parent.rename(tmp_path / "elsewhere")
        picture.parent.symlink_to(tmp_path / "elsewhere")
    else:
        picture.rename(tmp_path / "elsewhere")
        os.mkfifo(picture) if kind == "pipe" else picture.symlink_to(tmp_path / "elsewhere")
    faults = list(check_export(tmp_path / "out"))
    assert any(picture.name in fault and "is a link, or not an ordinary file" in fault for fault in faults)
    with pytest.raises(StoreError, match="is a link, or not an ordinary file"):
        pack(tmp_path / "out", tmp_path / "out.zip")


@pytest.mark.parametrize(
    "manifest",
    [b"", b"{}", b'"files": {\n', b'"files": {\n"a": 1\n}\n', b'"files": {\n"a": ' + b"[" * 90_000, b"\xff" * 9],
)
def test_a_damaged_manifest_is_a_sentence(tmp_path, manifest):
    (tmp_path / "manifest.json").write_bytes(manifest)
    with pytest.raises(StoreError, match="is damaged; remove the folder"):
        list(check_export(tmp_path))


def test_a_folder_without_an_export_is_not_whole(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StoreError, match="is not an export"):
            list(check_export(folder))
