"""What Prometheus reads of the running app, and what the log of the app does not say."""

import json
import os
import re
import subprocess
import sys
import threading
import urllib.request

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families
from websockets.sync.client import connect

from annotation.live.room import Room
from annotation.live.viewer import Viewer
from annotation.strokes.stroke import Stroke
from annotation.ui.errors import errors_shown
from matting.environment.prometheus import measured
from matting.files import write_image
from matting.solving.separate_process import LostError, apart
from tests.annotation.editor.test_hostile_socket import address, draft, hello, workspace  # noqa: F401 (fixtures)
from tests.browser import ROOT, free_port, running_app, wait_until

HOSTING = ROOT / "docs" / "guide" / "hosting.md"
NAME = "Zoë's secret photo"
MEMORY = {"process_resident_memory_bytes"}


def read(url):
    """The measurements at `url`, by name; histograms by their count."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        text = answer.read().decode()
    return {sample.name: sample.value for family in text_string_to_metric_families(text) for sample in family.samples}


def value(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0


def test_prometheus_reads_what_the_app_does_and_the_log_names_nobody(tmp_path, modnet):
    port = free_port()  # at another address, so that it cannot be the one that the app takes
    write_image(tmp_path / f"{NAME}.png", np.random.default_rng(0).integers(0, 256, (96, 128, 3), np.uint8))
    (tmp_path / f"{NAME} damaged.png").write_bytes((tmp_path / f"{NAME}.png").read_bytes()[:99])
    with running_app(tmp_path, "--metrics", f"127.0.0.2:{port}") as served:
        before = read(f"http://127.0.0.2:{port}/metrics")
        client = Client(served, verbose=False, download_files=tmp_path / "downloads")
        client.predict(handle_file(tmp_path / f"{NAME}.png"), model="modnet", edges="shared", api_name="/cut_out")
        with pytest.raises(AppError):
            client.predict(handle_file(tmp_path / f"{NAME} damaged.png"), api_name="/cut_out")
        after = read(f"http://127.0.0.2:{port}/metrics")
    assert after["matting_work_seconds_count"] >= before["matting_work_seconds_count"] + 1
    assert after["matting_work_seconds_sum"] > before["matting_work_seconds_sum"]
    assert after["process_resident_memory_bytes"] > 50e6
    measured = {name for name in after if name.startswith("matting_") and not name.endswith("_created")}
    table = HOSTING.read_text().partition("## Measurements")[2].partition("\n## ")[0]
    documented = set(re.findall(r"^\| `(\w+)`", table, flags=re.M))
    assert {re.sub(r"_(count|sum|bucket)$", "", name) for name in measured} | MEMORY == documented
    assert "secret" not in (tmp_path / "app.log").read_text()


def test_a_stroke_counts_until_it_is_on_the_disk(workspace, draft, address, monkeypatch):  # noqa: F811

    from tests.annotation.editor.test_hostile_socket import to_wire

    arrived, may_go, paint = threading.Event(), threading.Event(), workspace.paint

    def slowly(*given):
        arrived.set()
        may_go.wait(20)
        return paint(*given)

    monkeypatch.setattr(workspace, "paint", slowly)
    with connect(address) as socket:
        socket.send(hello(draft))
        stroke = Stroke("a", "brush", "foreground", 3, ((10, 10), (20, 20)))
        socket.send(json.dumps({"type": "stroke", "stroke": to_wire(stroke)}))
        assert arrived.wait(20)
        assert value("matting_strokes_unacknowledged") == 1
        may_go.set()
        wait_until(lambda: value("matting_strokes_unacknowledged") == 0, seconds=20)


def test_seats_errors_and_lost_work_are_counted():
    seats, told, lost = (
        value("matting_live_seats_taken"),
        value("matting_errors_total", kind="told"),
        value("matting_work_lost_total"),
    )
    room, viewer = Room(seats=1), Viewer()
    assert room.enter(viewer) and not room.enter(Viewer())
    assert value("matting_live_seats_taken") == seats + 1
    room.leave(viewer)
    assert value("matting_live_seats_taken") == seats
    with pytest.raises(Exception, match="Bad"), errors_shown():
        raise ValueError("bad")
    assert value("matting_errors_total", kind="told") == told + 1
    with pytest.raises(LostError):
        apart(_die)
    assert value("matting_work_lost_total") == lost + 1


def _die():
    os._exit(9)


def test_waiting_is_measured_apart_from_work():
    class Turn:
        def __enter__(self):
            assert value("matting_work_waiting") == 1

        def __exit__(self, *rest):
            pass

    waited, worked = value("matting_work_waited_seconds_count"), value("matting_work_seconds_count")
    with measured(Turn()):
        assert value("matting_work_waiting") == 0
        assert value("matting_work_waited_seconds_count") == waited + 1
        assert value("matting_work_seconds_count") == worked
    assert value("matting_work_seconds_count") == worked + 1


@pytest.mark.parametrize("given", ["9464", "127.0.0.1:", "127.0.0.1:x", "203.0.113.7:9464", "127.0.0.1:99999999"])
def test_an_address_that_cannot_be_is_refused_in_a_sentence(given):
    ran = subprocess.run(
        [sys.executable, "app.py", "--metrics", given], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert len(ran.stderr.splitlines()) == 1 and given in ran.stderr and "Traceback" not in ran.stderr
