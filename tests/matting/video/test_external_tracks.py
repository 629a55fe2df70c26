"""A QuickTime file whose track lies in another file: of that file nothing is read. See "dref" in QuickTime's format."""

import struct

import av
import pytest

from matting.video.files import VideoError, open_video
from tests.matting.video.clips import write_clip

PARENTS = (b"moov", b"trak", b"mdia", b"minf", b"dinf")


def box(kind, body):
    return struct.pack(">I4s", 8 + len(body), kind) + body


def alias(path):
    """The box that says that a track's pictures lie in the file at `path`: a Mac's alias with an absolute path."""
    name, where = path.name.encode()[:63], str(path).replace("/", ":").encode()
    volume = bytes([4]) + b"disk".ljust(27, b"\0")
    head = bytes(10) + volume + bytes(12) + bytes([len(name)]) + name.ljust(63, b"\0") + bytes(16 + 4 + 16)
    records = struct.pack(">hH", 2, len(where)) + where + bytes(len(where) % 2) + struct.pack(">hH", -1, 0)
    return box(b"alis", bytes(4) + head + records)


def pointing(content, path):
    """The MP4 file `content` without its pictures, its track pointing to the file at `path`."""
    made, at = b"", 0
    while at < len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        body = content[at + 8 : at + size]
        if kind in PARENTS:
            body = pointing(body, path)
        elif kind == b"dref":
            body = struct.pack(">II", 0, 1) + alias(path)
        elif kind == b"mdat":
            body = bytes(len(body))
        made += box(kind, body)
        at += size
    return made


def test_a_track_in_another_file_is_not_read(tmp_path):
    real, given = tmp_path / "real.mp4", tmp_path / "given.mov"
    write_clip(real, frames=12, sound=None)
    given.write_bytes(pointing(real.read_bytes(), real))
    with av.open(str(given), options={"enable_drefs": "1", "use_absolute_path": "1"}) as container:
        assert sum(1 for _ in container.decode(video=0)) == 12  # who follows such tracks would read the other file
    with pytest.raises(VideoError, match=r"given\.mov holds no picture"):
        open_video(given)
