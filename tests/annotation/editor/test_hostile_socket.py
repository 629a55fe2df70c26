"""The editor's socket with a real server: who talks nonsense, nobody at all, and who never reads."""

import json
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from annotation.correction import workspace as module
from annotation.correction.open_draft import Painted
from annotation.correction.resolving import Patch
from annotation.correction.workspace import Workspace
from annotation.editor import socket as editor_socket
from annotation.editor import unsent_news
from annotation.editor.messages import Problem
from annotation.editor.routes import routes
from annotation.editor.unsent_news import Unsent
from annotation.store import Drafts, open_store
from annotation.strokes.boxes import Box
from annotation.strokes.stroke import Stroke, to_wire
from annotation.web import sockets
from annotation.web.sockets import Closing
from tests.annotation.editor.app import picture, quick_solve
from tests.browser import free_port, wait_until

MINE = "the secret of my browser"


@pytest.fixture
def workspace(tmp_path):
    return Workspace(Drafts(open_store(tmp_path)), quick_solve)


@pytest.fixture
def draft(workspace):
    image, alpha, trimap = picture(48, 64)
    return workspace.begin(image, trimap, name="photo", alpha=alpha)


@pytest.fixture
def address(workspace):
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=routes(workspace)), port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started, seconds=20)
    yield f"ws://127.0.0.1:{port}/correct/socket"
    server.should_exit = True
    thread.join(30)


def hello(draft, **changed):
    return json.dumps({"type": "open", "work": draft, "secret": MINE, "tab": "t", "after": 0, **changed})


FIRST = {
    "bytes": b"\x00\xff",
    "no JSON": "hello",
    "nothing": "",
    "a list": "[]",
    "deep": "[" * 100_000,
    "long": " " * 400_001,
    "a number of 5000 digits": '{"after": ' + "1" * 5000 + "}",
    "another type": json.dumps({"type": "stroke"}),
    "no type": "{}",
    "a work that is a list": hello(["x"]),
    "a secret that is a number": hello("x", secret=1),
    "a tab that is an object": hello("x", tab={}),
    "after in words": hello("x", after="soon"),
    "after below nothing": hello("x", after=-1),
    "after in halves": hello("x", after=0.5),
    "after without end": hello("x", after=float("inf")),
    "after true": hello("x", after=True),
    "an unknown work": hello("x"),
    "half a character": hello("\ud800"),
    "no character": hello("\0"),
}


@pytest.mark.parametrize("message", FIRST.values(), ids=FIRST.keys())
def test_a_first_message_that_makes_no_sense_is_refused_in_a_sentence(address, message):
    with connect(address) as connection:
        connection.send(message)
        told = json.loads(connection.recv(timeout=10))
        assert told["type"] == "refused"
        assert told["reason"] and "Traceback" not in told["reason"] and len(told["reason"]) < 500
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=10)
    assert closed.value.rcvd.code == 1008


def test_who_says_nothing_is_told_so_and_closed(address, monkeypatch):
    monkeypatch.setattr(editor_socket, "OPENING_SECONDS", 0.3)
    with connect(address) as connection:
        assert "within 0.3 s" in json.loads(connection.recv(timeout=10))["reason"]


def test_a_later_message_of_bytes_is_refused(address, draft):
    with connect(address) as connection:
        connection.send(hello(draft))
        connection.send(b"bytes")
        reasons = []
        with pytest.raises(ConnectionClosed):
            while True:
                message = connection.recv(timeout=10)
                reasons += [json.loads(message).get("reason")] if isinstance(message, str) else []
    assert "a message must be text, but got bytes" in reasons


def test_a_fault_of_ours_is_logged_and_ends_one_connection_only(address, workspace, draft, monkeypatch, caplog):
    def faulty(*args):
        raise RuntimeError("a fault of ours")

    with connect(address) as good:
        good.send(hello(draft))
        monkeypatch.setattr(workspace, "paint", faulty)
        with connect(address) as bad:
            bad.send(hello(draft, tab="bad"))
            bad.send(json.dumps({"type": "stroke", "stroke": to_wire(Stroke("a", "brush", points=((1, 1),)))}))
            with pytest.raises(ConnectionClosed):
                while True:
                    bad.recv(timeout=10)
        monkeypatch.undo()
        good.send(json.dumps({"type": "stroke", "stroke": to_wire(Stroke("b", "brush", points=((1, 1),)))}))
        wait_until(lambda: len(workspace.drafts.strokes(draft)) == 1, seconds=10)
    assert "a fault of ours" in caplog.text


def test_who_never_reads_is_cut_off(address, workspace, draft, monkeypatch):
    monkeypatch.setattr(sockets, "SEND_SECONDS", 1.0)
    open_draft = workspace.open(draft, MINE)
    noise = np.random.default_rng(0).random((1000, 1000), np.float32)
    with connect(address, max_queue=1, max_size=None) as connection:
        connection.send(hello(draft))
        wait_until(lambda: bool(open_draft.listeners), seconds=10)
        for _ in range(60):
            open_draft.publish(Patch(Box(0, 0, 1000, 1000), noise, "fine", 0))
        wait_until(lambda: not open_draft.listeners, seconds=30)


def patch(side):
    return Patch(Box(0, 0, side, side), np.zeros((side, side), np.float32), "fine", 0)


@pytest.mark.parametrize(
    ("news", "most"),
    [(patch(1), unsent_news.MAX_WAITING_NEWS), (patch(3000), unsent_news.MAX_WAITING_BYTES // 36_000_000),
     (Painted(Stroke("a", "brush", points=((0, 0),) * 20_000), 1, "t"), 100),
     (Problem(id="", reason=""), unsent_news.MAX_WAITING_NEWS)],
    ids=["small patches", "large patches", "long strokes", "words"],
)  # fmt: skip
def test_what_waits_is_bounded(news, most):
    waiting = Unsent()
    for _ in range(most + 1):
        waiting.add(news)
    assert not waiting.news and waiting.is_too_much
    with pytest.raises(Closing):
        waiting.next().send(None)


def test_one_alpha_of_the_largest_photo_may_wait():
    waiting = Unsent()
    whole = Patch(Box(0, 0, 1, 1), np.broadcast_to(np.float32(0), (8000, 8000)), "idle", 0)
    waiting.add(whole)
    assert not waiting.is_too_much


@contextmanager
def slowly_loading(workspace, monkeypatch, slow):
    """`workspace` whose work `slow` is loaded only after the block; the list of works that were loaded."""
    loaded, go_on, load = [], threading.Event(), workspace.load

    def patient(draft):
        loaded.append(draft.id)
        if draft.id == slow:
            go_on.wait(20)
        return load(draft)

    monkeypatch.setattr(workspace, "load", patient)
    yield loaded
    go_on.set()


def test_nobody_waits_for_the_photo_of_another(workspace, draft, monkeypatch):
    image, _, trimap = picture(48, 64)
    large = workspace.begin(image, trimap, name="large")
    opened = []
    threads = [threading.Thread(target=lambda: opened.append(workspace.open(large, MINE))) for _ in range(3)]
    with slowly_loading(workspace, monkeypatch, large) as loaded:
        for thread in threads:
            thread.start()
        wait_until(lambda: bool(loaded), seconds=10)
        other = threading.Thread(target=lambda: opened.append(workspace.open(draft, MINE)))
        other.start()
        other.join(10)
        time.sleep(0.1)
        assert [one.stored.id for one in opened] == [draft]
    for thread in threads:
        thread.join(20)
    assert loaded.count(large) == 1
    assert len({id(one) for one in opened if one.stored.id == large}) == 1


def test_large_photos_are_loaded_one_at_a_time_and_small_ones_meanwhile(workspace, draft, monkeypatch):
    image, _, trimap = picture(480, 640)
    monkeypatch.setattr(module, "LARGE_PIXELS", 100_000)
    large = [workspace.begin(image, trimap, name=f"large {number}") for number in range(3)]
    running, most, load, go_on = [], [], workspace.load, threading.Event()

    def watched(given):
        if given.id in large:
            running.append(given.id)
            most.append(len(running))
            go_on.wait(20)
            running.remove(given.id)
        return load(given)

    monkeypatch.setattr(workspace, "load", watched)
    threads = [threading.Thread(target=workspace.open, args=(one, MINE)) for one in large]
    for thread in threads:
        thread.start()
    wait_until(lambda: bool(running), seconds=10)
    assert workspace.open(draft, MINE).stored.id == draft  # while a large one is being loaded
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert most == [1, 1, 1]
