"""Small videos written with PyAV as cameras and programs write them; each returns the frames that went in."""

from fractions import Fraction

import av
import numpy as np
from PIL import Image


def write_clip(
    path, *, frames=12, size=(96, 128), rate=25, codec="libx264", pixels="yuv420p", sound="aac", times=None,
    time_base=Fraction(1, 12800), colour=None, options=None, container=None, pixel_ratio=None,
):  # fmt: skip
    height, width = size
    coarse = np.random.default_rng(0).integers(0, 255, (height // 16 + 1, width // 16 + 1, 3), np.uint8)
    base = coarse.repeat(16, 0).repeat(16, 1)[:height, :width]
    if codec not in ("libx264", "libx265", "ffv1", "libvpx-vp9"):  # older ones count in frames
        time_base = 1 / Fraction(rate)
    with av.open(f"file:{path}", "w", format=container) as output:
        video = output.add_stream(codec, rate=rate, options=options or {"crf": "8"})
        video.width, video.height, video.pix_fmt = width, height, pixels
        video.codec_context.time_base = video.time_base = time_base
        if pixel_ratio:
            video.codec_context.sample_aspect_ratio = pixel_ratio
        matrix, range_ = colour or (None, None)
        if colour:
            video.codec_context.colorspace, video.codec_context.color_range = colour
        audio = output.add_stream(sound, rate=48000, layout="mono") if sound else None
        made = [np.roll(base, 2 * number, axis=1).copy() for number in range(frames)]
        for number, picture in enumerate(made):
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame = frame.reformat(format=pixels, dst_colorspace=matrix, dst_color_range=range_)
            seconds = times[number] if times else Fraction(number, 1) / rate
            frame.pts, frame.time_base = round(Fraction(seconds) / time_base), time_base
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
        if audio:
            write_tone(output, audio, seconds=frames / rate)
    return made


def write_gif(path, durations, size=(64, 96)):
    """Grey pictures, each shown so many milliseconds."""
    pictures = [Image.fromarray(np.full((*size, 3), 60 * number, np.uint8)) for number in range(len(durations))]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=durations)


def write_tone(output, stream, seconds):
    wave = (0.3 * np.sin(2 * np.pi * 440 * np.arange(int(48000 * seconds)) / 48000)).astype(np.float32)[None]
    for start in range(0, wave.shape[1], 1024):
        frame = av.AudioFrame.from_ndarray(wave[:, start : start + 1024].copy(), "fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def sound_of(path):
    """(samples,) float32 of the first sound track."""
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
