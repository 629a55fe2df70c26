"""A lock as other processes meet it."""

import subprocess
import sys

import pytest

from matting.files.locks import InUseError, held
from tests.browser import ROOT

ASK = "import sys, pathlib; from matting.files.locks import held; held(pathlib.Path(sys.argv[1])).__enter__()"


def is_refused(lock):
    """Whether another process cannot have `lock`."""
    done = subprocess.run([sys.executable, "-c", ASK, str(lock)], cwd=ROOT, capture_output=True, text=True, check=False)
    return "InUseError" in done.stderr


def test_a_held_lock_is_refused_and_nothing_of_it_stays(tmp_path):
    lock = tmp_path / "run" / ".lock"
    with held(lock):
        assert is_refused(lock)
        with pytest.raises(InUseError), held(lock):
            pass
        assert is_refused(lock)  # a refusal takes nothing from who holds it
    assert list(tmp_path.iterdir()) == []
    assert not is_refused(lock)


def test_what_was_written_beside_it_stays(tmp_path):
    with pytest.raises(OSError, match="full"), held(tmp_path / "run/.lock"):
        (tmp_path / "run/checkpoint").write_text("mine")
        raise OSError("full")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["checkpoint"]
