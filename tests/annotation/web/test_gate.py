"""Who is let in: the names a browser gives for the app, the pages that ask, requests and sockets alike."""

import socket
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from annotation.web.gate import MAX_LOGGED_REFUSALS, Gate, read_names


async def greet(websocket):
    await websocket.accept()
    await websocket.close()


def visitor(listens="127.0.0.1", names="", server="127.0.0.1"):
    """A client of an app that listens there; its requests arrive at the computer's address `server`."""
    app = Starlette(
        routes=[
            Route("/", lambda request: PlainTextResponse("in"), methods=["GET", "POST"]),
            WebSocketRoute("/socket", greet),
        ],
        middleware=[Middleware(Gate, listens=listens, names=read_names(names))],
    )

    async def arriving(scope, receive, send):
        await app({**scope, "server": (server, 7860)}, receive, send)

    return TestClient(arriving)


def is_let_in(client, **headers):
    """Whether a request and a socket with these headers are let in; both or neither."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    status = client.post("/", headers=sent).status_code
    try:
        with client.websocket_connect("/socket", headers=sent) as connection:
            is_open = connection.receive()["type"] == "websocket.close"
    except WebSocketDisconnect:
        is_open = False
    assert (status, is_open) in ((200, True), (403, False))
    return is_open


OWN = ["localhost", "LocalHost:7860", "localhost.:7860", "127.0.0.1:7860", "127.0.0.2", "[::1]:7860",
       "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]:80"]  # fmt: skip
FOREIGN = ["evil.example", "evil.example:7860", "localhost.evil.example", "127.0.0.1.evil.example", "notlocalhost",
           "localhost:7860@evil.example", "evil.example#localhost", "localhost,evil.example", "localhost evil.example",
           "", ".", ":7860", "[::1", "::1", "[evil]", "192.168.1.7:7860", "0.0.0.0:7860", "[::]", "127.1", "2130706433",
           "localhost:port", "localhost:7860:7860", "null", "l\u00f6calhost"]  # fmt: skip


@pytest.mark.parametrize("host", OWN)
def test_names_of_this_computer_are_let_in(host):
    assert is_let_in(visitor(), host=host)


@pytest.mark.parametrize("host", FOREIGN)
def test_a_name_that_is_not_ours_is_refused(host):
    assert not is_let_in(visitor(), host=host.encode("latin-1"))


def test_two_hosts_or_none_are_refused():
    client = visitor()
    assert client.get("/", headers=[("host", "localhost"), ("host", "evil.example")]).status_code == 403
    sent = []

    async def hostless():
        async def send(message):
            sent.append(message)

        await Gate(None, listens="127.0.0.1")({"type": "http", "headers": [], "method": "GET"}, None, send)

    with ThreadPoolExecutor(1) as pool:  # a browser's loop may run in this thread
        pool.submit(anyio.run, hostless).result()
    assert sent[0]["status"] == 403


def test_the_address_listened_on_is_a_name():
    assert is_let_in(visitor("Studio.LAN", server="192.168.1.7"), host="studio.lan:7860")
    assert is_let_in(visitor("Studio.LAN", server="192.168.1.7"), host="192.168.1.7:7860")
    assert not is_let_in(visitor("studio.lan", server="192.168.1.7"), host="192.168.1.8:7860")
    assert is_let_in(visitor("fd00::7", server="fd00::7"), host="[fd00:0:0::7]:7860")


@pytest.mark.parametrize("listens", ["0.0.0.0", "::", "[::]"])
def test_listening_everywhere_takes_addresses_and_the_computers_name_but_no_other(listens):
    name = socket.gethostname()
    for host in ("192.168.1.7:7860", "[fd00::7]:7860", "0.0.0.0:7860", "localhost", name, f"{name.upper()}:7860"):
        assert is_let_in(visitor(listens), host=host), host
    assert not is_let_in(visitor(listens), host="evil.example:7860")


def test_names_can_be_added():
    client = visitor(names="studio.example, https://Other.example:8443/studio 10.0.0.7")
    for host in ("studio.example", "STUDIO.example.:443", "other.example:1", "10.0.0.7:80"):
        assert is_let_in(client, host=host), host
    assert not is_let_in(client, host="evil.studio.example")
    assert is_let_in(visitor(names="*"), host="evil.example", origin="https://evil.example")


@pytest.mark.parametrize("text", ["studio example?", "a/b", "http://", "a:b:c", "two..dots/"])
def test_what_is_no_name_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match="a name of a host"):
        read_names(text)


SAME = [("localhost:7860", "http://localhost:7860"), ("LOCALHOST:7860", "http://localhost:7860"),
        ("[::1]:7860", "http://[::1]:7860"), ("localhost", "http://localhost"), ("localhost:443", "https://localhost"),
        ("localhost", "https://localhost")]  # fmt: skip
OTHER = ["http://evil.example", "https://localhost:7860.evil.example", "null", "", "http://localhost:3000",
         "http://localhost", "http://127.0.0.1:7860", "file://", "chrome-extension://localhost:7860",
         "http://evil.example/localhost:7860", "http://localhost:7860@evil.example", "//localhost:7860", "http://[::1",
         "http://localhost:7860, http://evil.example"]  # fmt: skip


@pytest.mark.parametrize(("host", "origin"), SAME)
def test_our_own_pages_are_let_in(host, origin):
    assert is_let_in(visitor(), host=host, origin=origin)


@pytest.mark.parametrize("origin", OTHER)
def test_pages_of_others_are_refused(origin):
    assert not is_let_in(visitor(), host="localhost:7860", origin=origin)


def test_a_proxys_word_counts_only_for_names_that_were_added():
    told = {"host": "127.0.0.1:7860", "x_forwarded_host": "studio.example", "origin": "https://studio.example"}
    assert not is_let_in(visitor(), **told)
    assert is_let_in(visitor(names="studio.example"), **told)
    assert not is_let_in(visitor(names="studio.example"), **{**told, "host": "evil.example"})
    assert not is_let_in(
        visitor(names="studio.example"), **{**told, "x_forwarded_host": "studio.example, evil.example"}
    )
    assert not is_let_in(visitor(names="studio.example"), **{**told, "origin": "https://evil.example"})


def test_the_log_says_each_refusal_once_and_not_for_ever(caplog):
    client = visitor()
    for number in range(MAX_LOGGED_REFUSALS + 20):
        for _ in range(2):
            client.get("/", headers={"host": f"evil{number}.example"})
    assert len(caplog.records) == MAX_LOGGED_REFUSALS
    assert "--allow-hosts" in caplog.records[0].message
