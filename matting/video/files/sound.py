"""The first sound track of a video on its way into another file: copied if the container takes it, or encoded."""

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Any

import av

from matting.video.files.clock import Clock
from matting.video.files.read import Video, VideoError, opened, tracks

CARRIES = {
    ".mp4": {"aac", "mp3", "ac3", "eac3", "alac", "opus", "flac"},
    ".mov": {"aac", "mp3", "ac3", "alac", "pcm_s16le", "pcm_s24le", "pcm_s16be", "pcm_s24be"},
    ".webm": {"opus", "vorbis"},
}
"""Container → the sound that is copied into it; any other is encoded anew."""
ENCODERS = {".webm": "libopus"}
RATE = 48_000
"""Samples per second with which an encoder is tried on a layout."""
LAYOUTS = {1: "mono", 2: "stereo", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
"""Number of channels → layout, if the encoder does not know the track's own; other numbers become stereo."""
TRIAL_SECONDS = Fraction(1, 2)
"""Seconds of sound written beforehand as a trial."""

Way = Callable[[Any, str], Any]
"""(track, suffix of the target) → the settings of the stream; None to copy it."""


def copied(track: Any, suffix: str) -> Any:
    """No settings, so packets are copied. VideoError if the container does not take them."""
    if track.codec_context.codec.canonical_name not in CARRIES[suffix]:
        raise VideoError(f"{suffix} does not carry {track.codec_context.codec.canonical_name}")


def encoded(track: Any, suffix: str) -> Any:
    """The track's own rate and layout, or the nearest that the encoder takes."""
    codec = av.Codec(ENCODERS.get(suffix, "aac"), "w")
    rate = min(codec.audio_rates or [track.rate], key=lambda known: abs(known - track.rate))
    layout = track.layout.name if _takes(codec, track.layout.name) else LAYOUTS.get(track.layout.nb_channels, "stereo")
    return {"codec_name": codec.name, "rate": rate, "layout": layout}


def _takes(codec: Any, layout: str) -> bool:
    """Whether the encoder opens with this channel layout."""
    try:
        context: Any = codec.create("audio")
        context.layout, context.sample_rate, context.time_base = layout, RATE, Fraction(1, RATE)
        context.format = codec.audio_formats[0]
        context.open()
    except (av.FFmpegError, ValueError):
        return False
    return True


def in_stereo(track: Any, suffix: str) -> Any:
    """Settings that every encoder takes."""
    return encoded(track, suffix) | {"layout": "stereo"}


def way_for(video: Video, suffix: str) -> Way | None:
    """How to write the sound of `video` to a file of that suffix, found by trying; None for a video without sound.

    Raises:
        VideoError: it can't be written there at all.
    """
    if not video.has_audio:
        return None
    for way in (copied, encoded, in_stereo):
        try:
            with av.open(io.BytesIO(), "w", format=suffix.removeprefix(".")) as discarded:
                sound = Sound(video, discarded, suffix, way)
                sound.up_to(TRIAL_SECONDS)
                sound.close()
        except (av.FFmpegError, ValueError, OSError):
            continue
        return way
    raise VideoError(f"the sound of {video.path.name} can be neither copied to {suffix} nor encoded for it")


class Sound:
    """The sound of a video, written to `output` in step with the pictures."""

    def __init__(self, video: Video, output: Any, suffix: str, way: Way) -> None:
        self._input, self._output = opened(video.path), output
        track = tracks(self._input)[0]
        self._settings = way(track, suffix)
        if self._settings is None:
            self._stream = output.add_stream_from_template(track)
        else:
            self._stream = output.add_stream(**self._settings)
        self._clock = Clock(video.start, track.time_base)
        self._taken: Any = None
        self._resampler: Any = None
        self._packets = self._timed(self._input.demux(track))
        self._waiting: Any = next(self._packets, None)

    def _timed(self, packets: Iterator[Any]) -> Iterator[Any]:
        """`packets` with corrected times; in a truncated or damaged file the sound ends where the file breaks."""
        with suppress(av.FFmpegError):
            for packet in packets:
                if packet.dts is not None:
                    moved = self._clock(packet.dts, max(1, packet.duration or 1)) - packet.dts
                    shown = packet.dts if packet.pts is None else packet.pts
                    packet.pts, packet.dts = shown + moved, packet.dts + moved
                yield packet

    def up_to(self, time: Fraction | None) -> None:
        """Write the sound up to `time` in seconds; None for all the rest."""
        while self._waiting is not None:
            packet = self._waiting
            if time is not None and packet.dts is not None and packet.dts * packet.time_base > time:
                return
            self._write(packet)
            self._waiting = next(self._packets, None)
        if time is None:
            self.close()

    def close(self) -> None:
        """Flush the encoder and close the video."""
        if self._settings is not None:
            if self._resampler is not None:
                self._encode(self._resampler.resample(None))
            self._output.mux(self._stream.encode(None))
        self._input.close()

    def _write(self, packet: Any) -> None:
        if self._settings is None:
            if packet.dts is not None:
                packet.stream = self._stream
                self._output.mux(packet)
            return
        try:
            frames = packet.decode()
        except av.FFmpegError:
            return
        for frame in frames:
            self._encode(self._resampled(frame))

    def _resampled(self, frame: Any) -> list[Any]:
        """`frame` as the encoder needs it; a track may change its layout or rate in the middle."""
        kind = (frame.layout.name, frame.sample_rate, frame.format.name)
        rest: list[Any] = []
        if kind != self._taken:
            rest = self._resampler.resample(None) if self._resampler else []
            context = self._stream.codec_context
            self._taken = kind
            self._resampler = av.AudioResampler(context.format, self._settings["layout"], self._settings["rate"])
        return [*rest, *self._resampler.resample(frame)]

    def _encode(self, frames: list[Any]) -> None:
        for frame in frames:
            self._output.mux(self._stream.encode(frame))
