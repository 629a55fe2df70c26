"""Commands whose output goes to an old terminal, to a full disk, or is about files whose names are no text."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from matting.files import encode_image
from tests.browser import ROOT


def command(*arguments, **options):
    """The finished process, its output in bytes."""
    return subprocess.run([sys.executable, "-m", *map(str, arguments)], check=False, cwd=ROOT, **options)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_without_unicode_gets_its_lines(tmp_path, encoding):
    (tmp_path / "日本.png").write_bytes(encode_image(np.full((48, 64, 3), 90, np.uint8), ".png"))
    environment = os.environ | {"PYTHONUTF8": "0", "PYTHONIOENCODING": encoding, "LC_ALL": "C"}
    for arguments in (["import", tmp_path / "日本.png"], ["list"], ["gc"]):
        done = command("annotation", *arguments, "--data", tmp_path / "data", env=environment, capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"1 sample" in done.stdout or b"64" in done.stdout


def test_names_are_printed_as_they_are(tmp_path):
    """Not as the markup of the library that draws tables, and never broken over two lines."""
    name = "[red]x :dog: [link=y]" + "n" * 90
    for folder in ("mine", "truth [dim]"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "[red] :dog:.png").write_bytes(encode_image(np.full((48, 64), 255, np.uint8), ".png"))
    (tmp_path / f"{name}.png").write_bytes(encode_image(np.full((48, 64, 3), 90, np.uint8), ".png"))
    done = command("matting", "evaluate", tmp_path / "mine", tmp_path / "truth [dim]", capture_output=True)
    assert "[red] :dog:" in done.stdout.decode() and "truth [dim]" in done.stdout.decode()
    given = command("annotation", "import", tmp_path / f"{name}.png", "--data", tmp_path / "data", capture_output=True)
    assert given.stdout.decode() == f"{tmp_path}/{name}.png: 1 sample, 1 new\n"
    wide = os.environ | {"COLUMNS": "300"}
    listed = command("annotation", "list", "--data", tmp_path / "data", capture_output=True, env=wide)
    assert name in listed.stdout.decode()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a device of Linux")  # noqa: PTH110
def test_output_to_a_full_disk_is_one_line(tmp_path):
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = command("matting", "models", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert done.stderr.decode().strip() == "the output cannot be written: No space left on device"


def test_a_name_that_is_no_text_is_measured_and_kept(tmp_path):
    name = os.fsdecode(b"\xff\xfe.png")
    for folder in ("mine", "truth"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_bytes(encode_image(np.full((9, 9), 255, np.uint8), ".png"))
    report = tmp_path / "report.json"
    done = command("matting", "evaluate", tmp_path / "mine", tmp_path / "truth", "--json", report, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert [row["image"] for row in json.loads(report.read_bytes())["results"]] == [name[:-4]]
