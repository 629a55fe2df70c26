"""A whole file through `render`, with a model whose answer is known: the left half is the subject."""

import signal
import subprocess
import sys

import av
import numpy as np
import pytest

import matting.models
from matting.files import read_alpha, read_image, write_image
from matting.models.base import Model
from matting.video import sinks as video_sinks
from matting.video.files import open_video, read_frames
from matting.video.rendering import Settings, form_for, render
from tests.browser import ROOT, wait_until
from tests.matting.video.clips import sound_of, write_clip

GREEN = (0, 176, 64)


class LeftHalf(Model):
    name = "left-half"

    def estimate(self, image, trimap):
        alpha = np.zeros(image.shape[:2])
        alpha[:, : image.shape[1] // 2] = 1
        return alpha


@pytest.fixture(autouse=True)
def _left_half(monkeypatch):
    monkeypatch.setitem(matting.models.MODELS, "left-half", LeftHalf)
    monkeypatch.setattr(video_sinks, "PART_FRAMES", 5)


def run(source, target, form, **options):
    return list(render(source, target, Settings(form, "left-half", background="#00b040"), **options))


@pytest.mark.parametrize(("form", "suffix"), [("h264", ".mp4"), ("hevc", ".mp4"), ("vp9", ".webm")])
def test_composites_keep_times_sound_and_colours(tmp_path, form, suffix):
    times = [0, 0.04, 0.08, 0.16, 0.2, 0.3, 0.34, 0.4, 0.44, 0.48, 0.52, 0.6]
    truth = write_clip(tmp_path / "a.mp4", times=times, sound="aac", colour=(1, 1))
    told = run(tmp_path / "a.mp4", tmp_path / f"b{suffix}", form)
    assert [progress.done for progress in told] == list(range(1, 13))

    video = open_video(tmp_path / f"b{suffix}")
    frames = list(read_frames(video))
    assert (video.colour.matrix, video.colour.range) == (1, 1)
    assert np.allclose([float(frame.time * video.time_base) for frame in frames], times, atol=6e-4)  # WebM counts in ms
    for frame, source in zip(frames, truth, strict=True):
        assert np.abs(frame.image[:, :60].astype(int) - source[:, :60]).mean() < 12
        assert np.abs(frame.image[:, 70:].astype(int) - GREEN).max() < 30
    heard, wanted = sound_of(tmp_path / f"b{suffix}"), sound_of(tmp_path / "a.mp4")
    if suffix == ".mp4":
        assert np.array_equal(heard, wanted)  # copied, not encoded anew
    else:
        assert abs(len(heard) - len(wanted)) < 4800
        assert 0.1 < np.abs(heard).mean() < 0.3


@pytest.mark.parametrize(
    ("form", "suffix", "decoder"), [("prores", ".mov", None), ("vp9-alpha", ".webm", "libvpx-vp9")]
)
def test_alpha_is_in_the_file(tmp_path, form, suffix, decoder):
    truth = write_clip(tmp_path / "a.mp4")
    run(tmp_path / "a.mp4", tmp_path / f"b{suffix}", form)
    with av.open(str(tmp_path / f"b{suffix}")) as container:
        stream = container.streams.video[0]
        context = av.CodecContext.create(decoder or stream.codec_context.name, "r")
        context.extradata = stream.codec_context.extradata
        pictures = [frame for packet in container.demux(stream) for frame in context.decode(packet)]
    assert len(pictures) == 12
    colours = pictures[7].to_ndarray(format="rgba")
    assert colours[:, :60, 3].min() > 250
    assert colours[:, 68:, 3].max() < 5
    assert np.abs(colours[:, :60, :3].astype(int) - truth[7][:, :60]).mean() < 12


def test_pictures_of_alpha_and_foreground(tmp_path):
    truth = write_clip(tmp_path / "a.mp4", sound=None)
    run(tmp_path / "a.mp4", tmp_path / "pictures", "png")
    assert len(list((tmp_path / "pictures" / "alpha").iterdir())) == 12
    alpha = read_alpha(tmp_path / "pictures" / "alpha" / "000003.png")
    assert np.array_equal(alpha[:, :64], np.ones((96, 64)))
    assert np.array_equal(alpha[:, 64:], np.zeros((96, 64)))
    foreground = read_image(tmp_path / "pictures" / "foreground" / "000003.png")
    assert np.abs(foreground.astype(int) - truth[3])[:, :60].mean() < 6
    with pytest.raises(ValueError, match="already exists"):
        run(tmp_path / "a.mp4", tmp_path / "pictures", "png")


def test_odd_sizes_and_ten_bits(tmp_path):
    write_clip(tmp_path / "odd.mkv", size=(95, 127), codec="ffv1", pixels="yuv444p", sound=None, options={})
    run(tmp_path / "odd.mkv", tmp_path / "odd.mp4", "h264")
    video = open_video(tmp_path / "odd.mp4")
    assert (video.width, video.height) == (128, 96)  # H.264 stores colours in blocks of 2 × 2
    run(tmp_path / "odd.mkv", tmp_path / "odd.mov", "prores")
    assert open_video(tmp_path / "odd.mov").width == 127

    deep = {"x265-params": "log-level=0:bframes=0"}
    write_clip(tmp_path / "deep.mp4", codec="libx265", pixels="yuv420p10le", sound=None, options=deep)
    run(tmp_path / "deep.mp4", tmp_path / "deep-out.mp4", "hevc")
    assert open_video(tmp_path / "deep-out.mp4").is_deep


@pytest.mark.parametrize(("form", "suffix"), [("h264", ".mp4"), ("hevc", ".mov"), ("vp9", ".webm"), ("prores", ".mov")])
@pytest.mark.parametrize("range_", [1, 2])
def test_black_stays_black_whatever_range_the_source_has(tmp_path, form, suffix, range_):
    """Webcams and many phones write the full range; ProRes has no place to say so."""
    write_clip(tmp_path / "a.mp4", frames=2, sound=None, colour=(5, range_))
    source = next(read_frames(open_video(tmp_path / "a.mp4"))).image
    run(tmp_path / "a.mp4", tmp_path / f"b{suffix}", form)
    made = next(read_frames(open_video(tmp_path / f"b{suffix}"))).image
    assert np.abs(made[:, :50].astype(int) - source[:, :50]).mean() < 3


def test_cancelling_leaves_nothing_and_resuming_goes_on(tmp_path):
    write_clip(tmp_path / "a.mp4", frames=14)
    settings = Settings("h264", "left-half")
    for resume, kept in ((False, 0), (True, 1)):
        work = render(tmp_path / "a.mp4", tmp_path / "b.mp4", settings, resume=resume)
        for _ in range(8):
            next(work)
        work.close()
        assert not (tmp_path / "b.mp4").exists()
        assert len(list(tmp_path.glob(".partial-*"))) == kept
    told = list(render(tmp_path / "a.mp4", tmp_path / "b.mp4", settings, resume=True))
    assert told[0].done == 8  # all were kept, and are looked at again
    whole = list(render(tmp_path / "a.mp4", tmp_path / "c.mp4", settings))
    assert len(whole) == 14
    times = [[frame.time for frame in read_frames(open_video(tmp_path / name))] for name in ("b.mp4", "c.mp4")]
    assert times[0] == times[1]
    assert not list(tmp_path.glob(".partial-*"))


def test_after_a_crash_finished_parts_are_gone_on_from(tmp_path, monkeypatch):
    write_clip(tmp_path / "a.mp4", frames=14)
    settings = Settings("h264", "left-half")
    work = render(tmp_path / "a.mp4", tmp_path / "b.mp4", settings, resume=True)
    for _ in range(8):
        next(work)
    monkeypatch.setattr(video_sinks.Parts, "pause", lambda self: None)  # killed: nobody finishes anything
    work.close()
    monkeypatch.undo()
    monkeypatch.setitem(matting.models.MODELS, "left-half", LeftHalf)
    (tmp_path / "a.mp4").rename(tmp_path / "elsewhere.mp4")  # the same video under another name
    told = list(render(tmp_path / "elsewhere.mp4", tmp_path / "b.mp4", settings, resume=True))
    assert told[0].done == 5  # the first part was kept
    assert len(list(read_frames(open_video(tmp_path / "b.mp4")))) == 14


class Remembering(Model):
    """Answers with how many frames it saw, after the alpha that it was told to start from."""

    name = "remembering"
    run_up_frames = None
    start = 0.0

    def starting_from(self, alpha):
        started = Remembering()
        started.start = float(alpha.mean())
        return started

    def follow(self, frames):
        for number, frame in enumerate(frames):
            yield np.full(frame.shape[:2], self.start + number / 64, np.float32)

    def estimate(self, image, trimap):
        return np.zeros(image.shape[:2])


def test_a_model_that_remembers_every_frame_sees_them_all_again(tmp_path, monkeypatch):
    """Cut off and resumed, its answers are those of one run; it starts from the corrected alpha of frame 0."""
    monkeypatch.setitem(matting.models.MODELS, "remembering", Remembering)
    write_clip(tmp_path / "a.mp4", frames=20, sound=None)
    write_image(tmp_path / "start.png", np.full((96, 128), 51, np.uint8))
    corrected = ((0, str(tmp_path / "start.png")),)
    settings = Settings("png", "remembering", smoothing="none", corrected=corrected)
    work = render(tmp_path / "a.mp4", tmp_path / "out", settings, resume=True)
    while next(work).done < 15:
        pass
    work.close()
    told = list(render(tmp_path / "a.mp4", tmp_path / "out", settings, resume=True))
    assert [progress.seconds_left for progress in told[:16]] == [None] * 16  # one for the reference, 15 seen again
    assert [progress.done for progress in told[16:]] == [16, 17, 18, 19, 20]
    for number in (0, 14, 15, 19):
        alpha = read_alpha(tmp_path / "out" / "alpha" / f"{number:06d}.png")
        assert np.abs(alpha - 0.2 - number / 64).max() < 1e-3


def test_what_does_not_fit_is_refused(tmp_path):
    write_clip(tmp_path / "a.mp4", frames=2, sound=None)
    with pytest.raises(ValueError, match=r"ProRes 4444 with alpha is written to \.mov, but got 'b\.mp4'"):
        run(tmp_path / "a.mp4", tmp_path / "b.mp4", "prores")
    with pytest.raises(ValueError, match="but got 'x'"):
        Settings("x")
    with pytest.raises(ValueError, match="a background is #RRGGBB, blur or a picture, but no file is called 'red'"):
        list(render(tmp_path / "a.mp4", tmp_path / "b.mp4", Settings("h264", "left-half", background="red")))
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


def test_the_form_follows_from_the_name(tmp_path):
    cases = {"a.mp4": ("h264", "h264"), "a.MOV": ("prores", "h264"), "a.webm": ("vp9-alpha", "vp9")}
    for name, forms in cases.items():
        assert tuple(form_for(tmp_path / name, has) for has in (False, True)) == forms
    with pytest.raises(ValueError, match=r"a\.txt"):
        form_for(tmp_path / "a.txt", has_background=True)


COMMAND = """
import signal
import time
import matting.models
from tests.matting.video.test_rendering import LeftHalf
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are told to ignore it
class Slow(LeftHalf):
    def estimate(self, image, trimap):
        time.sleep(0.05)  # the signal comes long before the last frame, however busy the machine
        return super().estimate(image, trimap)
matting.models.MODELS["left-half"] = Slow
from matting.__main__ import app
app()
"""


def test_an_interrupted_command_leaves_no_half_file(tmp_path):
    write_clip(tmp_path / "a.mp4", frames=2000, sound=None, options={"preset": "ultrafast"})
    arguments = ["video", str(tmp_path / "a.mp4"), "-o", str(tmp_path / "b.mp4"), "--model", "left-half"]
    process = subprocess.Popen([sys.executable, "-c", COMMAND, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: bool(list(tmp_path.glob(".partial-*/unfinished*"))), seconds=120)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) != 0
    finally:
        process.kill()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
