"""Each limit of a visitor, reached through what a browser uses: one polite sentence, and nothing is lost or broken."""

import json
import re
import time
from pathlib import Path

import gradio as gr
import numpy as np
import pytest

from annotation.store import StoreError
from annotation.strokes.stroke import Stroke, to_wire
from annotation.ui import cancelling
from annotation.ui.cut_out.steps import change_photo
from annotation.ui.video.tab import describe, taker
from annotation.visits.limits import SENTENCES, LimitError, Limits
from annotation.visits.meter import SECONDS, Meter
from annotation.visits.visit import inside
from matting.files import encode_image, write_image
from tests.annotation.visits.test_visitors import SECRET, begin
from tests.matting.video.clips import write_clip


def sentence(name, number):
    return SENTENCES[name].format(number)


def test_every_limit_has_one_sentence_that_names_its_number():
    assert SENTENCES.keys() | {"kept_minutes"} == Limits.__dataclass_fields__.keys()
    for name, words in SENTENCES.items():
        assert words.count("{}") == 1, name
        assert words.endswith("."), name


def test_a_variable_sets_a_limit(monkeypatch):
    monkeypatch.setenv("MATTING_DEMO_OPEN_DRAFTS", "2")
    assert Limits.from_environment() == Limits(open_drafts=2)
    monkeypatch.setenv("MATTING_DEMO_OPEN_DRAFTS", "many")
    with pytest.raises(SystemExit, match="MATTING_DEMO_OPEN_DRAFTS must be a whole number"):
        Limits.from_environment()


def test_every_limit_stands_in_the_guide():
    guide = (Path(__file__).parents[3] / "docs" / "guide" / "hosting.md").read_text()
    rows = re.findall(r"^\|[^|]*\|\s*(\d+)[^|]*\| `(MATTING_DEMO_[A-Z_]+)` \|$", guide, re.MULTILINE)
    told = {name: int(number) for number, name in rows}
    assert told == {f"MATTING_DEMO_{name.upper()}": number for name, number in vars(Limits()).items()}


@pytest.mark.parametrize("most", [1, 3, 50])
def test_a_meter_lets_through_as_many_as_fit_into_any_window(most):
    now = [0.0]
    meter, let_through = Meter(60, clock=lambda: now[0]), []
    for step in np.random.default_rng(most).exponential(2, 400):
        now[0] += step
        wait = meter.wait_for(most)
        if wait:
            assert meter.times[0] == let_through[-most]
            assert wait == pytest.approx(let_through[-most] + 60 - now[0])
        else:
            let_through.append(now[0])
    times = np.array(let_through)
    assert all(((times > at - 60) & (times <= at)).sum() <= most for at in times)
    assert len(times) >= most


def photo(folder, height=40, width=50):
    path = folder / f"{height}x{width}.png"
    write_image(path, np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8))
    return str(path)


def test_a_photo_over_the_limit_is_refused_before_it_is_decoded(demo, tmp_path, monkeypatch):
    client = demo.visitor()
    visit = demo.limit(client, photo_megapixels=1)
    monkeypatch.setattr("annotation.ui.cut_out.steps.open_photo", lambda path: pytest.fail("decoded"))
    with inside(visit), pytest.raises(Exception, match=re.escape(sentence("photo_megapixels", 1))):
        change_photo(None, photo(tmp_path, 1001, 1000), "auto")


def test_without_a_demo_there_is_no_limit_but_the_programs_own(tmp_path):
    job, *_ = change_photo(None, photo(tmp_path, 1001, 1000), "auto")
    assert job.image.shape[:2] == (1001, 1000)
    job.end()


def test_a_long_video_is_refused(demo, tmp_path):
    write_clip(tmp_path / "clip.mp4", frames=45)  # 30 a second
    visit = demo.limit(demo.visitor(), video_seconds=1)
    with inside(visit):
        words, *_ = describe(str(tmp_path / "clip.mp4"))
        with pytest.raises(gr.Error, match=re.escape(sentence("video_seconds", 1))):
            taker(demo.studio.workspace)(str(tmp_path / "clip.mp4"), "modnet", 0)
    assert words == f"⚠️ {sentence('video_seconds', 1)}"


def test_an_upload_is_bounded_whatever_its_length_is_said_to_be(demo):
    client = demo.visitor()
    demo.limit(client, upload_megabytes=1)
    content = b"x" * 1_200_000
    answer = client.post("/gradio_api/upload", files={"files": ("a.png", content)})
    assert (answer.status_code, answer.json()["detail"]) == (413, sentence("upload_megabytes", 1))
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'

    def unsaid():
        yield head
        for _ in range(40):
            yield content[:50_000]
        yield b"\r\n--b--\r\n"

    with pytest.raises(Exception):  # noqa: B017 — the connection ends, as it does for one who goes away
        client.post("/gradio_api/upload", content=unsaid(), headers={"content-type": "multipart/form-data; boundary=b"})
    assert not demo.visit_of(client).files
    assert client.post("/gradio_api/upload", files={"files": ("a.png", b"small")}).status_code == 200


def test_the_disk_is_bounded_for_uploads_drafts_and_photos(demo, tmp_path):
    client = demo.visitor()
    visit = demo.limit(client, disk_megabytes=1)
    words = sentence("disk_megabytes", 1)
    assert client.post("/gradio_api/upload", files={"files": ("a.png", b"a" * 980_000)}).status_code == 200
    answer = client.post("/gradio_api/upload", files={"files": ("b.png", b"b" * 30_000)})
    assert (answer.status_code, answer.json()["detail"]) == (413, words)
    with pytest.raises(LimitError, match=words):
        begin(demo, client)
    with inside(visit), pytest.raises(Exception, match=words):
        change_photo(None, photo(tmp_path), "auto")
    assert client.post("/visit/erase").status_code == 200
    client.get("/config")
    assert begin(demo, client)


def test_open_drafts_are_bounded_until_one_is_closed(demo):
    client = demo.visitor()
    demo.limit(client, open_drafts=2)
    first, _ = begin(demo, client), begin(demo, client)
    with pytest.raises(LimitError, match=re.escape(sentence("open_drafts", 2))):
        begin(demo, client)
    assert client.post(f"/correct/works/{first}/close", headers={"x-secret": SECRET}).status_code == 200
    assert begin(demo, client)


def test_what_is_worked_on_at_once_is_bounded(demo):
    visit = demo.limit(demo.visitor(), solves_at_once=2)
    words = re.escape(sentence("solves_at_once", 2))
    with inside(visit), cancelling.waited_for(None, print):
        with (
            cancelling.waited_for(None, print),
            pytest.raises(LimitError, match=words),
            cancelling.waited_for(None, print),
        ):
            pass
        with cancelling.waited_for(None, print):
            pass


def hear(socket, kind):
    """The next message of that kind."""
    while True:
        message = socket.receive()
        if message["type"] == "websocket.close":
            raise AssertionError(f"closed with {message['code']}")
        if (text := message.get("text")) and (news := json.loads(text))["type"] == kind:
            return news


def test_too_many_strokes_wait_and_none_is_lost(demo, monkeypatch):
    monkeypatch.setitem(SECONDS, "minute", 1.5)
    client = demo.visitor()
    demo.limit(client, strokes_a_minute=3)
    draft = begin(demo, client)
    with client.websocket_connect("/correct/socket") as socket:
        socket.send_json({"type": "open", "work": draft, "secret": SECRET, "tab": "t", "after": 0})
        started = time.monotonic()
        for name in "abcd":
            stroke = Stroke(name, "brush", "foreground", 3, ((5, 5), (9, 9)))
            socket.send_json({"type": "stroke", "stroke": to_wire(stroke)})
        told = hear(socket, "unsaved")
        assert (told["id"], told["reason"], told["lasting"]) == ("d", sentence("strokes_a_minute", 3), False)
        assert hear(socket, "painted")["stroke"]["id"] == "d"
        assert time.monotonic() - started > 1.4
    with inside(demo.visit_of(client)):
        assert [stroke.id for stroke in demo.studio.workspace.drafts.strokes(draft)] == list("abcd")


def test_clicks_and_selections_are_bounded(demo):
    client = demo.visitor()
    demo.limit(client, clicks_a_minute=1)
    draft = begin(demo, client)
    with client.websocket_connect("/correct/socket") as socket:
        socket.send_json({"type": "open", "work": draft, "secret": SECRET, "tab": "t", "after": 0})
        for name in "ab":
            socket.send_json({"type": "select", "id": name})
        reasons = {news["id"]: news["reason"] for news in (hear(socket, "problem"), hear(socket, "problem"))}
    assert reasons["b"] == sentence("clicks_a_minute", 1) != reasons["a"]


def test_snapshots_are_bounded(demo):
    client = demo.visitor()
    demo.limit(client, snapshots_a_minute=1)
    client.post("/live/snapshot", content=b"no picture")
    answer = client.post("/live/snapshot", content=b"no picture")
    assert (answer.status_code, answer.json()["text"]) == (429, sentence("snapshots_a_minute", 1))


def test_a_frame_over_the_limit_is_refused(demo):
    client = demo.visitor()
    demo.limit(client, photo_megapixels=1)
    answer = client.post("/live/snapshot", content=encode_image(np.zeros((1001, 1000, 3), np.uint8), ".png"))
    assert (answer.status_code, answer.json()["text"]) == (400, sentence("photo_megapixels", 1))


@pytest.mark.usefixtures("modnet")
def test_live_ends_when_its_minutes_are_over(demo):
    client = demo.visitor()
    visit = demo.limit(client, live_minutes=1)
    visit.live_seconds = 59.9
    with client.websocket_connect("/live/socket") as socket:
        socket.send_text("no wish")
        assert hear(socket, "refused")
        time.sleep(0.3)
        socket.send_json({"plate": False})
        assert hear(socket, "idle")["text"] == sentence("live_minutes", 1)
        assert socket.receive()["type"] == "websocket.close"
    with client.websocket_connect("/live/socket") as again:
        again.send_json({"plate": False})
        assert hear(again, "idle")["text"] == sentence("live_minutes", 1)


def test_the_limits_are_errors_of_the_store_so_that_every_part_of_the_page_tells_them():
    assert issubclass(LimitError, StoreError)
