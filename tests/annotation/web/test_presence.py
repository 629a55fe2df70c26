"""A page that vanished without a word: a proxy takes what is sent and gives it to nobody, and closes nothing."""

import asyncio
import contextlib
import threading
import time
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from annotation.ui.cancelling import GivenUpError, lose, waited_for
from annotation.web import presence
from matting.solving.progress import report
from tests.browser import free_port, running_app, wait_until
from tests.proxy import proxied


class Page:
    """What Gradio tells of the page a request came from."""

    session_hash = "page"


@pytest.fixture
def served(monkeypatch):
    """The port of an app that asks every fifth of a second, and waits half a second for an answer."""
    monkeypatch.setattr(presence, "ASKING_SECONDS", 0.2)
    monkeypatch.setattr(presence, "ANSWER_SECONDS", 0.5)
    port = free_port()
    app = Starlette(routes=[presence.Presence(lose).route])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, seconds=30)
    yield port
    server.should_exit = True
    thread.join(30)


@pytest.fixture
def network(served):
    """(port of a proxy before the app, an event from which on it passes nothing on)."""
    port, lost, loop = free_port(), threading.Event(), asyncio.new_event_loop()

    async def pump(reader, writer):
        while block := await reader.read(65536):
            if not lost.is_set():
                writer.write(block)

    async def handle(reader, writer):
        above = await asyncio.open_connection("127.0.0.1", served)
        await asyncio.gather(pump(reader, above[1]), pump(above[0], writer))

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(asyncio.start_server(handle, "127.0.0.1", port), loop).result(10)
    yield port, lost
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


def answering(port, over):
    """A page that answers until `over`."""
    with connect(f"ws://127.0.0.1:{port}/presence/page") as socket, contextlib.suppress(ConnectionClosed):
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                socket.recv(0.1)
                socket.send("here")


def test_what_a_vanished_page_waits_for_ends(network):
    port, lost = network
    over, at = threading.Event(), []
    page = threading.Thread(target=answering, args=(port, over), daemon=True)
    page.start()
    begun = time.monotonic()
    with pytest.raises(GivenUpError), waited_for(Page(), lambda share: None):
        while time.monotonic() - begun < 30:
            report(0.1)
            if time.monotonic() - begun > 3 and not lost.is_set():  # it was there for several questions
                lost.set()
                at.append(time.monotonic())
            time.sleep(0.05)
    assert at and time.monotonic() - at[0] < 10
    over.set()


def test_the_real_times_are_within_half_a_minute():
    assert presence.ASKING_SECONDS + presence.ANSWER_SECONDS <= 30


@pytest.mark.browser
@pytest.mark.parametrize("prefix", ["", "/studio"])
def test_the_page_answers_at_its_own_address(chromium, tmp_path, prefix):
    """Also where a proxy shows it under a sub-path."""
    with running_app(tmp_path, *(["--root-path", prefix] if prefix else [])) as address:
        port = urlsplit(address).port
        shown = proxied(port, prefix, strips=True, says={}) if prefix else contextlib.nullcontext(address)
        with shown as seen:
            page, sent = chromium.new_page(), []
            page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append((socket.url, text))))
            page.goto(f"{seen}/")
            wait_until(lambda: page.wait_for_timeout(100) or any("/presence/" in url for url, _ in sent), seconds=60)
            page.close()
    (url, text), *_ = [one for one in sent if "/presence/" in one[0]]
    assert text == "here" and urlsplit(url).path.startswith(f"{prefix}/presence/")
