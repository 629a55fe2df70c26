"""Which video files can be read: the containers, and the names their files go by. Every way in asks here."""

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
"""FFmpeg's name of a container → the suffixes it goes by. Playlists and texts, which name other files and addresses,
are not among them: whatever its name, a file of another container is refused."""
ALLOWED = ",".join(CONTAINERS)
WITHOUT_LENGTH = {"mpeg", "mpegvideo", "mpegts", "h264", "hevc"}
"""Containers whose header does not say how many pictures they hold, nor for how long: these are counted."""
COUNTABLE_BYTES = 2_000_000_000
"""Bytes up to which counting takes but seconds; of larger files the length is guessed by their last times."""
VIDEO_SUFFIXES = frozenset(suffix for suffixes in CONTAINERS.values() for suffix in suffixes)
READABLE_FORMATS = "MP4, MOV, 3GP, MKV, WebM, AVI, MTS and other MPEG, MXF, DV, WMV, FLV, Ogg, or an animated GIF"
"""What can be read, in a sentence."""


def has_video_name(path: Path) -> bool:
    """Whether `path` is called as videos are."""
    return path.suffix.lower() in VIDEO_SUFFIXES
