"""The Video tab in a real browser."""

import pytest

from matting.video_files import open_video, read_frames
from tests.video.clips import write_clip

pytestmark = pytest.mark.browser


def test_a_video_gets_a_new_background_and_a_frame_goes_to_be_corrected(page, tmp_path):
    write_clip(tmp_path / "clip.mp4", frames=4)
    page.get_by_role("tab", name="Video").click()
    page.locator("input[type=file][accept*=video]").set_input_files(tmp_path / "clip.mp4")
    page.get_by_text("128 × 96").wait_for()
    page.get_by_role("button", name="Make the video").click()
    page.get_by_text("Done.").wait_for(timeout=120_000)
    with page.expect_download() as waiting:
        page.locator("a[download$='.mp4']").last.click()
    waiting.value.save_as(tmp_path / "made.mp4")
    assert len(list(read_frames(open_video(tmp_path / "made.mp4")))) == 4

    page.get_by_label("Frame").fill("2")
    page.get_by_role("button", name="Correct this frame").last.click()
    page.get_by_role("button", name="Select from strokes").wait_for(timeout=60_000)


def test_what_is_no_video_is_told_in_one_sentence(page, tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"no video at all")
    page.get_by_role("tab", name="Video").click()
    page.locator("input[type=file][accept*=video]").set_input_files(tmp_path / "clip.mp4")
    page.get_by_text("clip.mp4 is not a video of a format read here").wait_for()
