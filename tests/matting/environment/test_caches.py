"""Where libraries keep their caches: as ever where that can be written, else in a private temporary folder."""

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from matting.environment import caches

ROOT = Path(__file__).resolve().parents[3]
SAYS = "import matting, os; print(*(os.environ.get(name, '-') for name in {names}), sep='\\n')"


@pytest.fixture
def blocked(tmp_path):
    """A path below which nobody can write, root included."""
    (tmp_path / "file").write_text("in the way")
    return tmp_path / "file"


def settled(tmp_path, *names, **environment):
    """Those variables as a fresh program has them after `import matting`."""
    kept = {name: value for name, value in os.environ.items() if name not in {*caches.VARIABLES, "GRADIO_TEMP_DIR"}}
    (tmp_path / "tmp").mkdir(exist_ok=True)
    environment = kept | {"TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(ROOT)} | environment
    program = [sys.executable, "-c", SAYS.format(names=names)]
    done = subprocess.run(program, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_home_that_can_be_written_is_left_alone(tmp_path):
    names = [*caches.VARIABLES, "GRADIO_TEMP_DIR", "HOME"]
    assert settled(tmp_path, *names, HOME=str(tmp_path)) == ["-"] * 7 + [str(tmp_path)]
    assert not list((tmp_path / "tmp").iterdir())


def test_without_one_every_library_gets_a_private_folder(tmp_path, blocked):
    found = settled(tmp_path, *caches.VARIABLES, "HOME", HOME=str(blocked / "home"))
    (own,) = (tmp_path / "tmp").iterdir()
    assert all(Path(value).is_relative_to(own) for value in found)
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    assert settled(tmp_path, *caches.VARIABLES, "HOME", HOME=str(blocked / "home")) == found  # kept for the next start


def test_what_a_person_set_stays(tmp_path, blocked):
    assert settled(tmp_path, "HF_HOME", HF_HOME="/mine", HOME=str(blocked)) == ["/mine"]
    assert settled(tmp_path, "HOME", "NUMBA_CACHE_DIR", HOME=str(blocked), XDG_CACHE_HOME=str(tmp_path / "cache")) == [
        str(blocked),
        "-",
    ]


def test_gradio_gets_a_folder_where_somebody_else_has_its_own(tmp_path):
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp" / "gradio").write_text("in the way")
    (found,) = settled(tmp_path, "GRADIO_TEMP_DIR", HOME=str(tmp_path))
    assert found.endswith("/gradio") and found != str(tmp_path / "tmp" / "gradio")


def test_a_folder_somebody_else_can_write_is_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    first = caches.own_folder()
    assert caches.own_folder() == first
    first.chmod(0o777)
    assert caches.own_folder() != first
    first.rmdir()
    first.symlink_to(tmp_path)
    assert caches.own_folder() != first


def test_without_any_temporary_folder_nothing_breaks(tmp_path, blocked, monkeypatch):
    def none():
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    monkeypatch.setattr(caches, "SHARED_MEMORY", blocked)
    monkeypatch.setenv("HOME", str(blocked))
    caches.settle_caches()
    assert os.environ["HOME"] == str(blocked)


def test_onnx_runtime_stores_and_sends_nothing(tmp_path):
    """A session leaves no file in the home folder; without the switch it leaves an id and a database."""
    program = (
        "import onnx.helper as h, time; from matting.runtime import onnx_network; "
        "x = [h.make_tensor_value_info(n, 1, [1]) for n in 'xy']; "
        "m = h.make_model(h.make_graph([h.make_node('Abs', ['x'], ['y'])], 'g', x[:1], x[1:]), "
        "opset_imports=[h.make_opsetid('', 17)], ir_version=8); "
        "open('m.onnx', 'wb').write(m.SerializeToString()); onnx_network('m.onnx'); time.sleep(1)"
    )
    (tmp_path / "home").mkdir()
    kept = {
        name: value for name, value in os.environ.items() if name not in ("XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY")
    }
    environment = kept | {"HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=tmp_path, check=True)
    assert not list((tmp_path / "home").rglob("*"))
