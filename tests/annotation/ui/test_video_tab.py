"""The Video tab: its handler, and the page in a real browser."""

import os
import re
import shutil
import time
from pathlib import Path

import gradio as gr
import numpy as np
import pytest

import matting.models
from annotation.ui.video import jobs as video_jobs
from annotation.ui.video.tab import cancelled, maker, numbered
from matting.files import read_alpha, write_image
from matting.video.files import open_video, read_frames
from tests.matting.video.clips import write_clip
from tests.matting.video.test_rendering import LeftHalf

MP4, PNG = "MP4, plays everywhere (H.264)", "PNG pictures of alpha and foreground (ZIP)"


@pytest.fixture
def made(tmp_path, monkeypatch):
    """made(source, form, alphas) starts the handler of the button."""
    monkeypatch.setitem(matting.models.MODELS, "left-half", LeftHalf)

    def start(source, form=MP4, alphas=None, kind="Colour", model="left-half"):
        choices = (model, "Off", form, kind, "#00b040", None, alphas)
        return maker(tmp_path / "data")(None, str(source), *choices)

    return start


def frame_number(told):
    return int(re.search(r"Frame (\d+) of", told[2])[1])


def test_what_was_cut_off_goes_on_where_it_was(made, tmp_path):
    write_clip(tmp_path / "clip.mp4", frames=14)
    run = made(tmp_path / "clip.mp4")
    told = [next(run) for _ in range(7)]
    assert frame_number(told[-1]) == 6
    run.close()  # cancelled, or its tab closed

    again = tmp_path / "upload" / "clip.mp4"  # the same video, dropped once more after a restart
    again.parent.mkdir()
    shutil.copyfile(tmp_path / "clip.mp4", again)
    told = list(made(again))
    assert frame_number(told[1]) == 6  # told at once, while the model looks at some of them again
    result = Path(told[-1][0]) / "clip_h264.mp4"
    assert len(list(read_frames(open_video(result)))) == 14
    assert not any((tmp_path / "data/videos").iterdir())


def test_a_run_ends_when_it_is_stopped_and_the_frames_made_are_kept(made, tmp_path):
    write_clip(tmp_path / "clip.mp4", frames=9)
    run = made(tmp_path / "clip.mp4")
    told = [next(run) for _ in range(4)]
    cancelled(told[-1][1])
    (last,) = list(run)
    assert "to continue from here" in last[2]
    assert frame_number(list(made(tmp_path / "clip.mp4"))[1]) == 3


def test_a_fault_of_the_program_is_told_and_leaves_the_button_to_try_again(made, tmp_path, monkeypatch):
    class Broken(LeftHalf):
        def estimate(self, image, trimap):
            raise ZeroDivisionError

    monkeypatch.setitem(matting.models.MODELS, "broken", Broken)
    write_clip(tmp_path / "clip.mp4", frames=3)
    run, told = made(tmp_path / "clip.mp4", model="broken"), []
    with pytest.raises(ZeroDivisionError):  # whose traceback Gradio prints
        told.extend(run)
    assert "went wrong in the program" in told[-1][2]
    assert told[-1][5].interactive and not told[-1][6].interactive


def test_a_background_picture_is_wanted_only_where_it_is_seen(made, tmp_path):
    write_clip(tmp_path / "clip.mp4", frames=3)
    with pytest.raises(gr.Error, match="no background picture yet"):
        next(made(tmp_path / "clip.mp4", kind="Picture"))
    assert list(made(tmp_path / "clip.mp4", form=PNG, kind="Picture"))[-1][2].count("Done.") == 1


def test_other_choices_begin_anew(made, tmp_path):
    write_clip(tmp_path / "clip.mp4", frames=6)
    run = made(tmp_path / "clip.mp4")
    for _ in range(4):
        next(run)
    run.close()
    told = made(tmp_path / "clip.mp4", form=PNG)
    next(told)
    assert frame_number(next(told)) == 1
    told.close()


def test_one_run_at_a_time_is_at_the_same_work(made, tmp_path, monkeypatch):
    monkeypatch.setattr(video_jobs, "ENDING_SECONDS", 0.01)
    write_clip(tmp_path / "clip.mp4", frames=4)
    first = made(tmp_path / "clip.mp4")
    next(first), next(first)
    assert "already being made in another tab" in list(made(tmp_path / "clip.mp4"))[-1][2]
    assert list(first)[-1][2].count("Done.") == 1


def test_work_nobody_goes_on_with_is_removed(tmp_path):
    for name, age in (("old", 8), ("new", 6)):
        partial = tmp_path / name / ".partial-clip.mp4"
        partial.mkdir(parents=True)
        for folder in (partial, partial.parent):
            os.utime(folder, (time.time() - age * 86400,) * 2)
    video_jobs.forget_old(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_a_corrected_alpha_is_found_by_the_number_in_its_name(made, tmp_path):
    names = ["/a/talk 120_alpha.png", "/a/take 2 7.png", "/a/33.png"]
    assert [number for number, _ in numbered(names)] == [120, 7, 33]
    with pytest.raises(ValueError, match=r"named by its frame.*talk\.png"):
        numbered(["/a/talk.png"])
    write_clip(tmp_path / "clip.mp4", frames=3, sound=None)
    alpha = np.zeros((96, 128), np.uint8)
    alpha[20:50] = 255
    write_image(tmp_path / "clip 1_alpha.png", alpha)
    *_, told = made(tmp_path / "clip.mp4", form=PNG, alphas=[str(tmp_path / "clip 1_alpha.png")])
    shutil.unpack_archive(next(Path(told[0]).glob("*.zip")), tmp_path / "out")
    assert np.array_equal(read_alpha(tmp_path / "out/alpha/000001.png"), alpha / 255)


@pytest.mark.browser
def test_cancelled_in_the_page_and_gone_on_with(page, tmp_path):
    write_clip(tmp_path / "clip.mp4", frames=30)
    page.get_by_role("tab", name="Video").click()
    page.locator("input[type=file][accept*='.mts']:not([accept*='.zip'])").set_input_files(tmp_path / "clip.mp4")
    page.get_by_text("128 × 96").wait_for()
    page.get_by_role("button", name="Make the video").click()
    page.get_by_text(re.compile(r"Frame [1-9]\d* of 30")).wait_for(timeout=120_000)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("to continue from here").wait_for()
    page.get_by_role("button", name="Make the video").click()
    page.get_by_text("Done.").wait_for(timeout=120_000)


@pytest.mark.browser
def test_a_video_gets_a_new_background_and_a_frame_goes_to_be_corrected(page, tmp_path):
    write_clip(tmp_path / "clip.mp4", frames=4)
    page.get_by_role("tab", name="Video").click()
    page.locator("input[type=file][accept*='.mts']:not([accept*='.zip'])").set_input_files(tmp_path / "clip.mp4")
    page.get_by_text("128 × 96").wait_for()
    page.locator("#video-trial img").nth(1).wait_for(timeout=60_000)  # one frame of the result before the long run
    page.get_by_role("button", name="Make the video").click()
    page.get_by_text("Done.").wait_for(timeout=120_000)
    with page.expect_download() as waiting:
        page.locator("a[download$='.mp4']").last.click()
    waiting.value.save_as(tmp_path / "made.mp4")
    assert len(list(read_frames(open_video(tmp_path / "made.mp4")))) == 4

    page.get_by_label("Frame").fill("2")
    page.get_by_role("button", name="Correct this frame").last.click()
    page.get_by_role("button", name="Select from strokes").wait_for(timeout=60_000)


@pytest.mark.browser
def test_what_is_no_video_is_told_in_one_sentence(page, tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"no video at all")
    page.get_by_role("tab", name="Video").click()
    page.locator("input[type=file][accept*='.mts']:not([accept*='.zip'])").set_input_files(tmp_path / "clip.mp4")
    told = page.get_by_text("clip.mp4 is not a video of a format read here")
    told.wait_for()
    for name in ("Make the video", "Correct this frame"):
        assert page.get_by_role("button", name=name).last.is_disabled()
    write_clip(tmp_path / "good.mp4", frames=3)
    page.get_by_label("Remove this file").or_(page.get_by_label("Clear")).first.click()
    page.locator("input[type=file][accept*='.mts']:not([accept*='.zip'])").set_input_files(tmp_path / "good.mp4")
    page.get_by_text("128 × 96").wait_for()
    told.first.wait_for(state="hidden")
    page.locator("button:enabled", has_text="Make the video").wait_for()
