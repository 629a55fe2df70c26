"""The socket and the pages without a browser: order, numbers, two tabs, and who may see what."""

import json
import zlib

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from annotation.correction.workspace import Workspace
from annotation.editor.routes import routes
from annotation.store import Drafts, open_store
from annotation.strokes.stroke import Stroke, to_wire
from annotation.web.gate import Gate
from tests.annotation.editor.app import picture, quick_solve

MINE, OTHERS = "the secret of my browser", "the secret of another browser"


@pytest.fixture
def workspace(tmp_path):
    return Workspace(Drafts(open_store(tmp_path)), quick_solve)


@pytest.fixture
def client(workspace):
    gate = Middleware(Gate, listens="testserver", names={"studio.test"})
    with TestClient(Starlette(routes=routes(workspace), middleware=[gate]), base_url="http://studio.test") as client:
        yield client


@pytest.fixture
def draft(workspace):
    image, alpha, trimap = picture(48, 64)
    return workspace.begin(image, trimap, name="photo", alpha=alpha)


def brush(name, x=10):
    return Stroke(name, "brush", "foreground", 3, ((x, 10), (20, 20)))


def hello(socket, draft, secret=MINE, after=0):
    socket.send_json({"type": "open", "work": draft, "secret": secret, "tab": "t", "after": after})


def hear(socket, kind):
    """The next news of a kind; patches are told apart by being bytes."""
    while True:
        message = socket.receive()
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message["code"])
        if "text" in message and message["text"] is not None:
            news = json.loads(message["text"])
        else:
            content = message["bytes"]
            length = int.from_bytes(content[:4], "little")
            news = json.loads(content[4 : 4 + length]) | {"content": zlib.decompress(content[4 + length :])}
        if news["type"] == kind:
            return news


def test_a_stroke_is_answered_with_its_number_and_new_alpha(client, workspace, draft):
    with client.websocket_connect("/correct/socket") as socket:
        hello(socket, draft)
        opened = hear(socket, "opened")
        assert (opened["width"], opened["height"], opened["strokes"]) == (64, 48, [])
        socket.send_json({"type": "stroke", "stroke": to_wire(brush("a"))})
        painted = hear(socket, "painted")
        assert (painted["number"], painted["stroke"]["id"]) == (1, "a")
        patch = hear(socket, "patch")
        while patch["number"] < 1:
            patch = hear(socket, "patch")
        size = (patch["bottom"] - patch["top"], patch["right"] - patch["left"])
        alpha = np.frombuffer(patch["content"], np.uint8).reshape(size)
        assert alpha[10 - patch["top"], 10 - patch["left"]] == 255
    assert [stroke.id for stroke in workspace.drafts.strokes(draft)] == ["a"]


def test_after_a_reconnect_only_what_was_missed_is_told(client, workspace, draft):
    open_draft = workspace.open(draft, MINE)
    for name in "abc":
        workspace.paint(open_draft, brush(name), "t")
    with client.websocket_connect("/correct/socket") as socket:
        hello(socket, draft, after=2)
        assert [stroke["id"] for stroke in hear(socket, "opened")["strokes"]] == ["c"]


def test_two_tabs_hear_of_each_other_and_keep_both_strokes(client, workspace, draft):
    with client.websocket_connect("/correct/socket") as one, client.websocket_connect("/correct/socket") as two:
        hello(one, draft)
        hear(one, "opened")
        hello(two, draft)
        hear(two, "opened")
        while hear(one, "tabs")["count"] != 2:
            pass
        one.send_json({"type": "stroke", "stroke": to_wire(brush("a"))})
        two.send_json({"type": "stroke", "stroke": to_wire(brush("b", 30))})
        for socket in (one, two):
            told = [hear(socket, "painted") for _ in range(2)]
            assert [news["number"] for news in told] == [1, 2]
            assert {news["stroke"]["id"] for news in told} == {"a", "b"}
    assert {stroke.id for stroke in workspace.drafts.strokes(draft)} == {"a", "b"}


def test_nobody_else_can_open_a_draft(client, workspace, draft):
    workspace.open(draft, MINE)
    with client.websocket_connect("/correct/socket") as socket:
        hello(socket, draft, OTHERS)
        assert "another browser" in socket.receive_json()["reason"]
    for path in ("photo", "thumbnail", "alpha", "start/automatic"):
        assert client.get(f"/correct/works/{draft}/{path}", headers={"x-secret": MINE}).status_code == 200
        for headers in ({"x-secret": OTHERS}, {}):
            assert client.get(f"/correct/works/{draft}/{path}", headers=headers).status_code == 404
    assert client.post(f"/correct/works/{draft}/close", headers={"x-secret": OTHERS}).status_code == 404
    assert client.get("/correct/works", headers={"x-secret": OTHERS}).json() == []
    assert [row["id"] for row in client.get("/correct/works", headers={"x-secret": MINE}).json()] == [draft]


def test_what_is_private_is_kept_out_of_caches(client, workspace, draft):
    answer = client.get(f"/correct/works/{draft}/photo", headers={"x-secret": MINE})
    assert answer.headers["cache-control"] == "private, no-store"


def test_another_site_may_not_connect(client, draft):
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/correct/socket", headers={"origin": "http://evil.test"}),
    ):
        pass
    assert client.get("/correct/works", headers={"origin": "http://evil.test"}).status_code == 403
    assert client.get("/correct/works", headers={"origin": "http://studio.test"}).status_code == 200


def test_where_the_app_asks_for_a_login_its_cookie_is_needed(workspace, draft):
    app = Starlette(routes=routes(workspace))
    app.auth, app.cookie_id, app.tokens = {"ann": "password"}, "id", {"token": "ann"}
    with TestClient(app, base_url="http://studio.test") as client:
        assert client.get("/correct/works").status_code == 403
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/correct/socket"):
            pass
        client.cookies.set("access-token-id", "token")
        assert client.get("/correct/works").status_code == 200


@pytest.mark.parametrize(
    "text",
    ["no json", "[1]", '{"type": "stroke", "stroke": {"id": "a", "kind": "brush"}}', "x" * 400_001],
    ids=["text", "list", "half a stroke", "long"],
)
def test_nonsense_is_refused_and_stores_nothing(client, workspace, draft, text):
    with client.websocket_connect("/correct/socket") as socket:
        hello(socket, draft)
        hear(socket, "opened")
        socket.send_text(text)
        assert hear(socket, "refused" if "stroke" not in text else "unsaved")["reason"]
    assert workspace.drafts.strokes(draft) == []


def test_a_stroke_that_cannot_be_stored_is_not_acknowledged(client, workspace, draft, monkeypatch):
    from annotation.store import StoreError

    def full(draft_id, stroke):
        raise StoreError("could not save to the database (disk is full); what was saved before is intact")

    monkeypatch.setattr(workspace.drafts, "append", full)
    with client.websocket_connect("/correct/socket") as socket:
        hello(socket, draft)
        hear(socket, "opened")
        socket.send_json({"type": "stroke", "stroke": to_wire(brush("a"))})
        news = hear(socket, "unsaved")
        assert (news["id"], news["lasting"]) == ("a", False)
    assert workspace.open(draft, MINE).session.strokes == []
