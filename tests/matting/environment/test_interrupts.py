"""Ctrl+C while the program's modules load ends it without a traceback."""

import os
import signal
import subprocess
import sys

import pytest

from tests.browser import ROOT

SLOW = "import time\nprint('loading', flush=True)\ntime.sleep(60)\n"
"""In place of a library that takes long to load."""


@pytest.mark.parametrize("command", [["app.py"], ["-m", "matting"], ["-m", "annotation"]])
def test_ctrl_c_while_modules_load(command, tmp_path):
    (tmp_path / "typer.py").write_text(SLOW)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, **pipes) as process:
        assert process.stdout.readline() == "loading\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=10) == ("", "")
    assert process.returncode == -signal.SIGINT
