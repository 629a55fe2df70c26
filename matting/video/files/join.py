"""Finished parts → one file, with the sound of the source video. Nothing is encoded twice."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from matting.video.files.read import Video
from matting.video.files.sound import Sound, Way


def join(parts: list[tuple[Path, int, int]], target: Path, video: Video, sound_way: Way | None) -> None:
    """Write `parts` (file, time of its first frame, how long its last is shown) into `target` one after another.

    `sound_way` says how the sound of `video` is written with them; None for no sound. Times are in units of the video's
    time base.
    """
    options = {"movflags": "+faststart"} if target.suffix.lower() in (".mp4", ".mov") else {}
    with av.open(f"file:{target}", "w", options=options) as output:
        with av.open(f"file:{parts[0][0]}") as first:
            source = first.streams.video[0]
            stream = output.add_stream_from_template(source)
            stream.time_base = video.time_base
            if "alpha_mode" in source.metadata:
                stream.metadata["alpha_mode"] = source.metadata["alpha_mode"]
        sound = Sound(video, output, target.suffix.lower(), sound_way) if sound_way else None
        for packet in _pictures(parts, stream, video.time_base):
            if sound:
                sound.up_to(packet.dts * packet.time_base)
            output.mux(packet)
        if sound:
            sound.up_to(None)


def _pictures(parts: list[tuple[Path, int, int]], stream: Any, time_base: Fraction) -> Iterator[Any]:
    """The packets of all parts, at their times in the whole video; the last one of each part is shown for as long as it
    says."""
    for path, start, shown in parts:
        with av.open(f"file:{path}") as container:
            last = None
            for packet in container.demux(container.streams.video[0]):
                if packet.dts is None or packet.pts is None:
                    continue
                moved = round(start * time_base / packet.time_base)
                packet.pts, packet.dts = packet.pts + moved, packet.dts + moved
                packet.stream = stream
                if last is not None:
                    yield last
                last = packet
            if last is not None:
                if shown:
                    last.duration = round(shown * time_base / last.time_base)
                yield last
