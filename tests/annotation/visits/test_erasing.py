"""After a visit nothing of its photos is left, in no file and no database: whole, in pieces, or as pixels."""

import os
import time

import numpy as np
import pytest
from starlette.websockets import WebSocketDisconnect

from annotation.ui.cut_out.job import Job
from annotation.ui.temporary_files import scratch_folder
from annotation.visits import visits as visits_module
from annotation.visits.visit import VisitOverError, inside
from matting.files import encode_image
from tests.annotation.editor.app import picture
from tests.annotation.visits.test_visitors import SECRET, begin
from tests.browser import wait_until

PIECE_BYTES = 32


def whole_of(folder):
    """The content of every file below, by its path."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def traces(folder, *contents):
    """The files below that hold a piece of one of the contents."""
    pieces = [content[at : at + PIECE_BYTES] for content in contents for at in range(64, len(content) - 64, 997)]
    return [path for path, held in whole_of(folder).items() if any(piece in held for piece in pieces)]


def bring(demo, client, seed=0):
    """A photo in everything that keeps some of it: upload, job, draft, database; its file and its pixels."""
    noise = np.random.default_rng(seed).integers(0, 256, (96, 128, 3), dtype=np.uint8)
    file = encode_image(noise, ".png")
    client.post("/gradio_api/upload", files={"files": (f"My holiday {seed}.png", file)})
    with inside(demo.visit_of(client)):
        job = Job.begin(f"My holiday {seed}", noise)
        job.keep("alpha", np.zeros((96, 128), np.float32))
        trimap = np.full((96, 128), 128, np.uint8)
        workspace = demo.studio.workspace
        draft = workspace.begin(noise, trimap, name=f"My holiday {seed}", file=file)
        workspace.open(draft, SECRET)
    return file, noise.tobytes()


@pytest.mark.parametrize("way", ["button", "time"])
def test_nothing_is_left_of_an_erased_visit(demo, tmp_path, way):
    mine, other = demo.visitor(), demo.visitor()
    file, pixels = bring(demo, mine)
    others = bring(demo, other, seed=1)
    name = b"My holiday 0"
    assert len(traces(tmp_path, file)) >= 2, "an upload and a stored file hold the photo"
    assert traces(tmp_path, pixels)
    assert any(name in held for path, held in whole_of(tmp_path).items() if "dataset.db" in path.name)
    visit = demo.visit_of(mine)
    if way == "button":
        assert mine.post("/visit/erase").status_code == 200
    else:
        visit.used = time.time() - 60 * visit.limits.kept_minutes - 1
        demo.visits.sweep()
    assert traces(tmp_path, file, pixels) == []
    assert [path for path, held in whole_of(tmp_path).items() if name in held or name.decode() in str(path)] == []
    assert not [path for path in tmp_path.rglob("*") if visit.name in str(path)]
    assert len(traces(tmp_path, *others)) >= 3, "another visitor's are untouched"
    assert mine.get("/correct/works").status_code == 404
    assert demo.studio.workspace.open_drafts.keys() <= set(all_drafts(demo, other))


def all_drafts(demo, client):
    with inside(demo.visit_of(client)):
        return demo.studio.workspace.drafts.ids()


def test_what_still_runs_at_the_time_leaves_nothing(demo, tmp_path):
    mine = demo.visitor()
    file, pixels = bring(demo, mine)
    visit = demo.visit_of(mine)
    with inside(visit):
        job = Job.begin("My holiday 0", np.zeros((8, 8, 3), np.uint8))
        files = demo.studio.store.files
        demo.visits.erase(visit)
        for late in (scratch_folder, lambda: begin(demo, mine), lambda: job.keep("alpha", np.zeros(3))):
            with pytest.raises((VisitOverError, ValueError, AttributeError)):
                late()
        files.put(file)  # by a thread that had come this far
    shown = demo.visits.cache / "abc" / "image.png"
    shown.parent.mkdir()
    shown.write_bytes(file)
    demo.visits.claim(visit, shown)
    assert not shown.parent.exists()
    demo.visits.sweep()
    assert traces(tmp_path, file, pixels) == []


def test_a_broken_upload_and_what_nobody_was_shown_go_after_a_minute(demo, monkeypatch):
    stray = demo.visits.cache / "tmpabc"
    stray.write_bytes(b"half a photo")
    os.utime(stray, (0, 0))  # as a copy of something old
    demo.visits.sweep()
    assert stray.exists(), "it may still be written"
    monkeypatch.setattr(visits_module, "STRAY_SECONDS", -1)
    demo.visits.sweep()
    assert not stray.exists()


def test_the_same_photo_of_two_visitors_stays_with_the_one_who_has_not_erased_it(demo, tmp_path):
    mine, other = demo.visitor(), demo.visitor()
    paths = [
        client.post("/gradio_api/upload", files={"files": ("same.png", b"the same photo" * 99)}).json()[0]
        for client in (mine, other)
    ]
    assert paths[0] == paths[1]
    mine.post("/visit/erase")
    assert other.get(f"/gradio_api/file={paths[1]}").content == b"the same photo" * 99
    other.post("/visit/erase")
    assert traces(tmp_path, b"the same photo" * 99) == []


def test_the_examples_are_everybodys_and_stay(demo):
    public = demo.visits.cache / "example" / "cat.png"
    public.parent.mkdir()
    public.write_bytes(b"cat")
    demo.visits.public = frozenset({public.resolve()})
    mine, other = demo.visitor(), demo.visitor()
    demo.visits.claim(demo.visit_of(mine), public)
    assert mine.post("/visit/erase").status_code == 200
    assert other.get(f"/gradio_api/file={public}").content == b"cat"


def test_open_sockets_end_with_the_visit(demo):
    mine = demo.visitor()
    draft = begin(demo, mine)
    with mine.websocket_connect("/correct/socket") as socket:
        socket.send_json({"type": "open", "work": draft, "secret": SECRET, "tab": "t", "after": 0})
        assert socket.receive_json()["type"] == "opened"
        assert mine.post("/visit/erase").status_code == 200
        with pytest.raises(WebSocketDisconnect):
            while True:
                heard = socket.receive()
                if heard["type"] == "websocket.close":
                    raise WebSocketDisconnect
    wait_until(lambda: draft not in demo.studio.workspace.open_drafts, seconds=5)


def test_a_visit_goes_on_after_a_restart_and_an_old_one_does_not(demo):
    mine, gone = demo.visitor(), demo.visitor()
    draft, _ = begin(demo, mine), begin(demo, gone)
    demo.visits.sweep()
    old = demo.visit_of(gone)
    os.utime(old.folder, (0, 0))
    again = visits_module.Visits(demo.visits.home, demo.visits.scratch, demo.visits.cache, demo.visits.limits)
    again.sweep()
    visit = again.find(mine.cookies["matting-visit"])
    assert again.find(gone.cookies["matting-visit"]) is None
    assert not old.folder.exists()
    with inside(visit):
        assert demo.studio.workspace.drafts.ids() == [draft]
        assert picture(48, 64)[0].shape == demo.studio.workspace.open(draft, SECRET).session.image.shape
