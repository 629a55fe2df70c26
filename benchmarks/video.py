"""How fast a generated clip is rendered, in how much memory, and how steady the alphas are.

python -m benchmarks.video --model rvm --frames 300
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import typer

from benchmarks.generated.clips import Clip, layers, person, play
from matting.arrays import Alpha, Colours, Image, to_float, to_uint8
from matting.composite import colour_background, composite
from matting.foreground import estimate_foreground, quick_foreground
from matting.metrics import dtssd, mad
from matting.models import load_model
from matting.temporal.keyframes import Reference, corrected
from matting.video import SMOOTHINGS
from matting.video.files import FORMS, Part, Video, open_video
from matting.video.files.read import Colour
from matting.video.rendering import GREEN, Settings, render


def write(path: Path, clip: Clip) -> Path:
    """The clip as H.264."""
    height, width = clip.size
    facts = Video(path, width, height, clip.frames, clip.frames / 30, Fraction(30), Fraction(1, 30), 0, False, False,
                  Colour(1, 1, 1, 1))  # fmt: skip
    part = Part(path, FORMS["h264"], facts)
    for number, (frame, _) in enumerate(play(clip)):
        part.write(frame, number)
    part.close()
    return path


def speed(model: str, frames: int, size: tuple[int, int]) -> None:
    """Print frames per second, processor time and peak memory of `python -m matting video` on a clip."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = write(Path(folder) / "clip.mp4", Clip(frames, size)), Path(folder) / "out.mp4"
        with multiprocessing.get_context("spawn").Pool(1) as fresh:  # so that only the rendering counts in the peak
            wall, busy, peak = fresh.apply(rendered, (source, target, model))
        assert open_video(target).frames == frames
    print(f"{model}: {frames / wall:.1f} frames/s, {1000 * busy / frames:.0f} processor ms per frame, {peak:.0f} MB")


def rendered(source: Path, target: Path, model: str) -> tuple[float, float, float]:
    """(seconds, processor seconds, peak memory in MB) of rendering `source`."""
    load_model(model)
    began, busy = time.monotonic(), time.process_time()
    for _ in render(source, target, Settings("h264", model)):
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.monotonic() - began, time.process_time() - busy, peak


def steadiness(model: str, size: tuple[int, int]) -> None:
    """Print MAD and dtSSD of each smoothing, on a still, a moving and a panning scene."""
    clips = {"still": Clip(40, size, speed=0), "moving": Clip(40, size), "panning": Clip(40, size, pan=2)}
    for scene, clip in clips.items():
        frames, truths = zip(*play(clip), strict=True)
        found = list(load_model(model).follow(frames))
        for name, smooth in SMOOTHINGS.items():
            alphas = [alpha for _, alpha in smooth(zip(frames, found, strict=True), lambda frame: frame)]
            error = 1000 * np.mean([mad(alpha, truth) for alpha, truth in zip(alphas, truths, strict=True)])
            print(f"{model}, {scene}, {name}: MAD {error:.2f}e-3, dtSSD {dtssd(alphas, truths):.3f}")
            sys.stdout.flush()


def halo(model: str, size: tuple[int, int]) -> None:
    """Print how much of the old background remains in soft edges over green, and what removing it costs."""
    image, alpha = person()
    purified = to_uint8(estimate_foreground(image, alpha))  # the photo's own background is not hers
    ways: dict[str, Callable[[Image, Alpha], Colours]] = {
        "the frame's own colours": lambda frame, _: to_float(frame),
        "quick_foreground": lambda frame, alpha: to_float(quick_foreground(frame, alpha)),
        "estimate_foreground": estimate_foreground,
    }
    green = colour_background(GREEN, size)
    for name, way in ways.items():
        errors, busy = [], 0.0
        frames, truths, foregrounds = zip(*layers(Clip(8, size), purified, alpha), strict=True)
        for frame, estimated, truth, own in zip(
            frames, load_model(model).follow(frames), truths, foregrounds, strict=True
        ):
            exact, soft = composite(own, truth, green), (truth > 0.02) & (truth < 0.98)
            began = time.process_time()
            colours = [way(frame, one) for one in (truth, estimated)]
            busy += (time.process_time() - began) / 2
            shown = [composite(*one, green) for one in zip(colours, (truth, estimated), strict=True)]
            errors.append([np.abs(one - exact)[soft].mean() for one in shown])
        by_truth, by_model = 1000 * np.mean(errors, axis=0)
        each = 1000 * busy / len(errors)
        print(f"{name}: {by_truth:.1f}e-3 by the true alpha, {by_model:.1f}e-3 by {model}, {each:.0f} ms a frame")


def references(model: str, size: tuple[int, int]) -> None:
    """Print the error around a corrected frame with and without it as a reference, for a model and for a blind one."""
    middle = 20
    for scene, clip in {"moving": Clip(41, size), "fast": Clip(41, size, speed=2.5)}.items():
        frames, truths = zip(*play(clip), strict=True)
        own = list(load_model(model).follow(frames))
        for name, alphas in {model: own, "blind to brightness": list(map(without_bright, frames, truths))}.items():
            known = Reference(middle, frames[middle], truths[middle], alphas[middle])
            began = time.process_time()
            better = [corrected(alphas[number], frames[number], number, [known]) for number in range(41)]
            busy = 1000 * (time.process_time() - began) / 40
            for most, least in ((5, 1), (10, 6), (20, 11)):
                near = [number for number in range(41) if least <= abs(number - middle) <= most]
                errors = [1000 * np.mean([mad(some[one], truths[one]) for one in near]) for some in (alphas, better)]
                print(f"{scene}, {name}, {least} to {most} frames away: MAD {errors[0]:.2f}e-3, {errors[1]:.2f}e-3")
            print(f"{busy:.0f} processor ms per frame")


def without_bright(frame: Image, alpha: Alpha) -> Alpha:
    """`alpha` as a model that sees nothing bright would give it."""
    is_bright = cv2.blur(frame.max(axis=2), (9, 9)) > 200
    return cv2.blur(np.where(is_bright, 0.2 * alpha, alpha), (5, 5))


def main(
    model: Annotated[str, typer.Option(help="modnet or rvm.")] = "modnet",
    frames: Annotated[int, typer.Option(help="Length of the clip; 0 leaves the speed out.")] = 300,
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT.")] = "1280x720",
    steady: Annotated[bool, typer.Option(help="Measure steadiness, too.")] = False,
    edges: Annotated[bool, typer.Option(help="Measure the old background in soft edges, too.")] = False,
    neighbours: Annotated[bool, typer.Option(help="Measure the error around a corrected frame, too.")] = False,
) -> None:
    """Print the figures of docs/log/video.md."""
    width, height = map(int, size.split("x"))
    if frames:
        speed(model, frames, (height, width))
    if steady:
        steadiness(model, (height // 2, width // 2))
    if neighbours:
        references(model, (height, width))
    if edges:
        halo(model, (height, width))


if __name__ == "__main__":
    typer.run(main)
