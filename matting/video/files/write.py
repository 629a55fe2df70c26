"""Frames → a part of a video file in one of the FORMS, or the bytes of one EXR picture."""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from matting.arrays import Alpha, Colours, Stored
from matting.video.files.light import light_of
from matting.video.files.read import Colour, Video

AS_SRGB = Colour(int(Colorspace.ITU709), int(ColorRange.JPEG), int(ColorPrimaries.BT709), int(ColorTrc.IEC61966_2_1))
"""The tags of pictures that are not from a video."""


@dataclass(frozen=True)
class Form:
    """A way to store video. No form reorders frames, so parts join without a seam."""

    title: str
    suffixes: tuple[str, ...]
    codec: str
    part_suffix: str
    pixels: str
    deep_pixels: str
    has_alpha: bool = False
    tag: str = ""
    says_range: bool = True
    """Whether the file says if its numbers have the full range; in other files, players assume the limited one."""
    options: dict[str, str] = field(default_factory=dict)

    @property
    def needs_even(self) -> bool:
        """Whether its colours are stored in blocks of 2 × 2 pixels, so that both sides must be even."""
        return "420" in self.pixels


X265 = "bframes=0:log-level=error"
FORMS = {
    "h264": Form(
        "H.264", (".mp4", ".mov"), "libx264", ".mp4", "yuv420p", "yuv420p",
        options={"crf": "18", "preset": "veryfast", "bf": "0"},
    ),
    "hevc": Form(
        "HEVC", (".mp4", ".mov"), "libx265", ".mp4", "yuv420p", "yuv420p10le", tag="hvc1",
        options={"crf": "20", "preset": "veryfast", "x265-params": X265},
    ),
    "vp9": Form(
        "VP9", (".webm",), "libvpx-vp9", ".webm", "yuv420p", "yuv420p",
        options={"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1", "lag-in-frames": "0"},
    ),
    "vp9-alpha": Form(
        "VP9 with alpha", (".webm",), "libvpx-vp9", ".webm", "yuva420p", "yuva420p", has_alpha=True,
        options={"crf": "24", "b": "0", "deadline": "realtime", "cpu-used": "6", "row-mt": "1", "lag-in-frames": "0",
                 "auto-alt-ref": "0"},
    ),
    "prores": Form(
        "ProRes 4444 with alpha", (".mov",), "prores_ks", ".mov", "yuva444p10le", "yuva444p10le", has_alpha=True,
        says_range=False, options={"profile": "4444", "alpha_bits": "16", "vendor": "apl0"},
    ),
}  # fmt: skip


class Part:
    """A stretch of a video, written to `path`: write frames, then close. Times count from the first frame."""

    def __init__(self, path: Path, form: Form, video: Video) -> None:
        self._container = av.open(f"file:{path}", "w")
        self._form, self._video = form, video
        self._start: int | None = None
        stream: Any = self._container.add_stream(form.codec, rate=video.rate, options=form.options)
        stream.pix_fmt = form.deep_pixels if video.is_deep else form.pixels
        stream.width, stream.height = fitted(video.width, form), fitted(video.height, form)
        stream.time_base = stream.codec_context.time_base = video.time_base
        context = stream.codec_context
        self._range = video.colour.range if form.says_range else int(ColorRange.MPEG)
        context.colorspace, context.color_range = video.colour.matrix, self._range
        context.color_primaries, context.color_trc = video.colour.primaries, video.colour.transfer
        if form.tag:
            context.codec_tag = form.tag
        self._stream = stream

    def write(self, stored: Stored, time: int) -> None:
        """Add a frame: (H, W, 3) RGB, or (H, W, 4) straight RGBA if the form has alpha, uint8 or uint16."""
        height, width = self._stream.height, self._stream.width
        padded: Any = stored
        if stored.shape[:2] != (height, width):
            padded = np.pad(stored, ((0, height - stored.shape[0]), (0, width - stored.shape[1]), (0, 0)), mode="edge")
        layout = ("rgba" if padded.shape[2] == 4 else "rgb24", "rgba64le" if padded.shape[2] == 4 else "rgb48le")
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(padded), layout[padded.dtype == np.uint16])
        colour = self._video.colour
        frame = picture.reformat(
            format=self._stream.pix_fmt, src_color_range=int(ColorRange.JPEG),
            dst_colorspace=colour.matrix, dst_color_range=self._range,
        )  # fmt: skip
        frame.color_primaries, frame.color_trc = colour.primaries, colour.transfer
        self._start = time if self._start is None else self._start
        frame.pts, frame.time_base = time - self._start, self._video.time_base
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Finish the file."""
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def abandon(self) -> None:
        """Close the file, whatever state it is in."""
        self._container.close()


def fitted(side: int, form: Form) -> int:
    """`side` pixels, one more if `form` needs an even number."""
    return side + side % 2 if form.needs_even else side


def exr_bytes(foreground: Colours, alpha: Alpha, colour: Colour = AS_SRGB) -> bytes:
    """An OpenEXR picture in float32 RGBA: linear light times alpha, and alpha, as the format prescribes.

    `foreground` holds the values of a video tagged `colour`; the light has Rec. 709 primaries, EXR's default.
    """
    planes = np.dstack([light_of(foreground, colour) * alpha[..., None], alpha]).astype(np.float32)
    encoder: Any = av.CodecContext.create("exr", "w")
    encoder.width, encoder.height, encoder.pix_fmt = alpha.shape[1], alpha.shape[0], "gbrapf32le"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"compression": "zip16"}
    frame = av.VideoFrame.from_ndarray(planes, "gbrapf32le")
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])
