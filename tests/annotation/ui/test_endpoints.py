"""The named endpoints as other programs use them: gradio_client and an MCP client, against the running app."""

import ast
import asyncio
import base64
import json
import re
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from annotation.ui.photo_input import EXAMPLES
from matting import load_model
from matting.arrays import to_uint8, to_uint16
from matting.composite import composite
from matting.files import read_image, write_image
from matting.files.pictures import read_foreground, read_grey
from matting.files.pixel_limit import MAX_PIXELS
from matting.foreground import estimate_foreground
from matting.models import MODELS
from matting.trimap import Widths, make_trimap
from tests import browser
from tests.conftest import missing

GUIDE = browser.ROOT / "docs" / "guide" / "interfaces.md"
ENDPOINTS = {"/cut_out", "/alpha", "/trimap", "/composite", "/models"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("endpoints")


@pytest.fixture(scope="module")
def served(folder, modnet, mobile_sam):
    try:
        import mcp  # noqa: F401
    except ImportError:
        missing("needs the package mcp")
    with browser.running_app(folder, "--mcp") as address:
        yield address


@pytest.fixture(scope="module")
def client(served, folder):
    return Client(served, verbose=False, download_files=folder / "downloads")


@pytest.fixture(scope="module")
def photo(folder):
    path = folder / "a photo.png"
    write_image(path, np.ascontiguousarray(read_image(Path(EXAMPLES[0]))[:256, 100:356]))
    return path


def test_no_other_endpoint_is_named(served):
    with urllib.request.urlopen(f"{served}/gradio_api/info") as answer:
        info = json.load(answer)
    assert set(info["named_endpoints"]) == ENDPOINTS
    assert info["unnamed_endpoints"] == {}
    assert all(one["description"] for one in info["named_endpoints"].values())


def test_the_examples_of_the_guide_run(served, folder, client, monkeypatch, capsys):
    photo = read_image(Path(EXAMPLES[0]))
    for name in ("photo.jpg", "beach.jpg"):
        write_image(folder / name, photo[:200, 100:340])
    monkeypatch.chdir(folder)
    names: dict[str, object] = {}
    for code in re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(), flags=re.S | re.M):
        exec(code.replace("http://127.0.0.1:7860", served), names)
    said = capsys.readouterr().out
    assert "['auto'" not in said  # what answered, not what chose
    assert "'studio'" in said
    assert "No model is called 'no such model'" in said


def test_answers_are_those_of_the_library(client, photo):
    image, sent = read_image(photo), handle_file(photo)
    alpha = load_model("auto")(image)
    stored = to_uint16(alpha)
    found, _ = client.predict(sent, api_name="/alpha")
    assert np.array_equal(read_grey(Path(found)), stored)

    drawn, _ = client.predict(sent, inner=3, outer=7, api_name="/trimap")
    trimap = make_trimap(alpha, Widths(3, 7))
    assert np.array_equal(read_grey(Path(drawn)), trimap)

    solved, (answer,) = client.predict(sent, trimap=handle_file(drawn), model="shared", api_name="/alpha")
    assert np.abs(read_grey(Path(solved)).astype(int) - to_uint16(load_model("shared")(image, trimap))).max() <= 1
    assert answer["model"] == "shared" and answer["weights"] == ""

    cut, (answer,) = client.predict(sent, api_name="/cut_out")
    assert np.array_equal(read_grey(Path(cut)), to_uint8(alpha))
    assert answer["model"] in MODELS and len(answer["weights"]) == 64 and answer["licence"]

    laid, _ = client.predict(sent, background="#2050a0", api_name="/composite")
    behind = np.broadcast_to(np.float32([0x20, 0x50, 0xA0]) / 255, image.shape)
    wanted = composite(estimate_foreground(image, alpha), alpha, np.ascontiguousarray(behind))
    assert np.abs(read_image(Path(laid)).astype(int) - to_uint8(wanted)).max() <= 1
    assert Path(laid).name == "a photo_composite.png"
    seen = read_foreground(Path(cut))[alpha == 1].astype(int)
    assert np.abs(seen - read_image(Path(laid))[alpha == 1]).max() <= 1


def test_edges_are_worked_out_in_the_band_around_the_subject(client, photo):
    image = read_image(photo)
    alpha = load_model("auto")(image)
    cut, took_part = client.predict(handle_file(photo), edges="studio", api_name="/cut_out")
    solved, band = read_grey(Path(cut)), make_trimap(alpha)
    assert (solved[band == 255] == 255).all() and (solved[band == 0] == 0).all()
    assert [one["model"] for one in took_part][1:] == ["studio"]


def test_models_are_those_of_the_library(client):
    listed = {one["name"]: one for one in client.predict(api_name="/models")}
    of_a_photo = {name for name, kind in MODELS.items() if not kind.needs_plate}
    assert of_a_photo <= set(listed) and not (set(MODELS) - of_a_photo) & set(listed)
    assert listed["shared"]["needs_trimap"] and not listed["modnet"]["needs_trimap"]
    assert listed["modnet"]["is_present"] and "non-commercial" in listed["gca"]["licence"]


def hostile(folder):
    """Every kind of bad request: (endpoint, arguments, part of the one sentence that is wanted)."""
    good = handle_file(folder / "a photo.png")
    (folder / "text.png").write_text("no picture")
    (folder / "damaged.png").write_bytes((folder / "a photo.png").read_bytes()[:-4000])
    write_image(folder / "tiny.png", np.zeros((4, 4, 3), np.uint8))
    write_image(folder / "other.png", np.full((64, 64), 128, np.uint8))
    rows = MAX_PIXELS // 10_000 + 1
    write_image(folder / "large.png", np.zeros((rows, 10_000), np.uint8))
    for endpoint in ENDPOINTS - {"/models"}:
        yield endpoint, {"photo": None}, "A photo is wanted"
        yield endpoint, {"photo": handle_file(folder / "text.png")}, "not a picture"
        yield endpoint, {"photo": handle_file(folder / "large.png")}, f"10000 × {rows}"
        yield endpoint, {"photo": good, "model": "../secret"}, "No model is called"
    yield "/alpha", {"photo": handle_file(folder / "damaged.png")}, "damaged.png"
    yield "/cut_out", {"photo": handle_file(folder / "tiny.png")}, "4 × 4"
    yield "/cut_out", {"photo": good, "model": "shared"}, "needs a trimap"
    yield "/cut_out", {"photo": good, "edges": "no such"}, "No model is called"
    yield "/alpha", {"photo": good, "trimap": handle_file(folder / "other.png"), "model": "shared"}, "256 pixels high"
    yield "/alpha", {"photo": good, "trimap": good, "model": "shared"}, "must be grey"
    yield "/trimap", {"photo": good, "inner": -1}, "0 pixels or more"
    yield "/composite", {"photo": good, "background": "green"}, "#RRGGBB"
    yield "/composite", {"photo": good, "background": EXAMPLES[1]}, "#RRGGBB"
    yield "/composite", {"photo": good, "picture": handle_file(folder / "text.png")}, "not a picture"


def test_a_bad_request_gets_one_sentence(client, folder, photo):
    for endpoint, arguments, wanted in hostile(folder):
        with pytest.raises(AppError) as refused:
            client.predict(**arguments, api_name=endpoint)
        said = str(refused.value)
        assert wanted in said, (endpoint, arguments, said)
        assert "\n" not in said and "Traceback" not in said and str(folder) not in said
    assert "Traceback" not in (folder / "app.log").read_text()


def test_no_file_of_the_server_is_read_that_was_not_sent(served, client, photo):
    """The client would upload the file; so the request is written by hand."""
    secret = Path(EXAMPLES[1])
    assert secret.is_file()
    file = {"path": str(secret), "meta": {"_type": "gradio.FileData"}}
    for name, data in (("cut_out", [file]), ("composite", [file]), ("composite", [None, "#ffffff", file])):
        request = urllib.request.Request(
            f"{served}/gradio_api/call/{name}",
            json.dumps({"data": data}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            event = json.load(answer)["event_id"]
        with urllib.request.urlopen(f"{served}/gradio_api/call/{name}/{event}") as answer:
            assert b"event: error" in answer.read()


def test_an_mcp_client_cuts_out_a_photo(served, client, photo, folder):
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    data = f"data:image/png;base64,{base64.b64encode(photo.read_bytes()).decode()}"

    async def ask():
        async with (
            streamable_http_client(f"{served}/gradio_api/mcp/") as (reads, writes, _),
            ClientSession(reads, writes) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            asked = [("models", {}), ("cut_out", {"photo": data}), ("cut_out", {"photo": data, "model": "no such"})]
            return tools, [await session.call_tool(*each) for each in asked]

    with ThreadPoolExecutor(1) as apart:  # the browser of other tests has an event loop in this thread
        tools, (listed, cut, refused) = apart.submit(asyncio.run, ask()).result()
    assert {tool.name for tool in tools} == {name[1:] for name in ENDPOINTS}
    assert all(tool.description for tool in tools)
    assert "modnet" in listed.content[0].text and not listed.isError
    assert refused.isError and "No model is called 'no such'" in refused.content[0].text
    assert "Traceback" not in refused.content[0].text
    alone = read_grey(Path(client.predict(handle_file(photo), api_name="/cut_out")[0]))
    (file, (answer,)) = ast.literal_eval(cut.content[0].text)
    assert answer["licence"]
    (folder / "tool.png").write_bytes(httpx.get(file["url"]).content)
    assert np.array_equal(read_grey(folder / "tool.png"), alone)


def test_a_demo_answers_programs_as_it_does_visitors(tmp_path, photo, modnet, monkeypatch):
    monkeypatch.setenv("MATTING_DEMO_PHOTO_MEGAPIXELS", "1")
    write_image(tmp_path / "large.png", np.zeros((1000, 1001, 3), np.uint8))
    with browser.running_app(tmp_path, "--demo") as address:
        client = Client(address, verbose=False, download_files=False)
        given, _ = client.predict(handle_file(photo), model="modnet", api_name="/cut_out")
        mine = httpx.get(given["url"], cookies=dict(client.cookies))
        strangers = httpx.get(given["url"])
        with pytest.raises(AppError, match="up to 1 megapixels"):
            client.predict(handle_file(tmp_path / "large.png"), model="modnet", api_name="/cut_out")
    assert mine.status_code == 200 and strangers.status_code == 404
    (tmp_path / "cut.png").write_bytes(mine.content)
    assert np.array_equal(read_grey(tmp_path / "cut.png"), to_uint8(load_model("modnet")(read_image(photo))))


def test_without_its_package_the_mcp_server_says_what_to_install(tmp_path):
    hide = "import importlib.util as util, sys; real = util.find_spec; util.find_spec = lambda name: None"
    start = "import runpy; sys.argv = ['app.py', '--mcp']; runpy.run_path('app.py', run_name='__main__')"
    ran = subprocess.run(
        [sys.executable, "-c", f"{hide}\n{start}"], cwd=browser.ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert ran.stderr.strip() == "--mcp needs the package mcp: pip install 'mcp>=1.21,<2'"
