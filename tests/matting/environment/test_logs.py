"""What is logged, at which level, and how it looks."""

import re
import subprocess
import sys

import pytest

from tests.browser import ROOT

SPEAK = """
import logging, sys
from matting.environment.logs import LogLevel, start_logging
start_logging(LogLevel(sys.argv[1]), is_server=len(sys.argv) > 2)
for name in ("matting.models.auto", "annotation.store", "library"):
    for level in ("debug", "info", "warning", "error"):
        getattr(logging.getLogger(name), level)("%s of %s", level, name)
"""


def spoken(*arguments):
    done = subprocess.run(
        [sys.executable, "-c", SPEAK, *arguments], check=True, cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout == ""
    return done.stderr.splitlines()


@pytest.mark.parametrize(("level", "ours", "of_libraries"), [("debug", 4, 2), ("warning", 2, 2), ("error", 1, 1)])
def test_a_level_sets_ours_and_keeps_libraries_quiet(level, ours, of_libraries):
    lines = spoken(level)
    assert [sum(name in line for line in lines) for name in ("matting.models", "annotation.store", "library")] == [
        ours, ours, of_libraries,
    ]  # fmt: skip
    assert lines[-1] == "ERROR: error of library"


def test_a_server_says_when_and_where():
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ERROR library: error of library", spoken("info", "x")[-1]
    )
