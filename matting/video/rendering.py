"""A whole video file → the same video over another background, with alpha, or as pictures; stoppable and resumable.

The result grows in a hidden folder beside its target and is renamed when it is complete, so nobody sees half a result.
Closing the generator stops the work.
"""

import contextlib
import hashlib
import json
import shutil
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from matting.arrays import Alpha, check_size, to_uint8, to_uint16
from matting.composite.backgrounds import Background
from matting.files import write_file
from matting.files.picture_kinds import read_true_alpha
from matting.models import load_model
from matting.models.base import Model
from matting.temporal.keyframes import Reference, corrected
from matting.video import follow_items
from matting.video.files import FORMS, Video, numbers_for, open_video, read_frames
from matting.video.following import paired
from matting.video.sinks import Backdrop, Parts, Pictures, Sink

SEQUENCES = {"png": "PNG pictures of alpha and foreground", "exr": "EXR pictures, linear RGBA"}
GREEN = "#00b140"


@dataclass(frozen=True)
class Settings:
    """What to render. `form` is a key of FORMS or SEQUENCES; `background` is #RRGGBB, "blur" or a picture's path."""

    form: str
    model: str = "modnet"
    background: str = GREEN
    smoothing: str = "both"
    corrected: tuple[tuple[int, str], ...] = ()
    """(frame number, path of its alpha): references for their neighbours, see matting.temporal.keyframes."""

    def __post_init__(self) -> None:
        if self.form not in {**FORMS, **SEQUENCES}:
            raise ValueError(f"a video is written as one of {', '.join([*FORMS, *SEQUENCES])}, but got {self.form!r}")


class UnfinishedError(ValueError):
    """All frames are done, but the file could not be finished. The frames are kept, with or without `resume`."""


@dataclass(frozen=True)
class RenderProgress:
    """`done` of about `frames`; `seconds_left` is None while it cannot be estimated."""

    done: int
    frames: int
    seconds_left: float | None


def form_for(target: Path, has_background: bool) -> str:
    """The form for `target`, by its suffix; one with alpha if it can have it, unless it `has_background`.

    Raises:
        ValueError: no form has that suffix.
    """
    suffix = target.suffix.lower()
    if not suffix:
        return "png"
    alphas = {".mov": "prores", ".webm": "vp9-alpha"}
    if suffix in alphas and not has_background:
        return alphas[suffix]
    for name, form in FORMS.items():
        if suffix in form.suffixes and not form.has_alpha:
            return name
    raise ValueError(f"a video ends in .mp4, .mov or .webm, or is a folder of pictures, but got {target.name!r}")


def render(source: Path, target: Path, settings: Settings, *, resume: bool = False) -> Generator[RenderProgress]:
    """Make `target` from the video in `source`, yielding the progress after every frame.

    With `resume`, the finished frames of an interrupted run with the same settings are kept and used. Without it, an
    interrupted run leaves nothing.

    Raises:
        VideoError: `source` is not a video that can be read.
        ValueError: the settings do not fit the target.
    """
    video = open_video(source)
    form = FORMS.get(settings.form)
    if form and target.suffix.lower() not in form.suffixes:
        raise ValueError(f"{form.title} is written to {' or '.join(form.suffixes)}, but got {target.name!r}")
    folder = target.with_name(f".partial-{target.name}")
    begin(folder, record(source, settings), resume)
    try:
        sink: Sink = Parts(folder, target, video, form) if form else Pictures(folder, target, video, settings.form)
        with contextlib.closing(sink):
            try:
                yield from _frames(video, sink, settings)
            except GeneratorExit:
                sink.pause()
                raise
            _put_in_place(sink, source)
        shutil.rmtree(folder, ignore_errors=True)
    except UnfinishedError:
        raise
    except BaseException:
        if not resume:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _put_in_place(sink: Sink, source: Path) -> None:
    """Let `sink` finish; if that fails, the finished frames are kept."""
    try:
        sink.finish()
    except (ValueError, OSError) as error:  # FFmpeg raises either
        raise UnfinishedError(
            f"all frames of {source.name} are done and kept, but the file could not be put together: {error}; "
            "run it again with the same settings and --resume to go on from there"
        ) from error


def record(source: Path, settings: Settings) -> str:
    """A description of a run. It does not depend on where its files are, or when they were copied there.

    Raises:
        ValueError: the background is invalid, or its picture does not exist.
    """
    named: dict[str, object] = {"parts": 2, "corrected": [number for number, _ in settings.corrected]}
    files = [source, *(Path(alpha) for _, alpha in settings.corrected)]
    if picture := Background.parse(settings.background).path:
        named["background"] = [len(files)]
        files.append(picture)
    contents = []
    for path in files:
        with path.open("rb") as file:
            contents.append(hashlib.file_digest(file, "sha256").hexdigest())
    return json.dumps(asdict(settings) | named | {"contents": contents}, indent=1)


def begin(folder: Path, made: str, resume: bool) -> None:
    """Make the working `folder`. With `resume`, one left by a run with the same record is kept."""
    note = folder / "settings.json"
    if not (resume and note.is_file() and note.read_text() == made):
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    write_file(note, made.encode())


def _frames(video: Video, sink: Sink, settings: Settings) -> Iterator[RenderProgress]:
    """Write every frame that `sink` does not have yet. While the model looks at others, the progress stands still."""
    backdrop = backdrop_of(Background.parse(settings.background), video)
    alphas = {number: alpha_of(video, Path(path)) for number, path in settings.corrected}
    model = load_model(settings.model)
    if 0 in alphas:
        model = model.starting_from(alphas[0])
    standing = RenderProgress(sink.done, max(video.frames, sink.done), None)
    references = []
    for number, alpha in alphas.items():
        references.append((yield from reference(video, model, number, alpha, standing)))
    skip = seen_first(model, sink.done)
    pairs = follow_items(read_frames(video, skip), lambda frame: frame.image, model, smoothing=settings.smoothing)
    for _ in islice(pairs, sink.done - skip):
        yield standing
    began, resumed = time.monotonic(), sink.done
    for frame, alpha in pairs:
        sink.write(frame, corrected(alpha, frame.image, sink.done, references) if references else alpha, backdrop)
        pace = (time.monotonic() - began) / (sink.done - resumed)
        left = pace * (video.frames - sink.done) if video.frames >= sink.done else None
        yield RenderProgress(sink.done, max(video.frames, sink.done), left)


def seen_first(model: Model, number: int) -> int:
    """The frame from which `model` must follow a video for its answers to count from frame `number` on."""
    return 0 if model.run_up_frames is None else max(0, number - model.run_up_frames)


def alpha_of(video: Video, path: Path) -> Alpha:
    """The alpha of a frame of `video`, from a file; ValueError if it is not an alpha of its size."""
    alpha = read_true_alpha(path)
    check_size(alpha, (video.height, video.width), path.name)
    return alpha


def reference(
    video: Video, model: Model, number: int, alpha: Alpha, standing: RenderProgress
) -> Generator[RenderProgress, None, Reference]:
    """Frame `number` of `video`, with its corrected `alpha` and the alpha by `model`; yields `standing` as it looks.

    Raises:
        ValueError: the video has no such frame.
    """
    first = seen_first(model, number)
    frames = islice(read_frames(video, first), number - first + 1)
    count, latest = first, None
    for count, latest in enumerate(paired(frames, lambda frame: frame.image, model), first + 1):  # noqa: B007
        yield standing
    if latest is None or count <= number:
        raise ValueError(f"{video.path.name} has no frame {number}")
    frame, own = latest
    return Reference(number, frame.image, alpha, own)


def backdrop_of(background: Background, video: Video) -> Backdrop:
    """A function that gives the background for each frame of `video`.

    Raises:
        ImageError: the background is a picture that cannot be read.
    """
    stored = to_uint16 if video.is_deep else to_uint8
    if not background.is_fixed:
        return lambda image: stored(background.behind(image))
    behind = background.behind(np.zeros((video.height, video.width, 3), np.uint8))
    fixed = stored(numbers_for(behind, video.colour))
    return lambda _image: fixed
