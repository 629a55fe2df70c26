"""Scratch folders go with their app, however it ends."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from annotation.ui.temporary_files import NAME, clear_abandoned

PROGRAM = """
import sys
from concurrent.futures import ThreadPoolExecutor
from annotation.ui.temporary_files import scratch_folder
with ThreadPoolExecutor() as pool:  # as handlers run in threads that end
    folder = pool.submit(scratch_folder).result()
(folder / "image.npy").write_bytes(b"large")
print(folder, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that is the system's temporary one for this process and those it starts."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def app() -> tuple[subprocess.Popen[str], Path]:
    """A running program that made a scratch folder, and the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ.copy()
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_nothing_remains_of_an_app_that_ends(temporary: Path) -> None:
    process, folder = app()
    assert (folder / "image.npy").exists() and temporary in folder.parents
    process.communicate()
    assert process.returncode == 0 and not list(temporary.glob("*"))


def test_what_a_killed_app_left_goes_and_what_is_in_use_stays(temporary: Path) -> None:
    (killed, left), (running, kept) = app(), app()
    killed.kill()
    killed.wait()
    foreign = temporary / f"{NAME}of-another-kind"
    foreign.mkdir()
    assert left.exists()
    clear_abandoned()
    assert not left.exists() and kept.exists() and foreign.exists()
    running.communicate()
    assert list(temporary.glob("*")) == [foreign]
