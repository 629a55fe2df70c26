"""Start the app in a process of its own and open it in Debian's chromium, as a person would."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def camera_flags(path: Path) -> list[str]:
    """FLAGS of a browser whose camera plays the file in `path`, see `benchmarks.generated.clips.write_camera`."""
    return [*FLAGS, "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={path}"]


def free_port() -> int:
    """A TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_app(data: Path, *options: str) -> Iterator[str]:
    """The address of the app, started as the README says, its data in `data`; killed afterwards."""
    with app_process(data, *options) as (address, _):
        yield address


@contextmanager
def app_process(data: Path, *options: str) -> Iterator[tuple[str, subprocess.Popen]]:
    """As `running_app`, with its process: whoever wants it to end in order, which takes seconds, tells it so."""
    port = free_port()
    command = [sys.executable, "app.py", "--port", str(port), "--data", str(data), *options]
    log = (data / "app.log").open("wb")
    with subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, env=os.environ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            wait_for_page(address, process)
            yield address, process
        finally:
            process.kill()


def wait_for_page(address: str, process: subprocess.Popen, seconds: float = 90) -> None:
    """Return once the page answers; fail if the process ends first."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert process.poll() is None, f"the app stopped with {process.returncode}"
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"{address} did not answer in {seconds} s")


def wait_until(condition: Callable[[], bool], *, seconds: float) -> None:
    """Return once `condition()` holds; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not so within {seconds} s"
        time.sleep(0.2)
