"""The live socket, spoken to as browsers and as troublemakers do; the model is one whose answer is known."""

import json
import struct
import time
import zlib

import cv2
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from annotation.live import messages, room, socket
from annotation.live.room import Room, best_side
from annotation.live.routes import routes
from annotation.live.viewer import Viewer
from annotation.web.gate import Gate
from matting.models import LIVE_MODELS

LEFT_BRIGHT = np.zeros((96, 128, 3), np.uint8)
LEFT_BRIGHT[:, :64] = 250


def brightness(frames):
    """The red channel as alpha."""
    for frame in frames:
        yield frame[..., 0].astype(np.float32) / 255


@pytest.fixture(autouse=True)
def _known_model(monkeypatch):
    for name, model in list(LIVE_MODELS.items()):
        fields = {"title": model.title, "sides": model.sides, "multiple": model.multiple}
        monkeypatch.setitem(LIVE_MODELS, name, type(model)(load=lambda: brightness, **fields))


@pytest.fixture
def client():
    gate = Middleware(Gate, listens="testserver")
    with TestClient(Starlette(routes=routes(room=Room(seats=2)), middleware=[gate])) as client:
        yield client


def jpeg(image=LEFT_BRIGHT):
    return cv2.imencode(".jpg", image[..., ::-1])[1].tobytes()


def frame(number, picture=None, kind=1):
    return struct.pack("<IB3x", number, kind) + (jpeg() if picture is None else picture)


def alpha_of(deflated, size):
    if not deflated:
        return None
    return np.frombuffer(zlib.decompress(deflated), np.uint8).reshape(size) / 255


def next_answer(connection):
    """(number, alpha or None) of the next binary message; texts before it are returned too."""
    texts = []
    while True:
        message = connection.receive()
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message["code"])
        if message.get("bytes"):
            number, runs, _, viewers, width, height = struct.unpack_from("<IIHHHH", message["bytes"])
            return number, alpha_of(message["bytes"][16:], (height, width)), texts, runs, viewers
        texts.append(json.loads(message["text"]))


def closing(connection):
    """(texts, code) until the server closes."""
    texts = []
    while True:
        message = connection.receive()
        if message["type"] == "websocket.close":
            return texts, message["code"]
        if message.get("text"):
            texts.append(json.loads(message["text"]))


def test_a_frame_is_answered_with_its_alpha(client):
    with client.websocket_connect("/live/socket") as connection:
        connection.send_bytes(frame(7))
        number, alpha, _, runs, viewers = next_answer(connection)
    assert (number, runs, viewers) == (7, 1, 1)
    assert alpha.shape == LEFT_BRIGHT.shape[:2]
    assert alpha[:, :56].min() > 0.9
    assert alpha[:, 72:].max() < 0.1


def test_large_frames_are_shrunk_and_the_browser_told_the_size(client):
    with client.websocket_connect("/live/socket") as connection:
        connection.send_bytes(frame(1, jpeg(cv2.resize(LEFT_BRIGHT, dsize=(1280, 720)))))
        _, alpha, _, _, _ = next_answer(connection)
        told = json.loads(connection.receive()["text"])
    assert told == {"type": "size", "height": alpha.shape[0], "width": alpha.shape[1]}
    assert alpha.shape[0] in LIVE_MODELS["modnet"].sides


def test_old_numbers_are_dropped(client):
    with client.websocket_connect("/live/socket") as connection:
        connection.send_bytes(frame(5))
        assert next_answer(connection)[0] == 5
        connection.send_bytes(frame(3))
        connection.send_bytes(frame(6))
        number, _, texts, _, _ = next_answer(connection)
    assert number == 6
    assert {"type": "dropped", "number": 3} in texts


def test_the_newest_frame_wins(client, monkeypatch):
    inner = socket.decode

    def slow(picture):
        time.sleep(0.3)
        return inner(picture)

    monkeypatch.setattr(socket, "decode", slow)
    with client.websocket_connect("/live/socket") as connection:
        for number in range(1, 7):
            connection.send_bytes(frame(number))
        answered, dropped = [], set()
        while 6 not in answered:
            number, _, texts, _, _ = next_answer(connection)
            answered.append(number)
            dropped |= {text["number"] for text in texts if text["type"] == "dropped"}
    assert len(answered) <= 3
    assert dropped == {1, 2, 3, 4, 5, 6} - set(answered)


HOSTILE = {
    "empty": b"",
    "header only": struct.pack("<IB3x", 1, 1),
    "unknown kind": frame(1, kind=9),
    "no picture": frame(1, b"hello" * 10),
    "another format": frame(1, cv2.imencode(".png", LEFT_BRIGHT)[1].tobytes()),
    "cut": frame(1, jpeg()[:60]),
    "too many pixels": frame(1, jpeg(np.zeros((2000, 2000, 3), np.uint8))),
    "too thin": frame(1, jpeg(np.zeros((40, 1900, 3), np.uint8))),
    "too long": frame(1, jpeg() + bytes(messages.MAX_FRAME_BYTES)),
    "text that is no JSON": "{",
    "deep JSON": "[" * 1900,
    "no object": "[1]",
    "unknown model": json.dumps({"model": "../../etc/passwd"}),
    "long text": json.dumps({"model": "x" * 5000}),
}


@pytest.mark.parametrize("message", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_cannot_be_used_is_refused_and_the_connection_goes_on(client, message):
    with client.websocket_connect("/live/socket") as good, client.websocket_connect("/live/socket") as bad:
        send = bad.send_text if isinstance(message, str) else bad.send_bytes
        send(message)
        while (told := bad.receive()).get("bytes"):
            pass
        assert json.loads(told["text"])["type"] == "refused"
        bad.send_bytes(frame(20))
        assert next_answer(bad)[0] == 20
        good.send_bytes(frame(1))
        assert next_answer(good)[0] == 1


def test_who_sends_rubbish_again_and_again_is_closed(client):
    with client.websocket_connect("/live/socket") as connection:
        for _ in range(socket.MAX_UNUSABLE_MESSAGES):
            connection.send_bytes(b"rubbish, rubbish")
        texts, code = closing(connection)
    assert code == 1008
    assert len(texts) == socket.MAX_UNUSABLE_MESSAGES


def test_who_sends_too_fast_is_closed(client):
    with client.websocket_connect("/live/socket") as connection:
        for _ in range(2 * socket.MAX_MESSAGES_A_SECOND):
            connection.send_text("{}")
        assert closing(connection)[1] == 1008


def test_who_is_idle_gives_the_seat_back(client, monkeypatch):
    monkeypatch.setattr(socket, "IDLE_SECONDS", 0.2)
    with client.websocket_connect("/live/socket") as connection:
        texts, code = closing(connection)
    assert (texts[0]["type"], code) == ("idle", 1013)


def test_when_all_seats_are_taken_the_next_is_told(client):
    with client.websocket_connect("/live/socket") as first, client.websocket_connect("/live/socket") as second:
        for connection in (first, second):
            connection.send_bytes(frame(1))
            next_answer(connection)
        with client.websocket_connect("/live/socket") as third:
            texts, code = closing(third)
        assert (texts[0]["type"], code) == ("full", 1013)
        assert "2 live seats" in texts[0]["text"]
    with client.websocket_connect("/live/socket") as again:
        again.send_bytes(frame(1))
        assert next_answer(again)[0] == 1


def test_pages_of_others_are_not_let_in(client):
    own, foreign = {"origin": "http://testserver"}, {"origin": "https://elsewhere.example"}
    with client.websocket_connect("/live/socket", headers=own) as connection:
        connection.send_bytes(frame(1))
        assert next_answer(connection)[0] == 1
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/live/socket", headers=foreign) as connection:
        connection.receive()
    assert client.post("/live/snapshot", headers=foreign, content=b"").status_code == 403


def test_where_the_app_asks_for_a_login_only_those_logged_in_are_let_in():
    app = Starlette(routes=routes(room=Room(seats=2)))
    app.auth, app.cookie_id, app.tokens = {"anna": "secret"}, "1", {"known": "anna"}
    with TestClient(app) as client:
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/live/socket") as connection:
            connection.receive()
        with client.websocket_connect("/live/socket", headers={"cookie": "access-token-1=known"}) as connection:
            connection.send_bytes(frame(1))
            assert next_answer(connection)[0] == 1


def test_an_empty_background_is_kept_and_forgotten(client):
    empty = np.full((96, 128, 3), 120, np.uint8)
    both = empty.copy()
    both[:, :64] = 250  # the model takes grey 120 for alpha 0.47; the empty background says it is 0
    with client.websocket_connect("/live/socket") as connection:
        connection.send_bytes(frame(0, jpeg(empty), kind=2))
        assert json.loads(connection.receive()["text"])["type"] == "plate"
        connection.send_bytes(frame(1, jpeg(both)))
        assert next_answer(connection)[1][:, 80:].max() < 0.05
        connection.send_text(json.dumps({"plate": False}))
        time.sleep(0.1)
        for number in range(2, 12):
            connection.send_bytes(frame(number, jpeg(both)))
            alpha = next_answer(connection)[1]
        assert alpha[:, 80:].min() > 0.3


def test_a_failing_model_ends_one_connection_only(client, monkeypatch):
    def failing(frames):
        yield from ()
        raise MemoryError

    model = LIVE_MODELS["rvm"]
    fields = {"title": model.title, "sides": model.sides, "multiple": model.multiple}
    monkeypatch.setitem(LIVE_MODELS, "rvm", type(model)(load=lambda: failing, **fields))
    with client.websocket_connect("/live/socket") as good, client.websocket_connect("/live/socket") as bad:
        bad.send_text(json.dumps({"model": "rvm"}))
        bad.send_bytes(frame(1))
        bad.send_bytes(frame(2))
        assert closing(bad)[1] == 1013
        good.send_bytes(frame(1))
        assert next_answer(good)[0] == 1


def test_turns_go_round(monkeypatch):
    served = []

    class Noted(Viewer):
        def run(self):
            served.append(self)
            time.sleep(0.01)
            return 0

    everyone, hall = [Noted() for _ in range(3)], Room(seats=3)
    for viewer in everyone:
        viewer.is_waiting = True
        assert hall.enter(viewer)
    time.sleep(0.4)
    for viewer in everyone:
        viewer.is_waiting = False
        hall.leave(viewer)
    counts = [served.count(viewer) for viewer in everyone]
    assert max(counts) - min(counts) <= 1
    assert min(counts) >= 3


def test_the_size_follows_the_pace():
    viewer = Viewer()
    viewer.use("modnet", brightness)
    viewer.side = 256
    pixels = 256 * 352
    assert best_side(viewer, pixels, 0.05 / pixels, most=0.1) == 320
    assert best_side(viewer, pixels, 0.10 / pixels, most=0.1) == 256
    assert best_side(viewer, pixels, 0.40 / pixels, most=0.1) == 192
    assert best_side(viewer, pixels, 0.001 / pixels, most=0.1) == 512


def test_a_frame_to_be_corrected_is_handed_over_whole(monkeypatch):
    kept = []

    def keep(image, alpha):
        kept.append((image, alpha))
        return "work 1"

    monkeypatch.setattr("annotation.live.routes.load_model", lambda name: lambda image: image[..., 0] / np.float32(255))
    with TestClient(Starlette(routes=routes(keep, Room()))) as client:
        answer = client.post("/live/snapshot", content=cv2.imencode(".png", LEFT_BRIGHT)[1].tobytes())
        assert answer.json()["work"] == "work 1"
        assert np.array_equal(kept[0][0], LEFT_BRIGHT)
        assert client.post("/live/snapshot", content=b"rubbish").status_code == 400


def test_the_room_is_left_without_a_thread():
    hall, viewer = Room(seats=1), Viewer()
    assert hall.enter(viewer)
    thread = hall._thread
    hall.leave(viewer)
    thread.join(5)
    assert not thread.is_alive()
    assert room.SEATS >= 1
