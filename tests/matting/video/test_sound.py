"""Sound of every layout and rate through `render`: heard at its time in the result, told before the first frame."""

from fractions import Fraction

import av
import numpy as np
import pytest

import matting.models
from matting.video.files import open_video
from matting.video.rendering import Settings, UnfinishedError, render
from tests.matting.video.clips import write_clip, write_gif
from tests.matting.video.test_rendering import LeftHalf

CLAP = 0.5
FORMS = {".mp4": "h264", ".mov": "prores", ".webm": "vp9"}


@pytest.fixture(autouse=True)
def _left_half(monkeypatch):
    monkeypatch.setitem(matting.models.MODELS, "left-half", LeftHalf)


def with_sound(path, codec, layout="stereo", rate=48000, start=0):
    """A second of pictures, and of sound that claps in all channels at CLAP."""
    channels = int(layout.split()[0]) if "channels" in layout else av.AudioLayout(layout).nb_channels
    with av.open(str(path), "w") as output:
        video = output.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound = output.add_stream(codec, rate=rate, layout=layout)
        for number in range(25):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 9 * number, np.uint8), "rgb24")
            frame.pts, frame.time_base = number + 25 * start, Fraction(1, 25)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
        wave = np.zeros((channels, rate), np.float32)
        wave[:, int(CLAP * rate) : int((CLAP + 0.03) * rate)] = 0.7
        kind = sound.codec_context.format.name
        stored = wave if kind.startswith("flt") else (wave * 32767).astype(np.int16)
        for at in range(0, rate, 1000):
            piece = np.ascontiguousarray(stored[:, at : at + 1000])
            packed = kind in ("flt", "s16", "s32")
            name = ("flt" if stored.dtype == np.float32 else "s16") + ("" if packed else "p")
            frame = av.AudioFrame.from_ndarray(piece.T.reshape(1, -1).copy() if packed else piece, name, layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate, at + start * rate, Fraction(1, rate)
            output.mux(sound.encode(frame))
        output.mux(sound.encode(None))


def heard(path):
    """(channels, seconds at which it claps)."""
    with av.open(str(path)) as container:
        track = container.streams.audio[0]
        mono = av.AudioResampler("flt", "mono", track.rate)
        for decoded in container.decode(track):
            for frame in mono.resample(decoded):
                wave = np.abs(frame.to_ndarray()[0])
                if wave.max() > 0.15:
                    return track.layout.nb_channels, float(frame.time) + np.argmax(wave > 0.1) / frame.sample_rate
    return None


def run(source, target):
    return list(render(source, target, Settings(FORMS[target.suffix], "left-half")))


@pytest.mark.parametrize("suffix", FORMS)
@pytest.mark.parametrize(
    ("source", "codec", "layout", "rate"),
    [("a.mkv", "ac3", "5.1(side)", 48000), ("a.mkv", "flac", "quad(side)", 48000), ("a.mkv", "flac", "2.1", 48000),
     ("a.mkv", "flac", "7.1", 48000), ("a.mkv", "flac", "mono", 8000), ("a.mov", "pcm_s16le", "stereo", 192000),
     ("a.mkv", "flac", "4.0", 48000), ("a.mov", "pcm_s16le", "3 channels", 48000), ("a.mkv", "aac", "5.0", 96000),
     ("a.mkv", "flac", "hexagonal", 44100), ("a.avi", "mp2", "mono", 22050), ("a.ts", "mp2", "stereo", 48000),
     ("a.mkv", "libopus", "mono", 48000), ("a.mov", "pcm_u8", "stereo", 11025)],
)  # fmt: skip
def test_every_layout_and_rate_is_heard_at_its_time(tmp_path, source, codec, layout, rate, suffix):
    with_sound(tmp_path / source, codec, layout, rate)
    run(tmp_path / source, tmp_path / f"b{suffix}")
    channels, clap = heard(tmp_path / f"b{suffix}")
    assert abs(clap - heard(tmp_path / source)[1] + float(open_video(tmp_path / source).start)) < 0.03
    wanted = int(layout.split()[0]) if "channels" in layout else av.AudioLayout(layout).nb_channels
    assert channels in (wanted, 2)


@pytest.mark.parametrize(
    ("source", "codec", "suffix"),
    [("a.mkv", "libmp3lame", ".mp4"), ("a.mkv", "libmp3lame", ".mov"), ("a.mkv", "ac3", ".mp4"),
     ("a.mkv", "libopus", ".webm"), ("a.mov", "pcm_s24be", ".mov"), ("a.mp4", "aac", ".mov"),
     ("a.mkv", "flac", ".mp4")],
)  # fmt: skip
def test_what_the_container_takes_is_copied_to_the_byte(tmp_path, source, codec, suffix):
    with_sound(tmp_path / source, codec)
    run(tmp_path / source, tmp_path / f"b{suffix}")

    def packets(path):
        with av.open(str(path)) as container:
            return b"".join(bytes(packet) for packet in container.demux(container.streams.audio[0]))

    assert packets(tmp_path / f"b{suffix}") == packets(tmp_path / source)


def test_a_clock_that_does_not_begin_at_0_is_set_back(tmp_path):
    with_sound(tmp_path / "a.ts", "mp2", start=3000)
    run(tmp_path / "a.ts", tmp_path / "b.mp4")
    assert abs(heard(tmp_path / "b.mp4")[1] - CLAP) < 0.05
    with av.open(str(tmp_path / "b.mp4")) as container:
        assert next(container.decode(video=0)).time < 0.1
        assert container.duration < 1.2e6


def test_sound_that_starts_again_goes_on(tmp_path):
    with_sound(tmp_path / "a.ts", "mp2")
    twice = (tmp_path / "a.ts").read_bytes() * 2
    (tmp_path / "a.ts").write_bytes(twice)
    for suffix in (".mp4", ".webm"):
        assert len(run(tmp_path / "a.ts", tmp_path / f"b{suffix}")) == 50
        assert abs(open_video(tmp_path / f"b{suffix}").seconds - 2) < 0.1


def test_sound_that_cannot_be_written_is_told_before_the_first_frame(tmp_path, monkeypatch):
    with_sound(tmp_path / "a.mkv", "ac3")
    monkeypatch.setattr("matting.video.files.sound.ENCODERS", {".webm": "pcm_s16le"})
    work = render(tmp_path / "a.mkv", tmp_path / "b.webm", Settings("vp9", "left-half"))
    with pytest.raises(ValueError, match=r"the sound of a\.mkv can be neither copied to \.webm nor encoded for it"):
        next(work)


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), ValueError("odd packet")])
def test_what_fails_after_the_last_frame_loses_no_frame(tmp_path, monkeypatch, fault):
    def fail(*_):
        raise fault

    write_clip(tmp_path / "a.mp4")
    settings = Settings("h264", "left-half")
    with monkeypatch.context() as patched:
        patched.setattr("matting.video.sinks.join", fail)
        with pytest.raises(UnfinishedError, match=r"all frames of a\.mp4 are done and kept, but the file could"):
            list(render(tmp_path / "a.mp4", tmp_path / "b.mp4", settings))
    told = render(tmp_path / "a.mp4", tmp_path / "b.mp4", settings, resume=True)
    assert {progress.done for progress in told} == {12}  # no frame is made again
    assert open_video(tmp_path / "b.mp4").frames == 12


@pytest.mark.parametrize("suffix", FORMS)
def test_the_last_picture_of_a_gif_is_held(tmp_path, suffix):
    write_gif(tmp_path / "a.gif", [100, 300, 2000])
    run(tmp_path / "a.gif", tmp_path / f"b{suffix}")
    with av.open(str(tmp_path / f"b{suffix}")) as container:
        assert abs(container.duration / 1e6 - 2.4) < 0.01


@pytest.mark.parametrize("suffix", FORMS)
def test_oblong_pixels_come_out_square(tmp_path, suffix):
    write_clip(tmp_path / "a.mp4", frames=2, size=(144, 180), pixel_ratio=Fraction(64, 45))
    run(tmp_path / "a.mp4", tmp_path / f"b{suffix}")
    with av.open(str(tmp_path / f"b{suffix}")) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (256, 144)
        assert stream.sample_aspect_ratio in (None, 0, 1)
