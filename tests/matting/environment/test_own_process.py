"""Processes of the program's own: they find its modules from any folder, and others go first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import matting
from matting.environment.own_process import AUTOGROUP, own_environment

AUTOGROUPS = Path("/proc/sys/kernel/sched_autogroup_enabled")
YIELD = """
import os
from pathlib import Path
from matting.environment.own_process import yield_to_others
yield_to_others(7)
print(os.nice(0), Path("/proc/self/autogroup").read_text() if Path("/proc/self/autogroup").exists() else "none")
"""


def run(program, folder, **options):
    command = [sys.executable, "-c", program]
    return subprocess.run(
        command, cwd=folder, env=own_environment(), capture_output=True, text=True, check=True, **options
    ).stdout


@pytest.mark.parametrize("own_path", ["", ".", str(Path(matting.__file__).parents[1])])
def test_it_finds_the_same_modules_from_another_folder(tmp_path, monkeypatch, own_path):
    root = Path(matting.__file__).parents[1]
    monkeypatch.chdir(root)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setattr(sys, "path", [own_path, *(path for path in sys.path if Path(path).absolute() != root)])
    assert Path(run("import matting; print(matting.__file__)", tmp_path).strip()) == Path(matting.__file__)


@pytest.mark.skipif(not hasattr(os, "nice"), reason="this system has no niceness")
def test_a_session_of_its_own_yields_as_a_whole(tmp_path):
    niceness, group = run(YIELD, tmp_path, start_new_session=True).split(maxsplit=1)
    assert int(niceness) == min(os.nice(0) + 7, 19)
    if AUTOGROUPS.is_file() and AUTOGROUPS.read_text().strip() == "1":
        assert group.split()[-1] == niceness


@pytest.mark.skipif(not AUTOGROUP.is_file(), reason="this system does not divide the cores among sessions")
def test_a_process_of_somebody_elses_session_leaves_that_alone(tmp_path):
    before = AUTOGROUP.read_text()
    run(YIELD, tmp_path)
    assert AUTOGROUP.read_text() == before
