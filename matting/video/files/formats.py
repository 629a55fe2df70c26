"""Which video files can be read: the containers, and their suffixes. Everything that takes videos asks here."""

from pathlib import Path

CONTAINERS = {
    "mov,mp4,m4a,3gp,3g2,mj2": (".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2", ".f4v"),
    "matroska,webm": (".mkv", ".webm"),
    "avi": (".avi", ".divx"),
    "mpegts": (".ts", ".mts", ".m2ts", ".m2t"),
    "mpeg": (".mpg", ".mpeg", ".vob", ".mod"),
    "mpegvideo": (".m1v", ".m2v", ".mpv"),
    "h264": (".h264", ".264"),
    "hevc": (".hevc", ".h265", ".265"),
    "mxf": (".mxf",),
    "dv": (".dv",),
    "asf": (".wmv", ".asf"),
    "flv": (".flv",),
    "ogg": (".ogv", ".ogg"),
    "gif": (".gif",),
    "ivf": (".ivf",),
}
"""FFmpeg's name of a container → its suffixes. A file of any other container is refused, whatever its name: playlists
and text files name other files and addresses.
"""
ALLOWED = ",".join(CONTAINERS)
WITHOUT_LENGTH = {"mpeg", "mpegvideo", "mpegts", "h264", "hevc"}
"""Containers whose header gives neither the number of frames nor the length: their frames are counted."""
COUNTABLE_BYTES = 2_000_000_000
"""Bytes up to which counting takes only seconds. The length of a larger file is estimated from its last time stamps."""
VIDEO_SUFFIXES = frozenset(suffix for suffixes in CONTAINERS.values() for suffix in suffixes)
READABLE_FORMATS = "MP4, MOV, 3GP, MKV, WebM, AVI, MTS and other MPEG, MXF, DV, WMV, FLV, Ogg, or an animated GIF"
"""What can be read, for use in a sentence."""


def has_video_name(path: Path) -> bool:
    """Whether `path` has the suffix of a video."""
    return path.suffix.lower() in VIDEO_SUFFIXES
