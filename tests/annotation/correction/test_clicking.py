"""Clicks as strokes: stored, told once, undone, and read again without the network that answered them."""

from threading import Event

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from annotation.correction import clicking
from annotation.correction.clicking import click, prepare
from annotation.correction.open_draft import Painted
from annotation.correction.selecting import clicked
from annotation.correction.workspace import Workspace
from annotation.editor.routes import routes
from annotation.store import Drafts, open_store
from annotation.strokes.raster import replay
from annotation.strokes.stroke import Stroke
from matting.arrays import FOREGROUND, UNKNOWN
from matting.models.mobile_sam import Point
from matting.weights import WEIGHTS, Url, Weights, WeightsError, folders
from tests.annotation.editor.app import picture, quick_solve
from tests.annotation.editor.test_routes import MINE, hear, hello
from tests.matting.weights.test_finding import CONTENT, SHA256, SIZE, giving, serving

SIZE_OF_PHOTO = (60, 80)


class Squares:
    """In place of the network: a click selects the 20 pixels wide square of a grid that it is in."""

    encoded = 0

    def __init__(self, image):
        type(self).encoded += 1
        self.size = image.shape[:2]

    def select(self, points):
        selection = np.zeros(self.size, bool)
        for x, y, is_foreground in points:
            selection[y // 20 * 20 : y // 20 * 20 + 20, x // 20 * 20 : x // 20 * 20 + 20] = is_foreground
        return selection


@pytest.fixture
def squares(monkeypatch, tmp_path):
    """Weights that are in place, for a network that selects squares."""
    monkeypatch.setattr(folders, "FOLDER", tmp_path / "weights")
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "net").write_bytes(CONTENT)
    monkeypatch.setitem(WEIGHTS, "mobile-sam", Weights("net", SIZE, "Apache-2.0", SHA256, ()))
    monkeypatch.setattr(clicking, "Selector", Squares)
    monkeypatch.setattr(Squares, "encoded", 0)


@pytest.fixture
def workspace(tmp_path):
    return Workspace(Drafts(open_store(tmp_path)), quick_solve)


@pytest.fixture
def draft(workspace):
    image, _, trimap = picture(*SIZE_OF_PHOTO)
    return workspace.begin(image, trimap, name="photo")


@pytest.fixture
def client(workspace):
    with TestClient(Starlette(routes=routes(workspace)), base_url="http://studio.test") as client:
        yield client


def ignore(_readiness):
    pass


def test_clicks_are_stored_and_replay_without_the_network(workspace, draft, squares, tmp_path, monkeypatch):
    open_draft = workspace.open(draft, MINE)
    assert click(workspace, open_draft, "a", Point(10, 10), "t", ignore) == 1
    first = open_draft.session.trimap.copy()
    assert first[10, 10] == FOREGROUND and first[10, 30] != FOREGROUND
    assert click(workspace, open_draft, "b", Point(30, 10), "t", ignore) == 2
    assert open_draft.session.trimap[10, 30] == open_draft.session.trimap[10, 10] == FOREGROUND
    assert click(workspace, open_draft, "c", Point(12, 12, is_foreground=False), "t", ignore) == 3
    workspace.paint(open_draft, Stroke("d", "brush", "unknown", 3, ((50, 50),)), "t")
    last = open_draft.session.trimap.copy()
    assert last[10, 30] == FOREGROUND and last[10, 10] != FOREGROUND and last[50, 50] == UNKNOWN

    monkeypatch.setattr(clicking, "Selector", None)
    again = Workspace(Drafts(open_store(tmp_path)), quick_solve).open(draft, MINE).session
    assert np.array_equal(again.trimap, last)
    assert np.array_equal(replay(again.automatic, again.strokes, again.starts), last)
    assert clicked(again.strokes) == [Point(10, 10), Point(30, 10), Point(12, 12, False)]
    for name in "dcb":
        again.add(Stroke(f"undo-{name}", "undo", target=name))
    assert np.array_equal(again.trimap, first)


def test_a_selection_asked_for_again_is_made_once(workspace, draft, squares):
    open_draft = workspace.open(draft, MINE)
    workspace.paint(open_draft, Stroke("a", "brush", "foreground", 3, ((40, 30),)), "t")
    assert workspace.select(open_draft, "b", "t") == 2
    workspace.paint(open_draft, Stroke("c", "brush", "foreground", 9, ((10, 10),)), "t")
    told = []
    workspace.join(open_draft, "t", told.append)
    assert workspace.select(open_draft, "b", "t") == 2
    assert [news.stroke for news in told if isinstance(news, Painted)] == [open_draft.session.strokes[1]]
    assert click(workspace, open_draft, "d", Point(70, 50), "t", ignore) == 4
    assert click(workspace, open_draft, "d", Point(70, 50), "t", ignore) == 4
    assert [stroke.id for stroke in workspace.drafts.strokes(draft)] == ["a", "b", "c", "d"]


def test_an_undone_click_counts_no_more_and_a_selection_from_strokes_begins_anew(workspace, draft, squares):
    open_draft = workspace.open(draft, MINE)
    click(workspace, open_draft, "a", Point(10, 10), "t", ignore)
    click(workspace, open_draft, "b", Point(30, 10), "t", ignore)
    workspace.paint(open_draft, Stroke("undo", "undo", target="b"), "t")
    click(workspace, open_draft, "c", Point(70, 50), "t", ignore)
    assert clicked(open_draft.session.strokes) == [Point(10, 10), Point(70, 50)]
    assert open_draft.session.trimap[10, 30] != FOREGROUND
    workspace.start_over(open_draft, open_draft.session.trimap, "d", "t")
    assert clicked(open_draft.session.strokes) == []


def test_the_photo_is_encoded_once_and_a_click_sent_twice_counts_once(workspace, draft, squares):
    open_draft = workspace.open(draft, MINE)
    told = []
    for name, x in (("a", 10), ("a", 10), ("b", 30)):
        click(workspace, open_draft, name, Point(x, 10), "t", lambda readiness: told.append(readiness.state))
    with pytest.raises(ValueError, match="That click changes nothing"):
        click(workspace, open_draft, "c", Point(32, 12), "t", ignore)
    assert [stroke.id for stroke in workspace.drafts.strokes(draft)] == ["a", "b"]
    assert Squares.encoded == 1
    assert told == ["encoding", "ready", "ready", "ready"]


@pytest.mark.parametrize(
    ("point", "told"),
    [
        (Point(80, 10), "must be in the photo of 80 × 60 pixels, but is at 80, 10"),
        (Point(10, -1), "must be in the photo"),
        (Point(10, 10, is_foreground=False), "Click on the object you want first"),
    ],
)
def test_a_click_that_selects_nothing_says_so_and_stores_nothing(workspace, draft, squares, point, told):
    with pytest.raises(ValueError, match=told):
        click(workspace, workspace.open(draft, MINE), "a", point, "t", ignore)
    assert workspace.drafts.strokes(draft) == []


def test_without_the_weights_nothing_is_fetched_until_a_person_agrees(workspace, draft, squares, monkeypatch):
    WEIGHTS["mobile-sam"].path.unlink()
    open_draft, told = workspace.open(draft, MINE), []
    with serving({"/net": giving(CONTENT)}) as server:
        source = Url(f"{server.address}/net", SIZE)
        monkeypatch.setitem(WEIGHTS, "mobile-sam", Weights("net", SIZE, "Apache-2.0", SHA256, (source,)))
        prepare(open_draft, told.append, may_download=False)
        assert [(readiness.state, readiness.text) for readiness in told] == [("absent", "MobileSAM, 0 MB, Apache-2.0")]
        with pytest.raises(WeightsError, match="is not here yet"):
            click(workspace, open_draft, "a", Point(10, 10), "t", ignore)
        assert server.asked == []
        told.clear()
        prepare(open_draft, told.append, may_download=True)
        assert server.asked == ["/net"]
    states = [readiness.state for readiness in told]
    assert list(dict.fromkeys(states)) == ["downloading", "encoding", "ready"]
    assert [readiness.share for readiness in told if readiness.state == "downloading"][-1] == 1
    click(workspace, open_draft, "a", Point(10, 10), "t", ignore)


def test_a_download_that_fails_says_why(workspace, draft, squares, monkeypatch):
    source = Url("http://127.0.0.1:9/closed", SIZE)
    monkeypatch.setitem(WEIGHTS, "mobile-sam", Weights("other", SIZE, "Apache-2.0", SHA256, (source,)))
    told = []
    prepare(workspace.open(draft, MINE), told.append, may_download=True)
    assert told[-1].state == "failed"
    assert "127.0.0.1:9/closed" in told[-1].text


def test_over_the_socket_strokes_do_not_wait_for_a_click(client, workspace, draft, squares, monkeypatch):
    """The photo is encoded only when the stroke sent after the click has come back."""
    seen = []

    class Slow(Squares):
        def __init__(self, image):
            super().__init__(image)
            painted.wait(20)
            seen.append(len(workspace.drafts.strokes(draft)))

    painted = Event()
    monkeypatch.setattr(clicking, "Selector", Slow)
    with client.websocket_connect("/correct/socket") as socket:
        hello(socket, draft)
        hear(socket, "opened")
        socket.send_json({"type": "click", "id": "a", "point": [10, 10], "label": "foreground"})
        assert hear(socket, "clicking")["state"] == "encoding"
        brush = {"id": "b", "kind": "brush", "label": "unknown", "radius": 3, "points": [50, 50]}
        socket.send_json({"type": "stroke", "stroke": brush})
        assert hear(socket, "painted")["stroke"]["id"] == "b"
        painted.set()
        news = hear(socket, "painted")
        assert (news["number"], news["stroke"]["points"], news["stroke"]["label"]) == (2, [10, 10], "foreground")
        assert seen == [1]
        content = client.get(f"/correct/works/{draft}/start/{news['stroke']['target']}", headers={"x-secret": MINE})
        assert content.status_code == 200
        for nonsense in ([1], ["a", 2], None, [True, 3]):
            socket.send_json({"type": "click", "id": "c", "point": nonsense, "label": "foreground"})
            news = hear(socket, "problem")
            assert news["id"] == "c" and "click.point" in news["reason"]
