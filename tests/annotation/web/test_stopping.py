"""What SIGTERM does: a process of its own says when it ended and why."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.browser import ROOT, app_process

PROGRAM = """
import sys, time
from annotation.web.stopping import finish_on_sigterm
begun = time.monotonic()
finish_on_sigterm(lambda: time.monotonic() - begun < float(sys.argv[1]))
try:
    print("ready", flush=True)
    while True:
        time.sleep(0.1)
except KeyboardInterrupt:
    print(f"ended after {time.monotonic() - begun}", flush=True)
"""


def ended_after(busy_seconds, *, signals=1, most=8):
    """Seconds from the program's start until it ended; it was told to at its start."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MATTING_STOP_SECONDS": str(most)}
    command = [sys.executable, "-c", PROGRAM, str(busy_seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout.readline() == "ready\n"
        for _ in range(signals):
            process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        words = process.stdout.read()
    assert process.returncode == 0
    return float(words.removeprefix("ended after "))


def test_what_runs_finishes_first():
    assert 2 <= ended_after(2) < 6


def test_it_does_not_wait_for_ever_nor_after_a_second_signal():
    assert ended_after(60, most=1) < 10
    assert ended_after(60, signals=2, most=30) < 10


def test_nothing_waits_where_nothing_runs():
    assert ended_after(0) < 2


COMPUTING = """
import atexit, threading
from annotation.web.stopping import leave, served
atexit.register(leave)
import numpy as np
from matting import load_model
model, photo = load_model("modnet"), np.zeros((64, 64, 3), np.uint8)
model(photo)
def compute():
    while True:
        model(photo)
for _ in range(4):
    threading.Thread(target=compute, daemon=True).start()
atexit.register(print, "what waits for the end is done")
served()
"""


def test_threads_that_compute_do_not_crash_the_end(modnet):
    done = subprocess.run([sys.executable, "-c", COMPUTING], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "what waits for the end is done\n", "")


@pytest.mark.slow
def test_a_stopped_app_leaves_no_temporary_file_and_keeps_what_is_saved(tmp_path, monkeypatch):
    temporary, data = tmp_path / "temporary", tmp_path / "data"
    temporary.mkdir()
    data.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    with app_process(data, "--demo") as (_, process):
        assert [path for path in temporary.rglob("*") if path.is_file()]
        process.terminate()
        process.wait(20)
    assert not [path for path in temporary.rglob("*") if path.is_file()]
    assert (data / "dataset.db").exists()
