"""A video file → its facts and its frames, upright, one at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from matting.arrays import Image, Stored, to_float, to_uint8
from matting.files import MAX_PIXELS

DEMUXERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,ogg,asf,gif,mxf,dv,ivf,h264,hevc"
"""What may be read. Playlists and other text formats are not among them: they can name other files and addresses."""
HD_LINES = 720
"""A file that does not name its colour matrix has BT.709 from this height on, as players take it, else BT.601."""

FASTEST = 240
"""Frames per second above which a header is not believed."""


class VideoError(ValueError):
    """A file that cannot be read as a video; the message is one sentence that names the file and the reason."""


@dataclass(frozen=True)
class Colour:
    """How a file's YUV numbers are to be read; the same numbers are given to what is written."""

    matrix: int
    range: int
    primaries: int
    transfer: int


@dataclass(frozen=True)
class Video:
    """The facts of a video file. `frames` is what its header says, 0 where it says nothing."""

    path: Path
    width: int
    height: int
    frames: int
    seconds: float
    rate: Fraction
    time_base: Fraction
    rotation: int
    is_deep: bool
    """Whether its channels have more than 8 bits."""
    has_audio: bool
    colour: Colour


@dataclass(frozen=True)
class Frame:
    """One frame: (H, W, 3) RGB, uint8 or, of a deep video, uint16; `time` in units of the video's time base."""

    stored: Stored
    time: int

    @cached_property
    def image(self) -> Image:
        """(H, W, 3) uint8."""
        if self.stored.dtype == np.uint8:
            return cast(Image, self.stored)
        return to_uint8(to_float(self.stored))


def open_video(path: Path) -> Video:
    """The facts of the video in `path`, from its header and its first frame.

    Raises:
        VideoError: not a video of a format read here, damaged, or of frames that are too large.
    """
    with _opened(path) as container:
        stream = container.streams.video[0]
        first = next(_decoded(container, stream), None)
        if first is None:
            raise VideoError(f"{path.name} holds no picture that can be decoded")
        rotation = round(first.rotation / 90) % 4 * 90
        width, height = (first.height, first.width) if rotation in (90, 270) else (first.width, first.height)
        rate = _rate(stream)
        seconds = _seconds(container, stream)
        return Video(
            path=path, width=width, height=height,
            frames=stream.frames or round(seconds * rate),
            seconds=seconds, rate=rate,
            time_base=Fraction(stream.time_base or 1 / rate),
            rotation=rotation,
            is_deep=any(part.bits > 8 for part in first.format.components),
            has_audio=bool(container.streams.audio),
            colour=_colour(first),
        )  # fmt: skip


def read_frames(video: Video, skip: int = 0) -> Iterator[Frame]:
    """The frames of `video` from number `skip` on. A damaged packet is left out; frames of another size are scaled."""
    with _opened(video.path) as container:
        stream = container.streams.video[0]
        last = None
        for number, decoded in enumerate(_decoded(container, stream)):
            time = _time(decoded, last, video)
            last = time
            if number >= skip:
                yield Frame(_pixels(decoded, video), time)


def frame_at(path: Path, number: int) -> Image:
    """Frame `number` of the video in `path`, counted from 0; VideoError where it has no such frame."""
    for frame in read_frames(open_video(path), number):
        return frame.image
    raise VideoError(f"{path.name} has no frame {number}")


def _opened(path: Path) -> Any:
    """The container, its formats and its reach limited: nothing but this file is read."""
    if not path.is_file():
        raise VideoError(f"{path} is {'a folder' if path.is_dir() else 'not there'}; wanted a video file")
    limits = {"protocol_whitelist": "file", "format_whitelist": DEMUXERS}
    try:
        container = av.open(f"file:{path}", options=limits, metadata_errors="replace")
    except (av.FFmpegError, ValueError, OSError) as error:
        raise VideoError(f"{path.name} is not a video of a format read here, or is damaged") from error
    if not container.streams.video:
        container.close()
        raise VideoError(f"{path.name} holds no video stream")
    container.streams.video[0].thread_type = "AUTO"
    return container


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """Decoded frames of `stream`; packets that cannot be decoded are left out, and the end of a cut file is an end."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            return
        if packet is None:
            return
        try:
            frames = packet.decode()
        except av.FFmpegError:
            continue
        for frame in frames:
            if frame.width * frame.height > MAX_PIXELS:
                size = f"{frame.width} × {frame.height}"
                raise VideoError(f"frames may have {MAX_PIXELS / 1e6:g} million pixels, but these are {size}")
            yield frame


def _pixels(frame: Any, video: Video) -> Stored:
    """RGB (H, W, 3), upright, at the video's size."""
    size = (video.height, video.width) if video.rotation in (90, 270) else (video.width, video.height)
    array = frame.to_ndarray(
        format="rgb48le" if video.is_deep else "rgb24",
        width=size[0], height=size[1],
        src_colorspace=video.colour.matrix, src_color_range=video.colour.range,
        dst_color_range=int(ColorRange.JPEG),
    )  # fmt: skip
    return np.ascontiguousarray(np.rot90(array, video.rotation // 90))


def _time(frame: Any, last: int | None, video: Video) -> int:
    """The frame's own time, or the next one in step where it has none; always later than the `last`."""
    step = max(1, round(1 / (video.rate * video.time_base)))
    time = frame.pts if frame.pts is not None else (0 if last is None else last + step)
    return int(time) if last is None else max(int(time), last + 1)


def _rate(stream: Any) -> Fraction:
    """Frames per second, on average; recordings without a fixed rate name nothing useful and count as 30."""
    named = (Fraction(rate) for rate in (stream.average_rate, stream.guessed_rate) if rate)
    return next((rate for rate in named if 0 < rate <= FASTEST), Fraction(30))


def _seconds(container: Any, stream: Any) -> float:
    """How long the video lasts, 0 where its header does not say."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return float(container.duration or 0) / av.time_base


def _colour(frame: Any) -> Colour:
    """The colour tags of `frame`, an unnamed matrix and range replaced by what players take them for."""
    matrix = frame.colorspace
    if matrix in (0, 2):  # RGB, unspecified
        matrix = int(Colorspace.ITU709 if frame.height >= HD_LINES else Colorspace.ITU601)
    is_full = frame.color_range == int(ColorRange.JPEG) or frame.format.name.startswith("yuvj")
    range_ = ColorRange.JPEG if is_full else ColorRange.MPEG
    return Colour(int(matrix), int(range_), int(frame.color_primaries), int(frame.color_trc))
