"""Two visitors of one demo: whatever the second one asks for of the first, by name and number, is not there."""

import json
import re

import pytest
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from annotation.store import Drafts, NotYoursError
from annotation.strokes.stroke import Stroke, to_wire
from annotation.visits.visit import inside
from annotation.web.visit_rules import Rule, rule_of
from tests.annotation.editor.app import picture

SECRET = "the secret of my browser"


def every_route(app):
    """(path, whether it is a socket) of all that the app serves, Gradio's own included."""
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        if isinstance(route, Route | WebSocketRoute | Mount):
            yield route.path, isinstance(route, WebSocketRoute)
        else:
            waiting += route.original_router.routes


def example(path):
    """A path with every placeholder filled in."""
    return re.sub(r"\{[^}]*\}", "some", path)


def begin(demo, client, **more):
    """A draft of that browser, painted on once; its id."""
    image, alpha, trimap = picture(48, 64)
    with inside(demo.visit_of(client)):
        draft = demo.studio.workspace.begin(image, trimap, name="photo", alpha=alpha, **more)
        demo.studio.workspace.open(draft, SECRET)
    return draft


def test_every_address_has_a_rule(demo):
    paths = {path for path, _ in every_route(demo.app)}
    assert {"/correct/socket", "/gradio_api/queue/data", "/live/snapshot", "/config"} <= paths
    assert {path for path in paths if rule_of(example(path)) is None} == set()


def test_what_no_rule_names_is_closed(demo):
    client = demo.visitor()
    demo.app.router.routes.insert(0, Route("/new", lambda request: None))
    for path in ("/new", "/nothing/here", "/monitoring", "/gradio_api/file/etc/passwd", "/gradio_api/proxy=http://a.b"):
        assert client.get(path).status_code == 404, path


def test_without_a_visit_no_guarded_address_answers(demo):
    client = demo.visitor()
    client.cookies.clear()
    guarded = (Rule.MINE, Rule.NAMED, Rule.FILE, Rule.CLOSED)
    paths = [(path, is_socket) for path, is_socket in every_route(demo.app) if rule_of(example(path))[0] in guarded]
    assert len(paths) > 30
    for path, is_socket in paths:
        for secret in (None, "guessed", demo.visits.visit("x").name):
            headers = {"cookie": f"matting-visit={secret}"} if secret else {}
            if is_socket:
                with pytest.raises(WebSocketDisconnect), client.websocket_connect(example(path), headers=headers):
                    pass
            else:
                for method in ("GET", "POST"):
                    assert client.request(method, example(path), headers=headers).status_code == 404, path


def test_the_name_of_a_visits_folder_is_not_its_secret(demo):
    client = demo.visitor()
    begin(demo, client)
    (folder,) = demo.visits.home.iterdir()
    assert demo.visits.find(folder.name) is None


def test_a_second_visitor_who_knows_every_id_gets_nothing(demo):
    mine, other = demo.visitor(), demo.visitor()
    draft = begin(demo, mine)
    headers = {"x-secret": SECRET}
    uploaded = mine.post("/gradio_api/upload?upload_id=u1", files={"files": ("a.png", b"a photo of mine")}).json()
    event = join(mine, "page1", [None]).json()["event_id"]
    pages = [f"/correct/works/{draft}/{what}" for what in ("photo", "thumbnail", "alpha", "start/automatic")]
    named = [
        *pages,
        f"/gradio_api/file={uploaded[0]}",
        f"/gradio_api/call/some/{event}",
        f"/gradio_api/call/v2/{event}",
        f"/gradio_api/call/v2/some/{event}",
        "/gradio_api/call/some/an-event-that-is-nobodys",
        "/gradio_api/queue/data?session_hash=page1",
        "/gradio_api/upload_progress?upload_id=u1",
        "/gradio_api/heartbeat/page1",
    ]
    for path in [*pages, f"/gradio_api/file={uploaded[0]}"]:
        assert mine.get(path, headers=headers).status_code == 200, path
    for path in named:
        answer = other.get(path, headers=headers)
        assert answer.status_code == 404, path
        assert b"a photo of mine" not in answer.content
    assert other.get("/correct/works", headers=headers).json() == []
    assert [each["id"] for each in mine.get("/correct/works", headers=headers).json()] == [draft]
    assert other.post(f"/correct/works/{draft}/close", headers=headers).status_code == 404
    cancel = {"session_hash": "page2", "fn_index": 0, "event_id": event}
    assert other.post("/gradio_api/cancel", json=cancel).status_code == 404
    assert join(other, "page1", []).status_code == 404


def join(client, page, data):
    body = {"fn_index": 0, "session_hash": page, "data": data, "event_data": None, "trigger_id": None}
    return client.post("/gradio_api/queue/join", json=body)


@pytest.mark.parametrize(
    "value",
    [
        lambda path: {"path": path, "meta": {"_type": "gradio.FileData"}},
        lambda path: [{"image": {"path": path}}],
        lambda path: {"path": None, "url": f"http://testserver/gradio_api/file={path}"},
        lambda path: {"deep": [{"path": path + "/../" + path.rpartition("/")[2]}]},
        lambda path: {"path": "http://127.0.0.1/other"},
        lambda path: {"path": "/etc/passwd"},
        lambda path: {"path": "nul\0"},
    ],
    ids=["file", "gallery", "address", "deep", "web", "system", "nul"],
)
def test_another_visitors_file_is_no_input_of_an_event(demo, value):
    mine, other = demo.visitor(), demo.visitor()
    (path,) = mine.post("/gradio_api/upload", files={"files": ("a.png", b"a photo of mine")}).json()
    assert join(mine, "page1", [{"path": path}]).status_code == 200
    assert join(other, "page2", [value(path)]).status_code == 404


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=b", "text/plain", "application/json; charset=utf-16"])
def test_no_content_type_passes_an_event_by_the_check(demo, kind):
    mine, other = demo.visitor(), demo.visitor()
    (path,) = mine.post("/gradio_api/upload", files={"files": ("a.png", b"a photo of mine")}).json()
    body = json.dumps({"fn_index": 0, "session_hash": "page2", "data": [{"path": path}]}).encode()
    for address in ("/gradio_api/queue/join", "/gradio_api/run/predict", "/gradio_api/call/cut_out"):
        assert other.post(address, content=body, headers={"content-type": kind}).status_code == 404, address


def test_another_visitors_draft_opens_on_no_socket(demo):
    mine, other = demo.visitor(), demo.visitor()
    draft = begin(demo, mine)
    hello = {"type": "open", "work": draft, "secret": SECRET, "tab": "t", "after": 0}
    with mine.websocket_connect("/correct/socket") as socket:
        socket.send_json(hello)
        assert socket.receive_json()["type"] == "opened"
    with other.websocket_connect("/correct/socket") as socket:
        socket.send_json(hello)
        assert socket.receive_json()["type"] == "refused"
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()
    join(mine, "page1", [])
    with pytest.raises(WebSocketDisconnect), other.websocket_connect("/presence/page1"):
        pass
    with inside(demo.visit_of(other)), pytest.raises(NotYoursError):
        Drafts(demo.studio.store).open(draft, SECRET)


def test_a_cookie_is_the_frames_alone_over_tls_and_unreadable_to_scripts(demo):
    client = demo.visitor()
    client.cookies.clear()
    plain = client.get("/config").headers["set-cookie"]
    client.cookies.clear()
    safe = client.get("/config", headers={"x-forwarded-proto": "https"}).headers["set-cookie"]
    assert "HttpOnly" in plain and "SameSite=Lax" in plain
    assert all(word in safe for word in ("HttpOnly", "SameSite=None", "Secure", "Partitioned"))
    assert "set-cookie" not in client.get("/config", headers={"cookie": plain.partition(";")[0]}).headers


def test_a_stroke_of_a_visit_is_kept_with_it(demo):
    mine = demo.visitor()
    draft = begin(demo, mine)
    with mine.websocket_connect("/correct/socket") as socket:
        socket.send_json({"type": "open", "work": draft, "secret": SECRET, "tab": "t", "after": 0})
        socket.send_json({"type": "stroke", "stroke": to_wire(Stroke("a", "brush", "foreground", 3, ((5, 5), (9, 9))))})
        while (news := socket.receive()).get("text") is None or '"painted"' not in news["text"]:
            pass
    with inside(demo.visit_of(mine)):
        assert [stroke.id for stroke in demo.studio.workspace.drafts.strokes(draft)] == ["a"]
