"""How the app is served: what its log says, and under which address it works."""

import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from packaging.requirements import Requirement

from tests.browser import ROOT, running_app
from tests.proxy import proxied

SERVE = """
from pathlib import Path
import annotation.ui.page as page
page.gr.Blocks.launch = lambda *args, **kwargs: exit()
page.build = lambda *args: page.gr.Blocks()
page.serve(page.Studio.open(Path("data")), host="127.0.0.1", port=7860)
"""


@pytest.mark.parametrize("hidden", [("websockets", "wsproto"), ("wsproto",)], ids=["none", "one"])
def test_the_log_says_once_that_sockets_cannot_work(tmp_path, hidden):
    for library in hidden:
        (tmp_path / f"{library}.py").write_text("raise ImportError")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    ran = subprocess.run([sys.executable, "-c", SERVE], env=environment, cwd=tmp_path, capture_output=True, text=True)
    said = [line for line in ran.stderr.splitlines() if "WebSocket" in line]
    assert ran.returncode == 0, ran.stderr
    assert len(said) == ("websockets" in hidden), ran.stderr


@pytest.mark.parametrize("library", ["websockets", "socksio"])
def test_the_first_command_installs_what_gradio_asks_for_only_when_it_runs(library):
    """A library for WebSockets; and one for SOCKS, without which it can't be imported where ALL_PROXY names one."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    assert library in {Requirement(line).name for line in lines}


def test_gradio_is_imported_where_a_socks_proxy_is_named_or_certificates_that_are_gone():
    proxies = {"ALL_PROXY": "socks5://127.0.0.1:9", "all_proxy": "socks5h://127.0.0.1:9"}
    environment = os.environ | proxies | {"SSL_CERT_FILE": "none.pem"}
    subprocess.run([sys.executable, "-c", "import annotation.ui"], env=environment, cwd=ROOT, check=True)


@pytest.fixture
def studio(tmp_path, monkeypatch):
    """Starts the app with options and variables; its port."""
    with ExitStack() as stack:

        def start(*options, **variables):
            for name, value in variables.items():
                monkeypatch.setenv(name, value)
            return urlsplit(stack.enter_context(running_app(tmp_path, *options))).port

        yield start


def is_fault(request):
    """Gradio's client closes the stream of an upload's progress once the upload is answered, mostly after its end."""
    return not (request.failure == "net::ERR_ABORTED" and "/upload_progress?" in request.url)


def correct(page, address, photo):
    """Cut out a photo, open it in the editor, look at Live; every request that failed, and where sockets went."""
    failed, sockets = [], []
    page.on("response", lambda answer: failed.append((answer.status, answer.url)) if answer.status >= 400 else None)
    page.on(
        "requestfailed", lambda request: failed.append((request.failure, request.url)) if is_fault(request) else None
    )
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(address)
    page.locator("input[type=file]").first.set_input_files(str(photo))
    page.locator(".summary", has_text=" s").last.wait_for(timeout=120_000)
    page.get_by_role("button", name="Correct by hand").click()
    page.locator(".trimap-editor[data-state=open]").wait_for(timeout=120_000)
    page.get_by_role("tab", name="Live").click()
    page.locator(".live[data-mounted]").wait_for(state="attached")
    return failed, sockets


@pytest.mark.browser
@pytest.mark.parametrize("way", ["stripped", "whole", "told by the proxy, with TLS"])
def test_correct_and_live_work_under_a_sub_path(studio, chromium, tmp_path, way):
    from matting.files import write_image
    from tests.annotation.editor.app import picture

    says, folder, port = {}, None, 0
    if way == "stripped":
        port = studio(GRADIO_ROOT_PATH="/deep/studio/")
    elif way == "whole":
        port = studio("--root-path", "deep/studio")
    elif not shutil.which("openssl"):
        pytest.skip("needs openssl")
    else:
        folder = tmp_path
        port = studio("--host", "127.0.0.1")
        says = {"X-Forwarded-Prefix": "/deep/studio", "X-Forwarded-Proto": "https"}
    write_image(tmp_path / "photo.png", picture()[0])
    page = chromium.new_page(ignore_https_errors=True)
    with proxied(port, "/deep/studio", strips=way != "whole", says=says, folder=folder) as address:
        failed, sockets = correct(page, f"{address}/", tmp_path / "photo.png")
        page.close()
    assert failed == []
    assert [url for url in sockets if "/presence/" not in url] == [f"{address.replace('http', 'ws', 1)}/correct/socket"]


def status(address, **headers):
    """The status that a request with these headers is answered with."""
    request = urllib.request.Request(address, headers={name.replace("_", "-"): text for name, text in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_no_address_of_the_app_answers_to_a_foreign_name_or_page(studio):
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    port = studio(MATTING_ALLOWED_HOSTS="studio.example")
    address = f"http://127.0.0.1:{port}"
    paths = ("/", "/config", "/gradio_api/info", "/gradio_api/upload", "/correct/works", "/live/static/live.js",
             "/live/snapshot", "/gradio_api/queue/join", "/static/img/logo.svg", "/nowhere")  # fmt: skip
    for path in paths:
        assert status(address + path, host=f"evil.example:{port}") == 403, path
        assert status(address + path, origin="https://evil.example") == 403, path
        assert status(address + path, origin="null") == 403, path
        assert status(address + path, host="studio.example", origin="https://studio.example") != 403, path
        assert status(address + path, origin=address) != 403, path
    for path in ("/correct/socket", "/live/socket"):
        for host, origin in (("evil.example", "http://evil.example"), ("127.0.0.1", "https://evil.example")):
            way = socket.create_connection(("127.0.0.1", port))  # as after DNS rebinding: the name is theirs
            with pytest.raises(InvalidStatus), connect(f"ws://{host}:{port}{path}", sock=way, origin=origin):
                pass
        with connect(f"ws://127.0.0.1:{port}{path}", origin=address):
            pass


@pytest.mark.parametrize("options", [["--root-path", "/a b"], ["--root-path", "live"], ["--allow-hosts", "http://"]])
def test_an_option_that_makes_no_sense_is_refused_in_a_sentence(options):
    ran = subprocess.run([sys.executable, "app.py", *options], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr
    assert "but got" in " ".join(ran.stderr.split())


def test_the_data_folder_is_not_that_of_temporary_files(tmp_path):
    """Browsers may not read the data folder, and what is brought in is first a temporary file."""
    (tmp_path / "tmp").mkdir()
    ran = subprocess.run(
        [sys.executable, "app.py", "--data", str(tmp_path)],
        cwd=ROOT, env=os.environ | {"TMPDIR": str(tmp_path / "tmp")}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ran.returncode == 1 and not ran.stdout
    assert ran.stderr.startswith(f"--data must be a folder of its own, but {tmp_path} holds")
    assert ran.stderr.count("\n") == 1 and not list((tmp_path / "tmp").iterdir())


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "app.py", "--port", str(taken.getsockname()[1]), "--data", str(tmp_path)]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 1 and not ran.stdout
    assert re.fullmatch(r"--port \d+ is taken by another program, or .* of this computer\n", ran.stderr)
