"""A video file → its facts and its frames, upright and in square pixels, one at a time. The only reader of videos."""

import logging
import math
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.stream import Disposition
from av.video.reformatter import ColorRange, Colorspace

from matting.arrays import Image, Stored, to_float, to_uint8
from matting.files import MAX_PIXELS
from matting.video.files.clock import Clock
from matting.video.files.formats import ALLOWED, COUNTABLE_BYTES, WITHOUT_LENGTH, has_video_name
from matting.video.files.geometry import Turn, in_square_pixels, turn_of

HD_LINES = 720
"""A file that does not name its colour matrix is read as BT.709 from this height on, else as BT.601, as players do."""

DECODER_LIMITS = {"max_pixels": str(MAX_PIXELS)}
"""Keeps the decoder from allocating larger frames, wherever in a file they come."""
ALLOWED_PIXELS = f"the {MAX_PIXELS / 1e6:g} million pixels allowed"
log = logging.getLogger(__name__)

MAX_FRAME_RATE = 240
"""Frames per second above which a header is not believed."""


class VideoError(ValueError):
    """A file that cannot be read as a video; the message is one sentence that names the file and the reason."""


@dataclass(frozen=True)
class Colour:
    """The tags by which a file's YUV values are read; what is written gets the same tags."""

    matrix: int
    range: int
    primaries: int
    transfer: int


@dataclass(frozen=True)
class Video:
    """The facts of a video file. `frames` comes from its header, or was counted; 0 if neither was possible."""

    path: Path
    width: int
    height: int
    """Width and height as displayed: turned, and in square pixels."""
    frames: int
    seconds: float
    rate: Fraction
    time_base: Fraction
    turn: Turn
    start: Fraction
    """The seconds that its clock shows at the beginning; times of frames and of sound count from there."""
    is_deep: bool
    """Whether its channels have more than 8 bits."""
    has_audio: bool
    colour: Colour


@dataclass(frozen=True)
class Frame:
    """One frame: (H, W, 3) RGB, uint8 or, of a deep video, uint16; times in units of the video's time base."""

    stored: Stored
    time: int
    duration: int = 0
    """How long it is shown; 0 if the file does not say."""

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
    with opened(path) as container:
        stream = pictures_in(container)
        first = next(_decoded(container, stream), None)
        if first is None:
            raise VideoError(f"{path.name} holds no picture within {ALLOWED_PIXELS} that can be decoded")
        rate, turn = _rate(stream), turn_of(first)
        size = in_square_pixels(first.width, first.height, stream.sample_aspect_ratio)
        check_pixels(path, *size)
        frames, seconds = _length(path, container, stream, rate)
        return Video(
            path=path, width=size[turn.is_transposed], height=size[not turn.is_transposed],
            frames=frames, seconds=seconds, rate=rate,
            time_base=Fraction(stream.time_base or 1 / rate),
            turn=turn, start=max(Fraction(0), Fraction(container.start_time or 0, av.time_base)),
            is_deep=any(part.bits > 8 for part in first.format.components),
            has_audio=bool(tracks(container)),
            colour=_colour(first),
        )  # fmt: skip


def read_frames(video: Video, skip: int = 0) -> Iterator[Frame]:
    """The frames of `video` from number `skip` on. Damaged packets are left out, and other sizes are scaled."""
    return (_frame(decoded, time, video) for decoded, time in islice(_timed(video), skip, None))


def frames_every(video: Video, seconds: float) -> Iterator[tuple[float, Image]]:
    """(its time in seconds, the frame) of every `seconds` of `video`, beginning with the first."""
    due = -math.inf
    for decoded, time in _timed(video):
        now = float(time * video.time_base)
        if now >= due:
            yield now, _frame(decoded, time, video).image
            due = now + seconds


def frame_at(path: Path, number: int) -> Image:
    """Frame `number` of the video in `path`, counted from 0; VideoError if there is no such frame."""
    for frame in read_frames(open_video(path), number):
        return frame.image
    raise VideoError(f"{path.name} has no frame {number}")


def is_moving(path: Path) -> bool:
    """Whether the file in `path` has the suffix of a video; a GIF must also have more than one picture."""
    if path.suffix.lower() != ".gif":
        return has_video_name(path)
    try:
        return open_video(path).frames > 1
    except VideoError:
        return False


def opened(path: Path) -> Any:
    """The container in `path`. Only known formats are opened, and only this file is read.

    Raises:
        VideoError: it is not a video, or its header names frames that are too large.
    """
    if not path.is_file():
        raise VideoError(f"{path} is {'a folder' if path.is_dir() else 'missing'}; wanted a video file")
    limits = {"protocol_whitelist": "file", "format_whitelist": ALLOWED, **DECODER_LIMITS}
    try:
        container = av.open(f"file:{path}", options=limits, metadata_errors="replace")
    except (av.FFmpegError, ValueError, OSError) as error:
        raise VideoError(f"{path.name} is not a video of a format read here, or is damaged") from error
    stream = pictures_in(container)
    if stream is None:
        container.close()
        raise VideoError(f"{path.name} holds no video stream")
    if stream.codec_context is None:
        container.close()
        raise VideoError(f"{path.name} is compressed in a way that is not read here")
    try:
        check_pixels(path, stream.codec_context.width, stream.codec_context.height)
    except VideoError:
        container.close()
        raise
    stream.codec_context.options = DECODER_LIMITS
    stream.thread_type = "AUTO"
    return container


def pictures_in(container: Any) -> Any:
    """The first video stream of `container` that is not the cover of a piece of music; None if there is none."""
    return next((one for one in container.streams.video if not one.disposition & Disposition.attached_pic), None)


def tracks(container: Any) -> list[Any]:
    """The sound tracks of `container` that can be decoded."""
    return [track for track in container.streams.audio if track.codec_context is not None]


def check_pixels(path: Path, width: int, height: int) -> None:
    """Raise VideoError if frames of that size are too large."""
    if width * height > MAX_PIXELS:
        raise VideoError(f"{path.name} has frames of {width} × {height}, more than {ALLOWED_PIXELS}")


def _decoded(container: Any, stream: Any, *, is_whole: bool = False) -> Iterator[Any]:
    """Decoded frames of `stream`; a file that was cut off simply ends earlier.

    Packets that cannot be decoded are left out; if all of the video is read, the log says how many.
    """
    left_out = 0
    for packet in _packets(container, stream):
        try:
            frames = packet.decode()
        except av.FFmpegError:
            left_out += 1
            continue
        yield from frames
    if left_out and is_whole:
        log.warning("frames left out because they are damaged or exceed %s: %d", ALLOWED_PIXELS, left_out)


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    """The packets of `stream`; a file that was cut off simply ends earlier."""
    with suppress(av.FFmpegError):
        yield from container.demux(stream)


def _timed(video: Video) -> Iterator[tuple[Any, int]]:
    """(decoded frame, its time) of all of `video`; each time is later than the last."""
    with opened(video.path) as container:
        clock, step = Clock(video.start, video.time_base), max(1, round(1 / (video.rate * video.time_base)))
        for decoded in _decoded(container, pictures_in(container), is_whole=True):
            yield decoded, clock(decoded.pts, step)


def _frame(decoded: Any, time: int, video: Video) -> Frame:
    return Frame(_pixels(decoded, video), time, int(decoded.duration or 0))


def _pixels(frame: Any, video: Video) -> Stored:
    """RGB (H, W, 3), upright, at the video's size."""
    size = (video.height, video.width) if video.turn.is_transposed else (video.width, video.height)
    array = frame.to_ndarray(
        format="rgb48le" if video.is_deep else "rgb24",
        width=size[0], height=size[1],
        src_colorspace=video.colour.matrix, src_color_range=video.colour.range,
        dst_color_range=int(ColorRange.JPEG),
    )  # fmt: skip
    return video.turn.applied(array)


def _rate(stream: Any) -> Fraction:
    """Average frames per second; recordings without a fixed rate give no useful number and count as 30."""
    named = (Fraction(rate) for rate in (stream.average_rate, stream.guessed_rate) if rate)
    return next((rate for rate in named if 0 < rate <= MAX_FRAME_RATE), Fraction(30))


def _length(path: Path, container: Any, stream: Any, rate: Fraction) -> tuple[int, float]:
    """(frames, seconds) from the header, or counted if it cannot have them; 0 if neither is possible."""
    if container.format.name in WITHOUT_LENGTH and path.stat().st_size < COUNTABLE_BYTES:
        with opened(path) as again:
            packets = sum(1 for packet in _packets(again, pictures_in(again)) if packet.size)
        return packets, float(packets / rate)
    if stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    else:
        seconds = float(container.duration or 0) / av.time_base
    return stream.frames or round(seconds * rate), seconds


def _colour(frame: Any) -> Colour:
    """The colour tags of `frame`; a missing matrix or range is replaced by the one that players assume."""
    matrix = frame.colorspace
    if matrix in (0, 2):  # RGB, unspecified
        matrix = int(Colorspace.ITU709 if frame.height >= HD_LINES else Colorspace.ITU601)
    is_full = frame.color_range == int(ColorRange.JPEG) or frame.format.name.startswith("yuvj")
    range_ = ColorRange.JPEG if is_full else ColorRange.MPEG
    return Colour(int(matrix), int(range_), int(frame.color_primaries), int(frame.color_trc))
