"""Video files in and out: the only PyAV of the project."""

from matting.video_files.join import join
from matting.video_files.read import Frame, Video, VideoError, frame_at, open_video, read_frames
from matting.video_files.write import FORMS, Form, Part, exr_bytes

__all__ = [
    "FORMS",
    "Form",
    "Frame",
    "Part",
    "Video",
    "VideoError",
    "exr_bytes",
    "frame_at",
    "join",
    "open_video",
    "read_frames",
]
