"""Finished parts → one file, with the sound of the video they were made from. Nothing is encoded twice."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from matting.video_files.read import Video

CARRIES = {
    ".mp4": {"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"},
    ".mov": {"aac", "mp3", "ac3", "alac", "pcm_s16le", "pcm_s24le", "pcm_s16be"},
    ".webm": {"opus", "vorbis"},
}
"""Which sound is copied into which container; any other is encoded anew."""
ENCODERS = {".webm": "libopus"}


def join(parts: list[tuple[Path, int]], target: Path, video: Video) -> None:
    """Write `parts` (file, time of its first frame) into `target` one after another, with the sound of `video`."""
    options = {"movflags": "+faststart"} if target.suffix.lower() in (".mp4", ".mov") else {}
    with av.open(f"file:{target}", "w", options=options) as output:
        with av.open(f"file:{parts[0][0]}") as first:
            source = first.streams.video[0]
            stream = output.add_stream_from_template(source)
            stream.time_base = video.time_base
            if "alpha_mode" in source.metadata:
                stream.metadata["alpha_mode"] = source.metadata["alpha_mode"]
        sound = _Sound(video, output, target.suffix) if video.has_audio else None
        for packet in _pictures(parts, stream, video.time_base):
            if sound:
                sound.up_to(packet.dts * packet.time_base)
            output.mux(packet)
        if sound:
            sound.up_to(None)


def _pictures(parts: list[tuple[Path, int]], stream: Any, time_base: Fraction) -> Iterator[Any]:
    """The packets of all parts, their times those of the whole video."""
    for path, start in parts:
        with av.open(f"file:{path}") as container:
            for packet in container.demux(container.streams.video[0]):
                if packet.dts is None or packet.pts is None:
                    continue
                moved = round(start * time_base / packet.time_base)
                packet.pts, packet.dts = packet.pts + moved, packet.dts + moved
                packet.stream = stream
                yield packet


class _Sound:
    """The first sound track of a video on its way into another file, as far as the pictures have come."""

    def __init__(self, video: Video, output: Any, suffix: str) -> None:
        self._input = av.open(f"file:{video.path}")
        self._output = output
        source = self._input.streams.audio[0]
        self._copies = source.codec_context.name in CARRIES[suffix]
        if self._copies:
            self._stream = output.add_stream_from_template(source)
        else:
            rate = 48000 if suffix == ".webm" else source.rate
            self._stream = output.add_stream(ENCODERS.get(suffix, "aac"), rate=rate, layout=source.layout.name)
        self._packets = self._input.demux(source)
        self._waiting: Any = next(self._packets, None)

    def up_to(self, time: Fraction | None) -> None:
        """Write the sound before `time` in seconds; None: all the rest."""
        while self._waiting is not None:
            packet = self._waiting
            if time is not None and packet.dts is not None and packet.dts * packet.time_base > time:
                return
            self._write(packet)
            self._waiting = self._next()
        if time is None:
            if not self._copies:
                self._output.mux(self._stream.encode(None))
            self._input.close()

    def _next(self) -> Any:
        try:
            return next(self._packets, None)
        except av.FFmpegError:  # a cut or damaged file: the sound ends where it breaks
            return None

    def _write(self, packet: Any) -> None:
        if self._copies:
            if packet.dts is not None:
                packet.stream = self._stream
                self._output.mux(packet)
            return
        try:
            frames = packet.decode()
        except av.FFmpegError:
            return
        for frame in frames:
            self._output.mux(self._stream.encode(frame))
