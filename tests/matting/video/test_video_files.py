"""Reading and writing video files, against what PyAV itself put into them."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from matting.video.files import VideoError, exr_bytes, frame_at, open_video, read_frames
from tests.matting.video.clips import write_clip

LIMITED, FULL = 1, 2
BT709, BT601, BT2020 = 1, 5, 9


def difference(frame, truth):
    return np.abs(frame.image.astype(int) - truth).mean()


@pytest.mark.parametrize(("matrix", "range_"), [(BT709, LIMITED), (BT709, FULL), (BT601, FULL), (BT2020, LIMITED)])
def test_colours_are_read_by_the_files_own_matrix_and_range(tmp_path, matrix, range_):
    truth = write_clip(
        tmp_path / "a.mp4", frames=2, sound=None, pixels="yuv444p", colour=(matrix, range_), options={"crf": "1"}
    )
    video = open_video(tmp_path / "a.mp4")
    assert (video.colour.matrix, video.colour.range) == (matrix, range_)
    assert difference(next(read_frames(video)), truth[0]) < 1.5  # the wrong matrix or range is off by over 4


def test_ten_bits_are_read_as_sixteen(tmp_path):
    quiet = {"x265-params": "log-level=0:bframes=0"}  # with B-frames so short a clip now and then fails to mux
    write_clip(tmp_path / "a.mp4", frames=2, codec="libx265", pixels="yuv420p10le", options=quiet)
    video = open_video(tmp_path / "a.mp4")
    frame = next(read_frames(video))
    assert video.is_deep
    assert frame.stored.dtype == np.uint16
    assert len(np.unique(frame.stored)) > 256
    assert frame.image.dtype == np.uint8


def test_a_rotated_file_is_upright(tmp_path):
    path = tmp_path / "a.mp4"
    truth = write_clip(path, frames=2, sound=None)
    content = bytearray(path.read_bytes())
    matrix = content.index(b"tkhd") + 44
    clockwise = (0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
    content[matrix : matrix + 36] = struct.pack(">9i", *clockwise)
    path.write_bytes(content)
    video = open_video(path)
    assert (video.width, video.height) == (96, 128)
    assert difference(next(read_frames(video)), np.rot90(truth[0], -1)) < 6
    assert difference(next(read_frames(video)), np.rot90(truth[0], 1)) > 30


def test_uneven_times_are_kept(tmp_path):
    times = [Fraction(tenths, 100) for tenths in (0, 4, 10, 30, 33)]
    write_clip(tmp_path / "a.mp4", frames=5, times=times)
    video = open_video(tmp_path / "a.mp4")
    assert [frame.time * video.time_base for frame in read_frames(video)] == times


def test_one_frame_is_found_by_its_number(tmp_path):
    truth = write_clip(tmp_path / "a.mp4", frames=9)
    assert np.abs(frame_at(tmp_path / "a.mp4", 7).astype(int) - truth[7]).mean() < 6
    with pytest.raises(VideoError, match="has no frame 9"):
        frame_at(tmp_path / "a.mp4", 9)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello" * 100, b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile '/etc/passwd'\n",
     b"RIFF\0\0\0\0WAVEfmt ", bytes(range(256)) * 40],
    ids=["empty", "text", "playlist", "list of files", "sound", "noise"],
)  # fmt: skip
def test_what_is_no_video_is_refused_in_one_sentence(tmp_path, content):
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(VideoError, match=r"^a\.mp4 (is not a video|holds no)[^\n]*$"):
        open_video(tmp_path / "a.mp4")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(VideoError, match="missing"):
        open_video(tmp_path / "none.mp4")
    with pytest.raises(VideoError, match="a folder"):
        open_video(tmp_path)


def test_a_cut_file_gives_the_frames_it_has(tmp_path):
    write_clip(tmp_path / "a.mkv", frames=30, sound=None)
    content = (tmp_path / "a.mkv").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(content[: len(content) * 4 // 5])
    assert 3 <= len(list(read_frames(open_video(tmp_path / "cut.mkv")))) < 30


def test_damaged_bytes_never_raise_anything_else(tmp_path):
    write_clip(tmp_path / "a.mp4", frames=12)
    write_clip(tmp_path / "a.mkv", frames=12)
    contents = [(tmp_path / name).read_bytes() for name in ("a.mp4", "a.mkv")]
    for seed in range(40):
        random = np.random.default_rng(seed)
        damaged = bytearray(contents[seed % 2])
        for place in random.integers(0, len(damaged), 20):
            damaged[place] = random.integers(256)
        (tmp_path / "damaged").write_bytes(damaged)
        try:
            frames = list(read_frames(open_video(tmp_path / "damaged")))
            assert len({frame.stored.shape for frame in frames}) <= 1
        except VideoError as error:
            assert "\n" not in str(error)


def test_exr_holds_linear_light_times_alpha(tmp_path):
    foreground = np.full((16, 16, 3), 0.5, np.float32)
    alpha = np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16)
    (tmp_path / "a.exr").write_bytes(exr_bytes(foreground, alpha))
    with av.open(str(tmp_path / "a.exr")) as container:
        (frame,) = container.decode(video=0)
    read = frame.to_ndarray()
    linear = ((0.5 + 0.055) / 1.055) ** 2.4  # IEC 61966-2-1
    assert np.allclose(read[..., 3], alpha, atol=1e-6)
    assert np.allclose(read[..., :3], linear * alpha[..., None], atol=1e-5)
