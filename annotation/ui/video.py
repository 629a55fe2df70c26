"""The Video tab: a video file in, the same video over another background, with alpha, or as pictures out."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from annotation.ui.cut_out import MODEL_RUN, PRIVATE, terms
from annotation.ui.hand_over import show, take_over
from annotation.ui.photo_input import photo_input
from annotation.ui.scenery import DEFAULT_COLOUR, as_hex
from annotation.ui.told import told
from matting.models import MODELS, load_model
from matting.rendering import GREEN, Progress, Settings, render
from matting.video_files import frame_at, open_video

FORMS = {
    "MP4 for everywhere (H.264)": ("h264", ".mp4"),
    "MP4, smaller (HEVC)": ("hevc", ".mp4"),
    "MOV with alpha (ProRes 4444)": ("prores", ".mov"),
    "WebM with alpha (VP9)": ("vp9-alpha", ".webm"),
    "PNG pictures of alpha and foreground (ZIP)": ("png", ""),
    "EXR pictures, linear RGBA (ZIP)": ("exr", ""),
}
"""What a person reads → form, suffix; no suffix: a folder, handed out as a ZIP."""
FOLLOWERS = ("modnet", "rvm")
"""Models for video, quick enough for it."""
STEADY = {"Strong": "both", "Only outliers": "delayed", "Off": "none"}
BACKGROUNDS = ("Colour", "Picture", "Blur", "Green screen")


class Chosen(NamedTuple):
    """What sends a frame to be corrected."""

    source: Any
    model: Any
    number: Any
    button: Any


def build(data: Path) -> Chosen:  # noqa: ARG001 — every tab is built with the data folder
    """Draw the tab and wire it."""
    folder = gr.State(None, time_to_live=4 * 3600, delete_callback=_forget)
    with gr.Row(equal_height=False):
        with gr.Column():
            source = gr.File(label="Your video", file_types=["video"], type="filepath", height=140)
            facts = gr.Markdown("Any format: what FFmpeg reads is read here.", elem_classes="summary")
            with gr.Row():
                model = gr.Dropdown(_models(), value="modnet", label="Model")
                steady = gr.Dropdown(list(STEADY), value="Strong", label="Against flicker")
            form = gr.Dropdown(list(FORMS), value=next(iter(FORMS)), label="Make")
            kind = gr.Radio(BACKGROUNDS, value="Colour", label="Background")
            colour = gr.ColorPicker(DEFAULT_COLOUR, label="Colour")
            picture = photo_input("Background picture", sources=["upload", "clipboard"], height=200, visible=False)
        with gr.Column():
            preview = gr.Video(label="Result", interactive=False, height=380, visible=True)
            told_progress = gr.HTML(progress_bar(None), elem_id="video-progress")
            with gr.Row():
                go = gr.Button("Make the video", variant="primary")
                cancel = gr.Button("Cancel", variant="stop", interactive=False)
            result = gr.File(label="Download", interactive=False, visible=False)
            with gr.Row(equal_height=True):
                number = gr.Number(0, label="Frame", precision=0, minimum=0)
                correct = gr.Button("Correct this frame")
    source.change(describe, source, facts, show_progress="hidden", **PRIVATE)
    gr.on([kind.change, form.change], _reveal, [kind, form], [kind, colour, picture], show_progress="hidden", **PRIVATE)
    run = go.click(
        make, [folder, source, model, steady, form, kind, colour, picture],
        [folder, told_progress, result, preview, go, cancel], show_progress="hidden", **MODEL_RUN,
    )  # fmt: skip
    cancel.click(cancelled, folder, [folder, told_progress, go, cancel], cancels=run, **PRIVATE)
    return Chosen(source, model, number, correct)


def wire(data: Path, chosen: Chosen, *, editor: gr.HTML, tabs: gr.Tabs) -> None:
    """The button takes the chosen frame over to `editor` and shows its tab."""
    inputs = [chosen.source, chosen.model, chosen.number]
    chosen.button.click(taker(data), inputs, [editor, tabs], **MODEL_RUN)


def taker(data: Path) -> Callable[[str | None, str, float], tuple[Any, Any]]:
    """The handler that takes one frame of the video, with its alpha, to the Correct tab."""

    @told
    def take(source: str | None, model: str, number: float) -> tuple[Any, Any]:
        if source is None:
            raise ValueError("There is no video yet; drop one first.")
        image = frame_at(Path(source), int(number))
        return show(take_over(data, image, load_model(model)(image), name=f"{Path(source).stem} {int(number)}"))

    return take


def describe(path: str | None) -> str:
    """What the chosen file is, or in one sentence why it is no video."""
    if path is None:
        return ""
    try:
        video = open_video(Path(path))
    except ValueError as error:
        return f"⚠️ {error}"
    size, pace = f"**{video.width} × {video.height}**", f"{float(video.rate):.4g} frames a second"
    parts = [size, pace, f"{video.seconds:.1f} s"]
    parts += [f"about {video.frames} frames"] if video.frames else []
    parts += ["10-bit or deeper"] if video.is_deep else []
    return " · ".join([*parts, "with sound" if video.has_audio else "without sound"])


@told
def _prepare(folder: str | None, source: str | None, form: str) -> tuple[Path, Path, Path]:
    """(source, target, the job's folder); ValueError where there is no video yet."""
    if source is None:
        raise ValueError("There is no video yet; drop one first.")
    _forget(folder)
    made = Path(tempfile.mkdtemp(prefix="matting-video-"))
    name, suffix = FORMS[form]
    return Path(source), made / f"{Path(source).stem}_{name}{suffix}", made


def make(
    folder: str | None, source: str | None, model: str, steady: str, form: str, kind: str, colour: str,
    picture: str | None,
) -> Iterator[tuple[Any, ...]]:  # fmt: skip
    """Render, telling the progress; (folder, progress, file, preview, go button, cancel button) again and again."""
    path, target, made = _prepare(folder, source, form)
    settings = Settings(FORMS[form][0], model, background_of(kind, colour, picture), STEADY[steady])
    busy = (gr.Button(interactive=False), gr.Button(interactive=True))
    idle = (gr.Button(interactive=True), gr.Button(interactive=False))
    yield str(made), progress_bar(Progress(0, 0, None)), gr.File(visible=False), None, *busy
    try:
        for progress in render(path, target, settings):
            yield str(made), progress_bar(progress), gr.skip(), gr.skip(), *busy
    except (ValueError, OSError) as error:
        _forget(str(made))
        yield None, progress_bar(None, str(error)), gr.skip(), gr.skip(), *idle
        return
    shown = str(target) if target.suffix in (".mp4", ".webm") else None
    file = str(target) if target.suffix else shutil.make_archive(str(target), "zip", target)
    yield str(made), progress_bar(None, "Done."), gr.File(file, visible=True), shown, *idle


def cancelled(folder: str | None) -> tuple[Any, ...]:
    """Say so, and remove what was made so far."""
    _forget(folder)
    words = progress_bar(None, "Cancelled; nothing was kept.")
    return None, words, gr.Button(interactive=True), gr.Button(interactive=False)


def background_of(kind: str, colour: str, picture: str | None) -> str:
    """The background as matting.rendering takes it."""
    if kind == "Blur":
        return "blur"
    if kind == "Picture" and picture:
        return picture
    return GREEN if kind == "Green screen" else as_hex(colour)


def progress_bar(progress: Progress | None, words: str = "") -> str:
    """A bar with words; without progress only the words."""
    if progress is None:
        return f'<p class="summary">{words}</p>'
    share = progress.done / progress.frames if progress.frames else 0
    told_left = "" if progress.seconds_left is None else f" · {_duration(progress.seconds_left)} left"
    counted = f"Frame {progress.done} of {progress.frames}{told_left}" if progress.frames else "Opening the video…"
    return f'<div class="video-bar"><div style="width: {100 * share:.1f}%"></div></div><p class="summary">{counted}</p>'


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _models() -> list[tuple[str, str]]:
    """(what a person reads, name), with licence where choosing means a download."""
    return [(MODELS[name].title + terms(MODELS[name]), name) for name in FOLLOWERS]


def _reveal(kind: str, form: str) -> list[Any]:
    has_background = FORMS[form][0] in ("h264", "hevc")
    return [
        gr.Radio(visible=has_background),
        gr.ColorPicker(visible=has_background and kind == "Colour"),
        gr.Image(visible=has_background and kind == "Picture"),
    ]


def _forget(folder: str | None) -> None:
    """Remove a job's files."""
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
