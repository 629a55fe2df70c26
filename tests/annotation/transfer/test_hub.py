"""Pushing an export, against a local server that speaks the Hub's dataset API."""

import base64
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest

from annotation.store import StoreError
from annotation.transfer.exporting import export
from annotation.transfer.hub import push_folder
from tests.annotation.store.samples import contents, fill


class Hub(ThreadingHTTPServer):
    """A repository: files of the last commit, large objects by sha256, and what was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories, self.files, self.objects, self.commits = {}, {}, {}, []
        self.uploads, self.fail_after, self.lock = 0, None, threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            content = b""
            while size := int(self.rfile.readline(), 16):
                content += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return content
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, content, status=200):
        content = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        path, hub = unquote(urlsplit(self.path).path), self.server
        name = path.removeprefix("/api/datasets/").split("/tree/")[0].split("/revision/")[0]
        if name not in hub.repositories:
            return self.answer({"error": "Repository not found"}, 404)
        if "/tree/" in path:
            return self.answer([{"type": "file", "path": file, "oid": "0", "size": 1} for file in hub.files])
        siblings = [{"rfilename": file} for file in hub.files]
        return self.answer({"id": name, "sha": "0" * 40, "siblings": siblings, "private": True, "tags": []})

    def do_POST(self):
        path, hub, body = unquote(urlsplit(self.path).path), self.server, self.body()
        if path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked.get('organization') or 'tester'}/{asked['name']}"
            hub.repositories[name] = asked
            return self.answer({"url": f"{hub.url}/datasets/{name}", "name": name})
        if path == "/api/validate-yaml":
            return self.answer({"errors": [], "warnings": []})
        if "/preupload/" in path:
            files = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["path"].endswith(".png") else "regular",
                    "shouldIgnore": False,
                }
                for file in json.loads(body)["files"]
            ]
            return self.answer({"files": files})
        if path.endswith("/objects/batch"):
            return self.answer(
                {"transfer": "basic", "objects": [self.batch(item) for item in json.loads(body)["objects"]]}
            )
        if "/commit/" in path:
            return self.commit([json.loads(line) for line in body.splitlines() if line])
        return self.answer({"error": f"not served: {path}"}, 404)

    def batch(self, item):
        entry = {"oid": item["oid"], "size": item["size"]}
        if item["oid"] not in self.server.objects:
            entry["actions"] = {"upload": {"href": f"{self.server.url}/upload/{item['oid']}"}}
        return entry

    def do_PUT(self):
        content, hub = self.body(), self.server
        with hub.lock:
            hub.uploads += 1
            broken = hub.fail_after is not None and hub.uploads > hub.fail_after
        if broken:
            return self.answer({"error": "out of order"}, 403)
        name = self.path.rpartition("/")[2]
        assert hashlib.sha256(content).hexdigest() == name
        hub.objects[name] = content
        return self.answer({})

    def commit(self, lines):
        hub, files = self.server, dict(self.server.files)
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                files[value["path"]] = hub.objects[value["oid"]]
            elif line["key"] == "deletedFile":
                files.pop(value["path"], None)
        hub.files = files
        hub.commits.append(lines)
        return self.answer({"commitUrl": f"{hub.url}/datasets/tester/set/commit/{'1' * 40}", "commitOid": "1" * 40})


@pytest.fixture
def hub(monkeypatch):
    import huggingface_hub

    import annotation.transfer.hub

    server = Hub()
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(
        annotation.transfer.hub, "HfApi", lambda: huggingface_hub.HfApi(endpoint=server.url, token="hf_test")
    )
    yield server
    server.shutdown()


def test_the_repository_is_the_export(hub, local_store, picture, tmp_path):
    fill(local_store, picture, 5)
    export(local_store, tmp_path / "out")
    address = push_folder(tmp_path / "out", "tester/set")
    assert address == f"{hub.url}/datasets/tester/set"
    assert hub.files == contents(tmp_path / "out")
    asked = hub.repositories["tester/set"]
    assert asked.get("private") is True or asked["visibility"] == "private"
    assert len(hub.commits) == 1


def test_an_interrupted_push_is_resumed(hub, local_store, picture, tmp_path):
    """What arrived is not sent again, and until all has, the repository does not change."""
    fill(local_store, picture, 10)
    export(local_store, tmp_path / "out")
    hub.fail_after = 7
    with pytest.raises(StoreError, match="run it again to resume"):
        push_folder(tmp_path / "out", "tester/set")
    arrived = len(hub.objects)
    assert 0 < arrived <= 7
    assert hub.files == {}
    hub.fail_after, hub.uploads = None, 0
    push_folder(tmp_path / "out", "tester/set")
    assert hub.files == contents(tmp_path / "out")
    assert hub.uploads == len(hub.objects) - arrived


def test_a_grown_export_sends_only_what_is_new(hub, local_store, picture, tmp_path):
    fill(local_store, picture, 5)
    export(local_store, tmp_path / "out", layout="modnet")
    push_folder(tmp_path / "out", "tester/set")
    fill(local_store, picture, 6)
    export(local_store, tmp_path / "out", layout="rgba")
    hub.uploads = 0
    push_folder(tmp_path / "out", "tester/set")
    assert hub.files == contents(tmp_path / "out")
    assert hub.uploads == 6


def test_what_cannot_be_pushed_is_named(hub, local_store, picture, tmp_path):
    fill(local_store, picture, 1)
    with pytest.raises(StoreError, match="is not an export"):
        push_folder(tmp_path, "tester/set")
    export(local_store, tmp_path / "out")
    with pytest.raises(StoreError, match="a b c"):
        push_folder(tmp_path / "out", "a b c/?")
    next((tmp_path / "out").rglob("*.png")).write_bytes(b"")
    with pytest.raises(StoreError, match="is not whole"):
        push_folder(tmp_path / "out", "tester/set")
    assert hub.files == {}
