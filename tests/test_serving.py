"""How the app is served: what its log says, and where it listens."""

import os
import subprocess
import sys

import pytest
from packaging.requirements import Requirement

from tests.browser import ROOT

SERVE = """
import annotation.ui.page as page
page.gr.Blocks.launch = lambda *args, **kwargs: exit()
page.build = lambda *args: page.gr.Blocks()
page.serve(host="127.0.0.1", port=7860, data=page.Path("data"))
"""


@pytest.mark.parametrize("hidden", [("websockets", "wsproto"), ("wsproto",)], ids=["none", "one"])
def test_the_log_says_once_that_sockets_cannot_work(tmp_path, hidden):
    for library in hidden:
        (tmp_path / f"{library}.py").write_text("raise ImportError")
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    ran = subprocess.run([sys.executable, "-c", SERVE], env=environment, cwd=tmp_path, capture_output=True, text=True)
    said = [line for line in ran.stderr.splitlines() if "WebSocket" in line]
    assert ran.returncode == 0, ran.stderr
    assert len(said) == ("websockets" in hidden), ran.stderr


def test_the_first_command_installs_a_websocket_library():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    assert "websockets" in {Requirement(line).name for line in lines}
