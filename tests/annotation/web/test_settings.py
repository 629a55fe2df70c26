"""The guide's table of settings is that of the code: every variable, none that is invented, the same limits."""

import re

import pytest

from annotation.live import room, socket
from annotation.transfer.zip_export import MAX_ZIP
from annotation.ui.uploads import LIMITS
from annotation.visits.limits import Limits
from matting.files.pictures import MAX_PIXELS
from tests.test_imports import ROOT, TREES

GUIDE = (ROOT / "docs" / "guide" / "hosting.md").read_text()
TABLE = GUIDE.partition("## Settings")[2].partition("\n## ")[0]
OURS = re.compile(r"\b(?:MATTING|GRADIO)_[A-Z]+(?:_[A-Z]+)*\b")


def row_of(variable):
    """The default that the table gives for `variable`."""
    (row,) = [line for line in TABLE.splitlines() if line.startswith("|") and f"`{variable}`" in line]
    return row.split("|")[3].strip()


def test_the_tables_name_every_variable_of_the_code_and_no_other():
    read = {name for file in TREES for name in OURS.findall((ROOT / file).read_text())}
    of_demo = {f"MATTING_DEMO_{name.upper()}" for name in Limits.__dataclass_fields__}
    rows = "\n".join(line for line in GUIDE.splitlines() if line.startswith("|"))
    assert set(OURS.findall(rows)) == read | of_demo


def test_options_are_those_of_the_app():
    given = set(re.findall(r"`(--[a-z-]+)`", TABLE))
    declared = set(re.findall(r'"(--[a-z-]+)"', (ROOT / "app.py").read_text()))
    parameters = (ROOT / "app.py").read_text().partition("def main(")[2].partition(") ->")[0]
    declared |= {f"--{name.replace('_', '-')}" for name in re.findall(r"^    (\w+):", parameters, flags=re.M)}
    assert given <= declared
    assert declared - given == {"--host"}


@pytest.mark.parametrize(
    ("variable", "value", "unit"),
    [
        ("MATTING_MAX_PIXELS", MAX_PIXELS / 1e6, "million pixels"),
        ("MATTING_MAX_PHOTO", LIMITS["photo"] / 1e6, "MB"),
        ("MATTING_MAX_VIDEO", LIMITS["video"] / 1e9, "GB"),
        ("MATTING_MAX_ARCHIVE", LIMITS["archive"] / 1e9, "GB"),
        ("MATTING_MAX_DOWNLOAD", MAX_ZIP / 1e9, "GB"),
        ("MATTING_LIVE_SEATS", room.SEATS, ""),
        ("MATTING_LIVE_IDLE", socket.IDLE_SECONDS, ""),
    ],
)
def test_limits_are_those_of_the_code(variable, value, unit):
    assert re.match(rf"{value:g}\b ?{unit}", row_of(variable))
