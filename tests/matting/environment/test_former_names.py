"""What programs for version 0.1 import is there, and is the same module as under its present name."""

import importlib
import subprocess
import sys

import pytest

from matting.environment.former_names import MOVED
from tests.browser import ROOT


@pytest.mark.parametrize("name", MOVED)
def test_a_former_name_gives_the_module_itself(name):
    module = importlib.import_module(MOVED[name])
    assert importlib.import_module(name) is module
    assert (module.__name__, module.__spec__.name) == (MOVED[name], MOVED[name])


@pytest.mark.parametrize(
    "line",
    [
        "from matting.training.pairs import Pair",
        "from matting.video_files import frame_at, open_video",
        "import matting.video_files.read as former, matting.video.files.read as present; assert former is present",
        "import annotation.importing; annotation.importing.import_path",
        "from matting import regions; regions.Box",
        "from annotation.session import Session; from annotation.scribbles import Stroke",
    ],
)
def test_lines_of_programs_for_version_0_1(line):
    done = subprocess.run([sys.executable, "-c", line], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_names_that_never_were_are_still_none():
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("matting.training.peers")
