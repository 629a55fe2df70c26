"""kill -9 at random moments while a scripted person paints: what was acknowledged is there afterwards.

MATTING_KILLS sets how many; 300 is the full figure.
"""

import logging
import multiprocessing
import os
import time

import numpy as np

from annotation.correction.workspace import Workspace
from annotation.store import Drafts, open_store, verify
from annotation.strokes.raster import replay
from matting.models.base import impose
from tests.annotation.editor.app import picture
from tests.annotation.editor.conftest import random_stroke

KILLS = int(os.environ.get("MATTING_KILLS", 20))
SECRET = "the secret of one browser"


def half(image, trimap):
    return impose(np.full(trimap.shape, 0.5, np.float32), trimap)


def paint_until_killed(folder, draft, seed, acknowledged):
    """A server that paints for its person: each stroke's id is told only after `Workspace.paint` gave its number."""
    started = time.process_time()
    workspace = Workspace(Drafts(open_store(folder)), half)
    open_draft = workspace.open(draft, SECRET)
    acknowledged.send(("ready", time.process_time() - started))
    random = np.random.default_rng(seed)
    count = 0
    while True:
        stroke = random_stroke(random, (60, 80), number=f"{seed}-{count}")
        number = workspace.paint(open_draft, stroke, "tab")
        acknowledged.send((stroke.id, number))
        count += 1


def test_no_acknowledged_stroke_is_lost_by_kill_9(tmp_path):
    image, _, automatic = picture(60, 80)
    store = open_store(tmp_path)
    draft = Workspace(Drafts(store), half).begin(image, automatic, name="a")
    store.close()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.annotation.editor.test_kill"])
    random = np.random.default_rng(0)
    acknowledged, longest_start = {}, 0.0
    for seed in range(KILLS):
        ours, theirs = context.Pipe(duplex=False)
        person = context.Process(target=paint_until_killed, args=(tmp_path, draft, seed, theirs), daemon=True)
        person.start()
        theirs.close()
        assert ours.poll(60), "the server did not start"
        longest_start = max(longest_start, ours.recv()[1])
        for _ in range(int(random.integers(0, 5))):
            name, number = ours.recv()
            acknowledged[name] = number
        time.sleep(float(random.uniform(0, 0.03)))
        person.kill()
        person.join()
        try:
            while True:
                name, number = ours.recv()
                acknowledged[name] = number
        except (EOFError, OSError):
            pass  # all that was told before the kill has been read
    store = open_store(tmp_path)
    drafts = Drafts(store)
    stored = drafts.strokes(draft)
    numbers = {stroke.id: number for number, stroke in enumerate(stored, start=1)}
    assert {name: numbers.get(name) for name in acknowledged} == acknowledged
    assert len(acknowledged) >= KILLS
    assert list(verify(store)) == []
    assert longest_start <= 5
    logging.info("%d acknowledged strokes, longest start-up %.2f s of computing", len(acknowledged), longest_start)
    session = Workspace(drafts, half).open(draft, SECRET).session
    assert np.array_equal(session.trimap, replay(automatic, stored))
