"""What a stranger's file can do while it is read: nothing to the app, and one sentence for who sent it."""

import os
import time

import psutil
import pytest
from gradio import Error

from annotation.ui.cut_out.steps import change_photo
from annotation.visits import strange_files
from annotation.visits.limits import Limits
from annotation.visits.strange_files import TOO_MUCH, read_upload
from annotation.visits.visit import Visit, inside
from matting.files import ImageError, read_image
from tests.annotation.visits.harm import crash, fill, process, refuse, take_long
from tests.matting.files.test_hostile_files import BOMBS, HOSTILE, WHOLE

GROWTH = 50_000_000


@pytest.fixture
def visit(tmp_path):
    with inside(Visit(tmp_path / "visit", tmp_path / "scratch", Limits())) as entered:
        yield entered


def test_only_a_strangers_file_is_read_elsewhere(visit):
    elsewhere = read_upload(process, "")
    assert elsewhere != os.getpid()
    with inside(None):
        assert read_upload(process, "") == os.getpid()


@pytest.mark.parametrize("harm", [crash, fill, take_long])
def test_harm_is_one_sentence_and_the_next_file_is_read(visit, monkeypatch, harm):
    monkeypatch.setattr(strange_files, "SECONDS", 2.0)
    before = psutil.Process().memory_info().rss
    with pytest.raises(ImageError) as refused:
        read_upload(harm, "a.png")
    assert str(refused.value) == TOO_MUCH
    assert psutil.Process().memory_info().rss - before < GROWTH
    monkeypatch.undo()
    assert read_upload(process, "") != os.getpid()


def test_time_and_memory_are_free_again_after_a_file(visit, monkeypatch):
    monkeypatch.setattr(strange_files, "SECONDS", 1.0)
    first = read_upload(process, "")
    time.sleep(1.5)
    assert read_upload(process, "") == first


def test_what_is_wrong_with_a_file_is_said_as_anywhere_else(visit, tmp_path):
    with pytest.raises(ImageError, match=r"^a\.png is no picture$"):
        read_upload(refuse, "a.png")
    for name in sorted(HOSTILE)[::40]:
        path = tmp_path / "some.png"
        path.write_bytes(HOSTILE[name])
        said = []
        for entered in (visit, None):
            with inside(entered):
                try:
                    said.append(read_upload(read_image, path).shape)
                except ImageError as error:
                    said.append(str(error))
        assert said[0] == said[1]


def test_bombs_are_refused_and_do_not_fill_the_app(visit, tmp_path):
    (tmp_path / "whole.png").write_bytes(WHOLE["png"])
    change_photo(None, str(tmp_path / "whole.png"), "auto")
    before = psutil.Process().memory_info().rss
    for name, content in BOMBS.items():
        path = tmp_path / name
        path.write_bytes(content)
        try:
            change_photo(None, str(path), "auto")
        except Error as error:
            assert len(str(error)) < 300 and "\n" not in str(error), name
        path.unlink()
        assert psutil.Process().memory_info().rss - before < GROWTH, name
