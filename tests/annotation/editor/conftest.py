"""The editor in an app of its own, and random strokes."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotation.strokes.stroke import DOES, LABELS, Stroke
from tests.browser import free_port


@pytest.fixture(scope="session")
def browser(chromium):
    """The one chromium of the run."""
    return chromium


@pytest.fixture(scope="session")
def app(tmp_path_factory) -> Iterator["App"]:
    """tests/annotation/editor/app.py, running."""
    folder = tmp_path_factory.mktemp("app")
    running = App(folder, free_port())
    running.start()
    yield running
    running.stop()


class App:
    """The test app in a process of its own, so that it can be killed."""

    def __init__(self, folder, port, *more, path=""):
        """`path` is searched for modules before all others."""
        self.folder, self.port, self.more, self.path = folder, port, more, path
        self.address = f"http://127.0.0.1:{port}"
        self.process = None

    def start(self):
        command = [sys.executable, "-m", "tests.annotation.editor.app", str(self.folder), str(self.port), *self.more]
        root = Path(__file__).parents[3]
        environment = {
            **os.environ,
            "GRADIO_ANALYTICS_ENABLED": "False",
            "PYTHONPATH": f"{self.path}{os.pathsep}{root}",
        }
        self.log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(command, cwd=root, env=environment, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.address}/correct/works", timeout=5).close()
                return
            except OSError:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.2)
        raise AssertionError("the test app did not start")

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait()
        self.log.close()

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=20) as answer:
            return answer.read().decode()


def random_stroke(random, size, *, number=0, largest=20):
    """Any stroke but undo and redo, partly outside the picture of `size` (H, W)."""
    height, width = size
    kind = random.choice(["brush", "brush", "brush", "polygon", "island"])
    count = 1 if kind == "island" else int(random.integers(1, 9))
    reach = 0 if kind == "island" else 30
    points = tuple(
        (int(random.integers(-reach, width + reach)), int(random.integers(-reach, height + reach)))
        for _ in range(count)
    )
    does = str(random.choice(DOES)) if kind == "brush" and random.random() < 0.3 else ""
    return Stroke(
        id=f"stroke-{number}", kind=kind, label="unknown" if does else str(random.choice(LABELS)), points=points,
        radius=int(random.integers(0, largest)) if kind == "brush" else 0,
        does=does, value=int(random.integers(0, 256)) if does == "alpha" else 0,
    )  # fmt: skip
