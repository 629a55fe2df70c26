"""Reading and writing video files. Nothing else in the project uses PyAV."""

from matting.video.files.formats import READABLE_FORMATS, VIDEO_SUFFIXES
from matting.video.files.join import join
from matting.video.files.light import numbers_for
from matting.video.files.read import (
    Frame,
    Video,
    VideoError,
    frame_at,
    frames_every,
    is_moving,
    open_video,
    read_frames,
)
from matting.video.files.sound import Way, way_for
from matting.video.files.write import FORMS, Form, Part, exr_bytes

__all__ = [
    "FORMS",
    "READABLE_FORMATS",
    "VIDEO_SUFFIXES",
    "Form",
    "Frame",
    "Part",
    "Video",
    "VideoError",
    "Way",
    "exr_bytes",
    "frame_at",
    "frames_every",
    "is_moving",
    "join",
    "numbers_for",
    "open_video",
    "read_frames",
    "way_for",
]
