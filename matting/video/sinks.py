"""Where the finished frames of a video go: a file that grows in parts, or a folder of pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np

from matting.arrays import Alpha, Image, Stored, to_float, to_uint16
from matting.composite import composite_stored
from matting.files import encode_image, write_file
from matting.foreground import quick_foreground
from matting.video.files import Form, Frame, Part, Video, exr_bytes, join, way_for

PART_FRAMES = 240
"""Frames in a part, which is the most that a crash can cost."""

Backdrop: TypeAlias = Callable[[Image], Stored]
"""A frame → its background (H, W, 3), of the type in which the video's frames are stored."""


class Sink(Protocol):
    """A receiver of finished frames. `done` counts the frames it has, including those of an interrupted run."""

    done: int

    def write(self, frame: Frame, alpha: Alpha, backdrop: Backdrop) -> None: ...  # noqa: D102
    def pause(self) -> None: ...  # noqa: D102
    def finish(self) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Parts:
    """A video file in parts of PART_FRAMES frames. A finished part is named number_frames_time_shown.

    `shown` is how long its last frame is displayed. A resumed run needs only these names.
    """

    def __init__(self, folder: Path, target: Path, video: Video, form: Form) -> None:
        self._folder, self._target, self._video, self._form = folder, target, video, form
        self._sound = way_for(video, target.suffix.lower())
        self._unfinished = folder / f"unfinished{form.part_suffix}"
        self._part: Part | None = None
        self._in_part, self._start, self._shown = 0, 0, 0
        self.done = sum(frames for _, frames, _, _ in self._finished())

    def _finished(self) -> list[tuple[Path, int, int, int]]:
        """(file, frames, time of the first frame, how long the last is displayed) of each finished part, in order."""
        files = sorted(self._folder.glob(f"[0-9]*{self._form.part_suffix}"))
        facts = [[int(fact) for fact in file.stem.split("_")] for file in files]
        return [(file, *numbers) for file, (_, *numbers) in zip(files, facts, strict=True)]  # type: ignore[misc]

    def write(self, frame: Frame, alpha: Alpha, backdrop: Backdrop) -> None:
        """Add one frame."""
        if self._part is None:
            self._part = Part(self._unfinished, self._form, self._video)
            self._in_part, self._start = 0, frame.time
        colours = quick_foreground(frame.stored, alpha)
        if self._form.has_alpha:
            self._part.write(with_alpha(colours, alpha), frame.time)
        else:
            self._part.write(composite_stored(colours, alpha, backdrop(frame.image)), frame.time)
        self._shown = frame.duration
        self._in_part += 1
        self.done += 1
        if self._in_part == PART_FRAMES:
            self.pause()

    def pause(self) -> None:
        """Finish the current part, however short, so that all frames written so far are kept for another run."""
        if self._part is None:
            return
        self._part.close()
        self._part = None
        facts = (self._in_part, self._start, self._shown)
        name = "_".join(map(str, (f"{self.done - self._in_part:09d}", *facts))) + self._form.part_suffix
        self._unfinished.rename(self._folder / name)

    def finish(self) -> None:
        """Join the parts and put the file in place."""
        self.pause()
        whole = self._folder / f"whole{self._target.suffix}"
        parts = [(file, start, shown) for file, _, start, shown in self._finished()]
        join(parts, whole, self._video, self._sound)
        whole.replace(self._target)

    def close(self) -> None:
        """Discard an unfinished part."""
        if self._part is not None:
            self._part.abandon()
        self._unfinished.unlink(missing_ok=True)


class Pictures:
    """A folder of numbered pictures: alpha/ and foreground/ as PNG, or RGBA as EXR."""

    def __init__(self, folder: Path, target: Path, video: Video, form: str) -> None:
        if target.exists() and any(target.iterdir() if target.is_dir() else [target]):
            raise ValueError(f"{target} already exists; pictures are written to a new or an empty folder")
        self._target, self._colour, self._form = target, video.colour, form
        self._pictures = folder / "pictures"
        self.done = len(list((self._pictures / ("" if form == "exr" else "foreground")).glob("*.*")))

    def write(self, frame: Frame, alpha: Alpha, backdrop: Backdrop) -> None:  # noqa: ARG002
        """Add one frame."""
        colours = quick_foreground(frame.stored, alpha)
        if self._form == "exr":
            write_file(self._pictures / f"{self.done:06d}.exr", exr_bytes(to_float(colours), alpha, self._colour))
        else:
            write_file(self._pictures / "alpha" / f"{self.done:06d}.png", encode_image(to_uint16(alpha), ".png"))
            write_file(self._pictures / "foreground" / f"{self.done:06d}.png", encode_image(colours, ".png"))
        self.done += 1

    def pause(self) -> None:
        """Nothing to do: every picture written is complete."""

    def finish(self) -> None:
        """Move the folder to its target."""
        if self._target.is_dir():
            self._target.rmdir()
        self._pictures.rename(self._target)

    def close(self) -> None:
        """Nothing is held open."""


def with_alpha(colours: Stored, alpha: Alpha) -> Stored:
    """(H, W, 4) uint16 RGBA, straight."""
    planes = np.empty((*alpha.shape, 4), np.uint16)
    np.multiply(colours, 1 if colours.dtype == np.uint16 else 257, out=planes[..., :3], dtype=np.uint16)
    planes[..., 3] = to_uint16(alpha)
    return planes
