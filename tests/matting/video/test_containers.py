"""Every container and every odd file that cameras, phones and studios make, through the one reader and the import."""

import os
import struct
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from av.stream import Disposition
from PIL import Image

from annotation.store import StoreError
from annotation.transfer.importing import import_path
from matting.files import MAX_PIXELS
from matting.video.files import VIDEO_SUFFIXES, VideoError, frames_every, is_moving, open_video, read_frames
from tests.annotation.conftest import local_store  # noqa: F401 (a fixture)
from tests.browser import ROOT
from tests.matting.video.clips import write_clip, write_gif, write_tone

CODECS = {
    ".mp4": "libx264", ".m4v": "mpeg4", ".mov": "libx264", ".qt": "mjpeg", ".3gp": "mpeg4", ".3g2": "mpeg4",
    ".f4v": "libx264", ".mkv": "libx264", ".webm": "libvpx", ".avi": "mpeg4", ".divx": "mpeg4", ".ts": "libx264",
    ".mts": "libx264", ".m2ts": "libx264", ".m2t": "mpeg2video", ".mpg": "mpeg1video", ".mpeg": "mpeg2video",
    ".vob": "mpeg2video", ".mod": "mpeg2video", ".m1v": "mpeg1video", ".m2v": "mpeg2video", ".mpv": "mpeg1video",
    ".h264": "libx264", ".264": "libx264", ".hevc": "libx265", ".h265": "libx265", ".265": "libx265",
    ".mxf": "mpeg2video", ".wmv": "wmv2", ".asf": "wmv2", ".flv": "flv1", ".ivf": "libvpx",
}  # fmt: skip
MUXERS = {
    ".qt": "mov", ".divx": "avi", ".mts": "mpegts", ".m2ts": "mpegts", ".m2t": "mpegts", ".mod": "vob",
    ".mpv": "mpeg1video", ".264": "h264", ".h265": "hevc", ".265": "hevc", ".f4v": "mp4", ".asf": "asf", ".m4v": "mp4",
}  # fmt: skip
RAW = {".m1v", ".m2v", ".mpv", ".h264", ".264", ".hevc", ".h265", ".265"}
"""Pictures without a clock."""
QUIET = {"x265-params": "log-level=0:bframes=0"}


@pytest.mark.parametrize("suffix", CODECS)
def test_every_container_is_read_and_counted(tmp_path, suffix):
    path = tmp_path / f"clip{suffix}"
    pixels = "yuvj420p" if CODECS[suffix] == "mjpeg" else "yuv420p"
    options = {"libx265": QUIET, "libx264": {"crf": "8"}}.get(CODECS[suffix], {"b": "3000000"})
    made = write_clip(
        path, codec=CODECS[suffix], sound=None, options=options, container=MUXERS.get(suffix), pixels=pixels
    )
    video = open_video(path)
    frames = list(read_frames(video))
    assert abs(len(frames) - 12) <= 1  # the last one stays in some encoders' files
    assert abs(video.frames - len(frames)) <= 1
    assert (video.width, video.height) == (128, 96)
    assert np.abs(frames[3].image.astype(int) - made[3]).mean() < 16
    assert suffix in RAW or frames[0].time == 0
    assert all(later.time > earlier.time for earlier, later in pairwise(frames))


def test_every_suffix_is_tried():
    assert set(CODECS) == VIDEO_SUFFIXES - {".gif", ".dv", ".ogv", ".ogg"}  # no encoder of these here, but GIF below


@pytest.mark.parametrize("name", ["shoot.mts", "a:b.mp4", "http:x.mov", "PHONE.3GP", "film.mpg", "#1 %d.mkv"])
def test_imported_frames_are_those_of_the_one_reader(tmp_path, local_store, name):  # noqa: F811
    suffix = name[name.rindex(".") :].lower()
    write_clip(
        tmp_path / name, frames=40, codec=CODECS[suffix], sound=None, colour=(1, 1), options={},
        container=MUXERS.get(suffix, {".mkv": "matroska", ".mpg": "mpeg"}.get(suffix, suffix[1:])),
    )  # fmt: skip
    assert len(import_path(local_store, tmp_path / name).samples) == 2
    seen = [image for _, image in frames_every(open_video(tmp_path / name), 1.0)]
    assert [image.shape for image in seen] == [(96, 128, 3)] * 2


def test_one_damaged_packet_keeps_no_frame_out_of_an_import(tmp_path, local_store):  # noqa: F811
    write_clip(tmp_path / "a.mkv", frames=75, sound=None, options={"g": "5"})
    content = bytearray((tmp_path / "a.mkv").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 30] = bytes(30)
    (tmp_path / "a.mkv").write_bytes(content)
    assert len(import_path(local_store, tmp_path / "a.mkv").samples) == 3


LISTS = {
    "concat": "ffconcat version 1.0\nfile 'real.mp4'\n",
    "HLS": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nreal.ts\n#EXT-X-ENDLIST\n",
    "DASH": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
    '<Representation id="1"><BaseURL>real.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>',
    "SDP": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "pattern": "real.mp4",
}


@pytest.mark.parametrize("suffix", [".mp4", ".ts", ".ffconcat", ".m3u8"])
@pytest.mark.parametrize("kind", LISTS)
def test_a_text_that_names_another_file_reads_nothing(tmp_path, local_store, kind, suffix):  # noqa: F811
    write_clip(tmp_path / "real.mp4", sound=None)
    write_clip(tmp_path / "real.ts", sound=None)
    (tmp_path / f"list{suffix}").write_text(LISTS[kind])
    with pytest.raises(VideoError, match="is not a video"):
        open_video(tmp_path / f"list{suffix}")
    with pytest.raises(StoreError):
        import_path(local_store, tmp_path / f"list{suffix}")


MATRICES = {
    "as it is": ((1, 0, 0, 1), lambda a: a),
    "quarter clockwise": ((0, 1, -1, 0), lambda a: np.rot90(a, -1)),
    "quarter back": ((0, -1, 1, 0), lambda a: np.rot90(a, 1)),
    "upside down": ((-1, 0, 0, -1), lambda a: np.rot90(a, 2)),
    "mirrored": ((-1, 0, 0, 1), lambda a: a[:, ::-1]),
    "flipped": ((1, 0, 0, -1), lambda a: a[::-1]),
    "transposed": ((0, 1, 1, 0), lambda a: a.swapaxes(0, 1)),
    "transposed the other way": ((0, -1, -1, 0), lambda a: np.rot90(a, 2).swapaxes(0, 1)),
}
"""What the numbers a, b, c, d of a QuickTime matrix, x' = ax + cy and y' = bx + dy, do to a picture."""


@pytest.mark.parametrize("kind", MATRICES)
def test_every_display_matrix_is_followed(tmp_path, kind):
    path = tmp_path / "a.mp4"
    truth = write_clip(path, frames=2, sound=None)[0]
    (a, b, c, d), seen = MATRICES[kind]
    content = bytearray(path.read_bytes())
    place = content.index(b"tkhd") + 44
    content[place : place + 36] = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    video = open_video(path)
    frame = next(read_frames(video)).image
    assert frame.shape == (video.height, video.width, 3) == seen(truth).shape
    assert np.abs(frame.astype(int) - seen(truth)).mean() < 6


@pytest.mark.parametrize(
    ("ratio", "stored", "seen"),
    [((64, 45), (144, 180), (144, 256)), ((4, 3), (90, 120), (90, 160)), ((8, 9), (120, 180), (135, 180)),
     ((1, 1), (96, 128), (96, 128)), ((100, 1), (96, 128), (96, 128))],
)  # fmt: skip
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
def test_oblong_pixels_are_made_square(tmp_path, ratio, stored, seen, suffix):
    write_clip(tmp_path / f"a{suffix}", frames=2, size=stored, sound=None, pixel_ratio=Fraction(*ratio))
    video = open_video(tmp_path / f"a{suffix}")
    assert (video.height, video.width) == seen
    assert next(read_frames(video)).image.shape == (*seen, 3)


def test_the_pictures_of_a_gif_have_their_times(tmp_path, local_store):  # noqa: F811
    write_gif(tmp_path / "a.gif", [100, 300, 2000])
    video = open_video(tmp_path / "a.gif")
    shown = [(frame.time * video.time_base, frame.duration * video.time_base) for frame in read_frames(video)]
    assert shown == [(0, Fraction(1, 10)), (Fraction(1, 10), Fraction(3, 10)), (Fraction(4, 10), 2)]
    assert (video.frames, video.seconds) == (3, 2.4)
    assert is_moving(tmp_path / "a.gif")
    write_gif(tmp_path / "still.gif", [100])
    assert not is_moving(tmp_path / "still.gif")
    assert len(import_path(local_store, tmp_path / "still.gif").samples) == 1


def test_recordings_one_behind_the_other_go_on_in_time_and_size(tmp_path):
    for name, size in (("small", (96, 128)), ("large", (192, 256))):
        write_clip(tmp_path / f"{name}.ts", size=size, sound=None)
    (tmp_path / "both.ts").write_bytes((tmp_path / "small.ts").read_bytes() + (tmp_path / "large.ts").read_bytes())
    video = open_video(tmp_path / "both.ts")
    frames = list(read_frames(video))
    assert {frame.image.shape for frame in frames} == {(96, 128, 3)}
    seconds = [float(frame.time * video.time_base) for frame in frames]
    assert np.allclose(seconds, np.arange(24) / 25, atol=1e-3)
    assert video.frames == 24


LARGE = """
import resource, sys
from pathlib import Path
from matting.video.files import VideoError, open_video
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    open_video(Path(sys.argv[1]))
except VideoError as error:
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, error)
"""


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi", ".gif"])
def test_frames_over_the_limit_are_refused_from_the_header(tmp_path, local_store, suffix):  # noqa: F811
    path = tmp_path / f"a{suffix}"
    if suffix == ".gif":
        write_gif(path, [100, 100])
        content = bytearray(path.read_bytes())
        content[6:10] = struct.pack("<HH", 12000, 12000)
        path.write_bytes(content)
    else:
        with av.open(str(path), "w") as output:
            stream = output.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
            stream.width, stream.height, stream.pix_fmt = 12000, 12000, "yuv420p"
            output.mux(stream.encode(av.VideoFrame(12000, 12000, "yuv420p")))
            output.mux(stream.encode(None))
    assert path.stat().st_size < 1_000_000
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    told = subprocess.run([sys.executable, "-c", LARGE, path], env=environment, capture_output=True, text=True)
    megabytes, _, sentence = told.stdout.strip().partition(" ")
    assert sentence.startswith(f"a{suffix} "), told.stderr
    assert f"the {MAX_PIXELS / 1e6:g} million pixels allowed" in sentence
    assert suffix == ".gif" or "frames of 12000 × 12000" in sentence
    assert int(megabytes) < 120  # one such frame takes 216
    if suffix != ".gif":
        with pytest.raises(StoreError, match="has frames of 12000 × 12000"):
            import_path(local_store, path)


def test_pillow_agrees_on_the_gif(tmp_path):
    write_gif(tmp_path / "a.gif", [100, 300, 2000])
    with Image.open(tmp_path / "a.gif") as picture:
        picture.seek(2)
        assert (picture.n_frames, picture.info["duration"]) == (3, 2000)


def test_damaged_pictures_are_left_out_aloud(tmp_path, caplog):
    write_clip(tmp_path / "a.mkv", frames=30, sound=None, options={"g": "5"})
    whole = len(list(read_frames(open_video(tmp_path / "a.mkv"))))
    assert not caplog.records
    with av.open(str(tmp_path / "a.mkv")) as container, av.open(str(tmp_path / "b.mkv"), "w") as target:
        stream = target.add_stream_from_template(container.streams.video[0])
        for number, packet in enumerate(container.demux(container.streams.video[0])):
            if packet.dts is None:
                continue
            if number == 10:
                damaged = av.Packet(bytes(packet)[:3] + b"\xff" * 20)
                damaged.pts, damaged.dts, damaged.time_base = packet.pts, packet.dts, packet.time_base
                packet = damaged
            packet.stream = stream
            target.mux(packet)
    assert len(list(read_frames(open_video(tmp_path / "b.mkv")))) < whole
    assert "frames left out" in caplog.text and caplog.text.rstrip().endswith(": 1")


@pytest.mark.parametrize("with_pictures", [True, False])
def test_a_cover_is_no_video(tmp_path, with_pictures):
    """Music and films carry one as a video stream of one picture."""
    with av.open(str(tmp_path / "a.mp4"), "w") as output:
        streams = [output.add_stream(codec, rate=25) for codec in ("mjpeg", "mpeg4")[: 1 + with_pictures]]
        streams[0].disposition = Disposition.attached_pic
        music = output.add_stream("aac", rate=48000, layout="mono")
        for stream, side, pixels in zip(streams, (16, 64), ("yuvj420p", "yuv420p"), strict=False):
            stream.width, stream.height, stream.pix_fmt = side, side, pixels
        for stream in streams:
            frame = av.VideoFrame.from_ndarray(np.full((stream.height, stream.width, 3), 90, np.uint8), "rgb24")
            frame.pts = 0
            output.mux(stream.encode(frame.reformat(format=stream.pix_fmt)) + stream.encode(None))
        write_tone(output, music, 0.2)
    if with_pictures:
        assert open_video(tmp_path / "a.mp4").width == 64
    else:
        with pytest.raises(VideoError, match=r"^a\.mp4 holds no video stream"):
            open_video(tmp_path / "a.mp4")
