"""Stores to test on: SQLite with a folder, and PostgreSQL with an S3-compatible server, started by the test run.

And a page for the editor's scripts.
"""

import mimetypes
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path

import numpy as np
import pytest

from annotation.store import open_store
from tests.conftest import missing

STATIC = Path(__file__).parents[2] / "annotation" / "editor" / "static"
POSTGRES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture(scope="session")
def postgres():
    """The URL of a cluster of our own in a temporary folder, without the name of the database."""
    binaries = str(POSTGRES[-1]) if POSTGRES else (shutil.which("initdb") or "").removesuffix("/initdb")
    if not binaries:
        missing("needs PostgreSQL (Debian: apt-get install postgresql)")
    account = "postgres" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="matting-postgres-"))
    if account:
        shutil.chown(folder, account)
    port = free_port()

    def run(*command):
        subprocess.run(command, user=account, cwd="/", check=True, stdout=subprocess.DEVNULL)

    run(f"{binaries}/initdb", "-D", f"{folder}/data", "-U", "tester", "--auth=trust")
    settings = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    run(f"{binaries}/pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", settings, "start")
    yield f"postgresql://tester@127.0.0.1:{port}"
    run(f"{binaries}/pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
    shutil.rmtree(folder)


@pytest.fixture
def tmp_path():
    """In memory where there is such a place: these tests flush to the disk thousands of times."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="matting-", dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def team_places(postgres, s3, monkeypatch):
    """A function that gives the URLs of an empty database of the cluster and of an empty bucket, new ones each time."""
    import psycopg
    import s3fs

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "tester")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "tester")
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    def make():
        name = f"test-{uuid.uuid4().hex}"
        with psycopg.connect(f"{postgres}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        s3fs.S3FileSystem(skip_instance_cache=True).mkdir(name)
        return {"database": f"{postgres}/{name}", "files": f"s3://{name}/dataset"}

    return make


@pytest.fixture
def team_store(team_places):
    """A store of them."""
    store = open_store(**team_places())
    yield store
    store.close()


@pytest.fixture(params=["sqlite and folder", "postgresql and s3"])
def store(request, tmp_path):
    """An empty store of each kind."""
    if request.param == "postgresql and s3":
        yield request.getfixturevalue("team_store")
    else:
        store = open_store(tmp_path / "data")
        yield store
        store.close()


@pytest.fixture
def local_store(tmp_path):
    """An empty store of SQLite and a folder."""
    store = open_store(tmp_path / "data")
    yield store
    store.close()


@pytest.fixture(scope="session")
def picture():
    """A function: number → (48, 64, 3) uint8 with that number's own broad shapes, so that no two are near."""

    def make(number, size=(48, 64)):
        random = np.random.default_rng(number)
        coarse = random.integers(0, 256, (6, 8, 3), dtype=np.uint8)
        rows = np.arange(size[0]) * 6 // size[0]
        columns = np.arange(size[1]) * 8 // size[1]
        return np.ascontiguousarray(coarse[rows][:, columns])

    return make


@pytest.fixture
def scripts(chromium):
    """An empty page on which `await import("/strokes/raster.js")` gives the editor's own modules."""
    page = chromium.new_page()
    page.route("http://editor.test/**", serve)
    page.goto("http://editor.test/blank.html")
    yield page
    page.close()


def serve(route):
    file = STATIC / route.request.url.removeprefix("http://editor.test/")
    if file.exists():
        route.fulfill(path=file, content_type=mimetypes.guess_type(file.name)[0])
    else:
        route.fulfill(body="<!doctype html>", content_type="text/html")
