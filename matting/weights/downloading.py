"""A download in its own process: its progress is watched, and it is ended when it stalls.

A timeout on reads does not limit a server that sends a byte a second, or a resolver that hangs; ending a process does.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

STALLED_SECONDS, STALLED_BYTES = 60.0, 100_000
"""A download that brings fewer bytes than this in that many seconds has failed, whatever it is busy with."""


def get_command(url: str, target: Path) -> list[str]:
    """The command that fetches `url` into `target`; it gives up when the server stays silent for ten seconds."""
    program = (
        "import shutil, sys, urllib.error, urllib.request\n"
        "try:\n"
        "    with urllib.request.urlopen(sys.argv[1], timeout=10) as answer, open(sys.argv[2], 'wb') as file:\n"
        "        shutil.copyfileobj(answer, file)\n"
        "except OSError as error:\n"
        "    cause = error.reason if type(error) is urllib.error.URLError else error\n"
        "    sys.exit(str(getattr(cause, 'strerror', None) or cause))"
    )
    return [sys.executable, "-c", program, url, str(target)]


def run_download(command: list[str], folder: Path, size: int, *, on_progress: Callable[[float], None]) -> None:
    """Let `command` download about `size` bytes into `folder`; `on_progress` gets the share that is there, 0 to 1.

    Raises:
        OSError: the command failed, with the last line it printed; or it stalled, or brought far more than `size`.
    """
    environment = os.environ | {
        "TMPDIR": str(folder)
    }  # pip's own temporary files: counted, and removed with the folder
    with tempfile.TemporaryFile("w+") as output:
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        ) as process:
            try:
                _follow(process, folder, size, on_progress)
            finally:
                process.kill()
        if process.returncode:
            output.seek(0)
            raise OSError(output.read().strip().rpartition("\n")[2] or f"it stopped with {process.returncode}")


def _follow(process: "subprocess.Popen[bytes]", folder: Path, size: int, on_progress: Callable[[float], None]) -> None:
    """Wait for `process`, watching the bytes that appear in `folder`: the same for every program that writes there."""
    since, reached = time.monotonic(), 0
    while process.poll() is None:
        here = _bytes_in(folder)
        on_progress(min(0.99, here / size))
        if here > 2 * size + STALLED_BYTES:  # pip holds two copies for a moment
            raise OSError(f"it sends more than the {size} bytes expected")
        if time.monotonic() - since > STALLED_SECONDS:
            if here < reached + STALLED_BYTES:
                raise OSError(f"it brought only {here - reached} bytes in {STALLED_SECONDS:.0f} seconds")
            since, reached = time.monotonic(), here
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)


def _bytes_in(folder: Path) -> int:
    """The size of all files below `folder`; files that vanish meanwhile count as nothing."""
    total = 0
    for parent, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += Path(parent, name).stat().st_size
    return total
