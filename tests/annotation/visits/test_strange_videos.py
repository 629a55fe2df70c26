"""A stranger's video is rendered in another process: the same frames, and what ends that process ends nothing else."""

import os
import signal

import numpy as np
import psutil
import pytest

from annotation.visits.limits import Limits
from annotation.visits.strange_files import TOO_MUCH
from annotation.visits.strange_videos import Order, rendered
from annotation.visits.visit import Visit, inside
from matting.files import ImageError, read_image
from matting.video.files import VideoError
from matting.video.rendering import Settings, render
from tests.matting.video.clips import write_clip

FRAMES = 6


@pytest.fixture
def order(tmp_path, modnet):
    write_clip(tmp_path / "clip.mp4", frames=FRAMES)
    return Order(tmp_path / "clip.mp4", tmp_path / "made", Settings("png"))


@pytest.fixture
def visit(tmp_path):
    with inside(Visit(tmp_path / "visit", tmp_path / "scratch", Limits())) as entered:
        yield entered


def frames(rendering):
    """The next progress of a frame; who waits also gets old ones."""
    return (progress for progress in rendering if progress.done)


def workers():
    return {each.pid for each in psutil.Process().children() if "separate_process" in " ".join(each.cmdline())}


def test_it_is_the_video_that_it_would_be_here(order, visit, tmp_path):
    told = [progress.done for progress in frames(rendered(order))]
    assert sorted(set(told)) == list(range(1, FRAMES + 1))
    list(render(order.source, tmp_path / "here", order.settings))
    made = sorted(path.relative_to(order.target) for path in order.target.rglob("*.png"))
    assert len(made) == 2 * FRAMES
    for path in made:
        assert np.array_equal(read_image(order.target / path), read_image(tmp_path / "here" / path)), path


def test_a_process_that_is_ended_is_one_sentence_and_the_frames_are_kept(order, visit):
    before = workers()
    rendering = frames(rendered(order))
    assert next(rendering).done == 1
    for pid in (workers() - before) or workers():
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(ImageError) as refused:
        list(rendering)
    assert str(refused.value) == TOO_MUCH and not order.target.exists()
    assert [progress.done for progress in frames(rendered(order))][-1] == FRAMES


def test_closed_it_stops_and_goes_on_later(order, visit):
    rendering = rendered(order)
    seen = [next(frames(rendering)) for _ in range(2)]
    rendering.close()
    assert not order.target.exists()
    told = [progress.done for progress in frames(rendered(order))]
    assert told[0] > seen[0].done and told[-1] == FRAMES


def test_what_is_no_video_is_told_as_anywhere_else(order, visit):
    order.source.write_bytes(b"no video at all")
    with pytest.raises(VideoError, match=r"clip\.mp4"):
        list(rendered(order))
