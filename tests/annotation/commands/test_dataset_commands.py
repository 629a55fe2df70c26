"""`python -m annotation`: exit status 0 only when all was done, bad input in one line on stderr."""

import numpy as np
import pytest
from typer.testing import CliRunner

from annotation.__main__ import app
from annotation.layouts import LAYOUTS
from annotation.store import find_samples, open_store
from matting.files import write_image


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function: arguments → (status, stdout, stderr), in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments):
        done = CliRunner().invoke(app, [str(argument) for argument in arguments])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stdout, done.stderr

    return run


@pytest.fixture
def photos(tmp_path, picture):
    for number in range(3):
        write_image(tmp_path / "photos" / "image" / f"a {number}.png", picture(number))
        write_image(tmp_path / "photos" / "alpha" / f"a {number}.png", np.full((48, 64), 100, np.uint8))
    return tmp_path / "photos"


def test_in_out_and_whole(run, photos, tmp_path):
    said = ("--licence", "cc-by-4.0", "--author", "Zoë", "--no-person", "--tags", "Wet, hair")
    assert run("import", photos, *said)[0] == 0
    status, shown, _ = run("list", "--text", "a 1 tag:hair")
    assert status == 0
    assert "a 1" in shown
    assert "a 2" not in shown
    assert "3 done" in shown
    assert "tags: 3 hair · 3 wet" in shown
    assert "a 1" not in run("list", "--text", "tag:hairy")[1]
    assert {sample.licence for sample in find_samples(open_store(tmp_path / "data"))} == {"CC-BY-4.0"}
    for layout in LAYOUTS:
        assert run("export", tmp_path / layout, "--layout", layout, "--use", "commercial")[0] == 0
        assert run("verify", tmp_path / layout)[0] == 0
    assert run("verify")[0] == 0
    assert run("gc", "--days", "0")[1].startswith("0 files")


def test_what_fails_is_named_and_the_rest_goes_on(run, photos, tmp_path):
    (photos / "image" / "broken.png").write_bytes(b"no")
    status, shown, told = run("import", tmp_path / "nowhere", photos)
    assert status == 1
    assert "3 samples, 3 new" in shown
    assert told.partition(":")[0].endswith("nowhere")
    assert "broken.png is not a picture" in told
    assert run("import", photos, "--licence", "mine")[0] == 1
    status, _, told = run("export", tmp_path / "out", "--layout", "rgba", "--use", "research")
    assert (status, told.count("\n")) == (1, 1)
    assert "has no licence, and 2 more samples" in told
    next((tmp_path / "data" / "files").glob("??/*")).write_bytes(b"")
    status, _, told = run("verify")
    assert status == 1
    assert "damaged" in told


def test_help_names_every_layout(run):
    status, shown, _ = run("export", "--help")
    assert status == 0
    for layout in LAYOUTS.values():
        assert layout.name in shown


def test_tags_are_given_and_taken_away_after_an_import(run, photos, tmp_path):
    def tags():
        return [sample.tags for sample in find_samples(open_store(tmp_path / "data"))]

    assert run("tag", "wet", "--all")[0] == 1 and not (tmp_path / "data").exists()  # a wrong folder stays as it is
    run("import", photos, "--tags", "hair")
    assert "1 sample now tagged glass wet" in run("tag", "Wet, #glass", "--text", "a 1")[1]
    assert tags() == ["hair", "glass hair wet", "hair"]
    assert run("tag", "hair", "--sample", "2", "--sample", "3", "--remove")[0] == 0
    assert tags() == ["hair", "glass wet", ""]
    assert run("tag", "new", "--all")[0] == 0
    assert tags() == ["hair new", "glass new wet", "new"]
    for arguments, words in (
        (["new"], "--sample"),
        ([" ,", "--all"], "tags"),
        (["x", "--sample", "1", "--sample", "99"], "99"),
    ):
        status, _, told = run("tag", *arguments)
        assert (status, told.count("\n")) == (1, 1) and words in told
    assert tags() == ["hair new", "glass new wet", "new"]  # all of the samples or none
