"""Every variable that holds a number, read wherever it is named, with what people type into one by mistake."""

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from annotation.visits.limits import Limits
from matting.environment.variables import whole_number

ROOT = Path(__file__).resolve().parents[3]
SOURCES = [ROOT / "app.py", *(ROOT / "matting").rglob("*.py"), *(ROOT / "annotation").rglob("*.py")]
WORDS = {"WEIGHTS", "DATABASE", "FILES", "ALLOWED_HOSTS", "DEMO", "FRAME_ANCESTORS", "METRICS", "LOG_LEVEL"}
NAMED = {name for path in SOURCES for name in re.findall(r"MATTING_([A-Z_]*[A-Z])\b", path.read_text())}
NUMBERS = sorted(f"MATTING_{name}" for name in NAMED - WORDS if not name.startswith("DEMO_"))
OF_A_DEMO = [f"MATTING_DEMO_{field.name.upper()}" for field in fields(Limits)]


def start(*command, **variables):
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | variables
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)


COMMANDS = [("app.py",), ("-m", "annotation", "list"), ("-m", "matting", "models")]


@pytest.mark.parametrize(
    ("name", "command"),
    [(name, COMMANDS[0]) for name in NUMBERS]
    + [(name, (*COMMANDS[0], "--demo")) for name in OF_A_DEMO[::4]]  # each is read in the same line
    + [("MATTING_MAX_PIXELS", command) for command in COMMANDS[1:]],
)
def test_one_sentence_wherever_it_is_read(name, command):
    ran = start(*command, **{name: "5 GB"})
    assert ran.returncode == 1 and not ran.stdout
    assert re.fullmatch(rf"{name} must be a whole number of [01] or more, but is '5 GB'; .*\n", ran.stderr)


@pytest.mark.parametrize("given", ["", " ", "-1", "0", "many", "1e9", "nan", "inf", "0x10", "4.5", "½", "9" * 5000])
def test_what_is_no_number_of_one_or_more_is_refused(monkeypatch, given):
    monkeypatch.setenv("MATTING_SOME", given)
    with pytest.raises(SystemExit, match=r"^MATTING_SOME must be a whole number of 1 or more, but is '.{0,40}'; or"):
        whole_number("MATTING_SOME", 7)


@pytest.mark.parametrize(("given", "wanted"), [(None, 7), ("1", 1), (" 12\n", 12), ("4000000000", 4_000_000_000)])
def test_a_number_is_taken(monkeypatch, given, wanted):
    if given is not None:
        monkeypatch.setenv("MATTING_SOME", given)
    assert whole_number("MATTING_SOME", 7) == wanted
