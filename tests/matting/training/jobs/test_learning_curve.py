"""Parts of a dataset: each within the next, all judged by the same pictures; and the command that trains on them."""

import json

import pytest
from typer.testing import CliRunner

from matting.__main__ import app
from matting.training.crops.pairs import find_pairs
from matting.training.jobs.learning_curve import link_part
from matting.training.trainees import TRAINEES
from tests.matting.training.test_training_runs import GUESSING, add


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setitem(TRAINEES, "tiny", GUESSING)
    for split, numbers in (("train", range(6)), ("validation", (6,)), ("test", range(7, 13))):
        for number in numbers:
            add(tmp_path / "data", number, split)
    return tmp_path / "data"


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_parts_hold_each_other_and_are_judged_by_the_same_pictures(data, tmp_path):
    (data / "provenance.jsonl").write_text('{"key": "1", "group": "shoot"}\n')
    found = find_pairs(data)
    parts = [
        contents(link_part(found, count, tmp_path / "part", seed=0, records=data / "provenance.jsonl"))
        for count in (2, 3, 6)
    ]
    assert parts[0].items() < parts[1].items() < parts[2].items() == contents(data).items()
    held_out = {path for path in parts[2] if path.parts[0] in ("validation", "test")}
    assert held_out < set(parts[0]) and len(find_pairs(tmp_path / "part").pairs) == 6
    other = contents(link_part(found, 2, tmp_path / "part", seed=1, records=data / "none"))
    assert other.keys() != parts[0].keys() and len(other) == len(parts[0]) - 1


def test_the_command_trains_on_each_part_and_goes_on_where_it_was(data, tmp_path):
    def ask(samples):
        flags = ["--model", "tiny", "--steps", "2", "--doubtful", "keep", "--samples", samples]
        return CliRunner().invoke(app, ["curve", str(data), "-o", str(tmp_path / "out"), *flags])

    first = ask("2")
    assert first.exit_code == 0, first.output
    weights = (tmp_path / "out" / "2.safetensors").read_bytes()
    again = ask("2,50")
    assert again.exit_code == 0 and "already finished" in again.output, again.output
    assert (tmp_path / "out" / "2.safetensors").read_bytes() == weights
    rows = json.loads((tmp_path / "out" / "curve.json").read_text())
    assert [row["samples"] for row in rows] == [2, 6] and rows[0]["test"]["pictures"] == 6
    assert rows[0]["test"]["before"] == rows[1]["test"]["before"]
    assert (tmp_path / "out" / "curve.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(("samples", "missing", "sentence"), [
    ("few", "none", "--samples must be numbers such as 5,10,20, but is few"),
    ("0", "none", "--samples must be numbers such as 5,10,20, but is 0"),
    ("2", "test", "holds no test pictures"),
    ("2", "train", "must hold train/fg and train/alpha"),
])  # fmt: skip
def test_what_cannot_be_measured_is_refused_in_a_sentence(data, tmp_path, samples, missing, sentence):
    if missing != "none":
        (data / missing).rename(tmp_path / "elsewhere")
    flags = ["--model", "tiny", "--samples", samples, "--doubtful", "keep"]
    refused = CliRunner().invoke(app, ["curve", str(data), "-o", str(tmp_path / "out"), *flags])
    assert refused.exit_code == 1 and sentence in refused.output and "Traceback" not in refused.output
    assert not (tmp_path / "out").exists()
