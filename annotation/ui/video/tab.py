"""The Video tab: a video file in, the same video over another background, with alpha, or as pictures out."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from html import escape
from pathlib import Path
from typing import NamedTuple

import gradio as gr

from annotation.correction.workspace import Workspace
from annotation.studio import Studio
from annotation.ui.correct.open_in_correct import show, take_over
from annotation.ui.cut_out.backgrounds import DEFAULT_COLOUR
from annotation.ui.cut_out.edge_controls import model_choices
from annotation.ui.cut_out.job import view
from annotation.ui.errors import UNEXPECTED, as_sentence, errors_shown, shows_errors
from annotation.ui.events import LATEST, PRIVATE, QUIET, SUBJECT_RUN, Part
from annotation.ui.photo_input import photo_input
from annotation.ui.temporary_files import scratch_folder
from annotation.ui.uploads import accepted
from annotation.ui.video.jobs import job_folder, stop, stoppable
from annotation.visits.strange_files import read_upload
from annotation.visits.strange_videos import Order, rendered
from matting.arrays import to_float, to_uint8
from matting.composite import checkerboard, composite
from matting.composite.backgrounds import BLUR, Background
from matting.models import MODELS
from matting.models import load_listed as load_model  # names come from a browser
from matting.solving.time_left import duration
from matting.video.files import READABLE_FORMATS, VIDEO_SUFFIXES, frame_at, open_video
from matting.video.rendering import GREEN, RenderProgress, Settings
from matting.weights import WeightsError

FORMS = {
    "MP4, plays everywhere (H.264)": ("h264", ".mp4"),
    "MP4, smaller (HEVC)": ("hevc", ".mp4"),
    "MOV with alpha (ProRes 4444)": ("prores", ".mov"),
    "WebM with alpha (VP9)": ("vp9-alpha", ".webm"),
    "PNG pictures of alpha and foreground (ZIP)": ("png", ""),
    "EXR pictures, linear RGBA (ZIP)": ("exr", ""),
}
"""What a person reads → form, suffix; no suffix: a folder, handed out as a ZIP."""
STEADY = {"Strong": "both", "Only outliers": "delayed", "Off": "none"}
BACKGROUNDS = ("Colour", "Picture", "Blur", "Green screen")

READ_HERE = f"{READABLE_FORMATS}."
STOPPED = "Stopped. Make the same video with the same choices to continue from here."
CORRECTED = (
    "Press *Correct this frame*, then *↓ Alpha* in the Correct tab, and bring the file in here, its name unchanged. "
    "It is the reference for the frames around it, too."
)
LABELLED = "To label the clip for training, bring it in at *Dataset* and press *Label automatically* there."


class StoppedError(ValueError):
    """The person stopped the run; the frames made so far are kept."""


class Chosen(NamedTuple):
    """What sends a frame to be corrected."""

    source: Part
    model: Part
    number: Part
    button: gr.Button


def build(studio: Studio) -> Chosen:
    """Draw the tab and wire it."""
    folder = gr.State(None, time_to_live=4 * 3600, delete_callback=_forget)
    run = gr.State(None)
    with gr.Row(equal_height=False):
        with gr.Column():
            source = gr.File(label="Your video", file_types=sorted(VIDEO_SUFFIXES), type="filepath", height=140)
            facts = gr.Markdown(READ_HERE, elem_classes="summary")
            with gr.Row():
                model = gr.Dropdown(_models(), value="modnet", label="Model")
                model.focus(lambda: gr.Dropdown(_models()), outputs=model, **QUIET)
                steady = gr.Dropdown(list(STEADY), value="Strong", label="Reduce flicker")
            form = gr.Dropdown(list(FORMS), value=next(iter(FORMS)), label="Make")
            kind = gr.Radio(BACKGROUNDS, value="Colour", label="Background")
            colour = gr.ColorPicker(DEFAULT_COLOUR, label="Colour")
            picture = photo_input("Background picture", sources=["upload", "clipboard"], height=200, visible=False)
            with gr.Accordion("Corrected frames", open=False):
                gr.Markdown(CORRECTED)
                alphas = gr.File(show_label=False, file_count="multiple", file_types=["image"], height=140)
        with gr.Column():
            trial = gr.ImageSlider(
                label="One frame, before and after", interactive=False, format="jpeg", max_height=380, visible=False,
                buttons=["fullscreen"], elem_id="video-trial",
            )  # fmt: skip
            preview = gr.Video(label="Result", interactive=False, height=380, visible=False)
            told_progress = gr.HTML(progress_bar(None), elem_id="video-progress")
            with gr.Row():
                go = gr.Button("Make the video", variant="primary", interactive=False)
                cancel = gr.Button("Cancel", variant="stop", interactive=False)
            result = gr.File(label="Download", interactive=False, visible=False)
            with gr.Row(elem_classes="one-frame"):
                number = gr.Number(0, label="Frame", precision=0, minimum=0)
                correct = gr.Button("Correct this frame", interactive=False)
            gr.Markdown(LABELLED, elem_classes="dataset-note")
    told = [facts, told_progress, go, correct, result, preview]
    source.change(describe, source, told, show_progress="hidden", **PRIVATE)
    gr.on([kind.change, form.change], _reveal, [kind, form], [kind, colour, picture], show_progress="hidden", **PRIVATE)
    go.click(
        maker(studio.folder), [folder, source, model, steady, form, kind, colour, picture, alphas],
        [folder, run, told_progress, result, preview, go, cancel], show_progress="hidden",
        concurrency_id="video", concurrency_limit=1, **PRIVATE,
    )  # fmt: skip
    cancel.click(cancelled, run, cancel, queue=False, show_progress="hidden", **PRIVATE)
    tried = [source.change, model.change, form.change, kind.change, colour.change, picture.change, number.change]
    gr.on(tried, try_frame, [source, model, form, kind, colour, picture, number], trial, **SUBJECT_RUN, **LATEST)
    return Chosen(source, model, number, correct)


def wire(studio: Studio, chosen: Chosen, *, editor: gr.HTML, tabs: gr.Tabs) -> None:
    """The button takes the chosen frame over to `editor` and shows its tab."""
    inputs = [chosen.source, chosen.model, chosen.number]
    chosen.button.click(taker(studio.workspace), inputs, [editor, tabs], **SUBJECT_RUN)


def taker(workspace: Workspace) -> Callable[[str | None, str, float], tuple[object, object]]:
    """The handler that takes one frame of the video, with its alpha, to the Correct tab."""

    @shows_errors
    def take(source: str | None, model: str, number: float) -> tuple[object, object]:
        path = _given(source)
        image = read_upload(partial(frame_at, number=int(number)), path)
        return show(take_over(workspace, image, load_model(model).answer(image), name=f"{path.stem} {int(number)}"))

    return take


@shows_errors
def try_frame(
    source: str | None, model: str, form: str, kind: str, colour: str, picture: str | None, number: float
) -> object:
    """One frame as it comes and over the background, (h, w, 3) uint8 each; hidden if there is no video yet."""
    if source is None or not _is_video(source) or (kind == "Picture" and picture is None):
        return gr.ImageSlider(visible=False)
    (image,) = view([read_upload(partial(frame_at, number=int(number or 0)), _given(source))])
    alpha = load_model(model).answer(image).alpha
    behind = Background.parse(background_of(kind, colour, picture)).behind(image) if _has_background(form) else None
    made = composite(to_float(image), alpha, checkerboard(alpha.shape) if behind is None else behind)
    return gr.ImageSlider((image, to_uint8(made)), visible=True)


def _is_video(source: str) -> bool:
    """Whether the file can be read; `describe` says why it cannot."""
    try:
        read_upload(open_video, _given(source))
    except ValueError:
        return False
    return True


def describe(path: str | None) -> tuple[object, ...]:
    """(what the file is, or why it is not a video; both buttons; no message, file or player of the video before)."""
    told = _facts(path) if path else READ_HERE
    is_video = path is not None and not told.startswith("⚠️")
    buttons = (gr.Button(interactive=is_video), gr.Button(interactive=is_video))
    return told, progress_bar(None), *buttons, gr.File(None, visible=False), gr.Video(None, visible=False)


def _facts(path: str) -> str:
    try:
        video = read_upload(open_video, _given(path))
    except ValueError as error:
        return f"⚠️ {as_sentence(str(error))}"
    size, pace = f"**{video.width} × {video.height}**", f"{float(video.rate):.4g} frames a second"
    parts = [size, pace, f"{video.seconds:.1f} s"]
    parts += [f"about {video.frames} frames"] if video.frames else []
    parts += ["10-bit or deeper"] if video.is_deep else []
    return " · ".join([*parts, "with sound" if video.has_audio else "without sound"])


def maker(data: Path) -> Callable[..., Iterator[tuple[object, ...]]]:
    """The handler that renders: (folder, run, progress, file, preview, go button, cancel button) again and again."""

    def make(
        folder: str | None, source: str | None, model: str, steady: str, form: str, kind: str, colour: str,
        picture: str | None, alphas: list[str] | None,
    ) -> Iterator[tuple[object, ...]]:  # fmt: skip
        with errors_shown():
            path = _given(source)
            background = background_of(kind, colour, picture) if _has_background(form) else GREEN
            settings = Settings(
                FORMS[form][0],
                model,
                background,
                STEADY[steady],
                numbered([str(accepted(alpha, "photo")) for alpha in alphas or []]),
            )
        _forget(folder)
        idle = (gr.Button(interactive=True), gr.Button("Cancel", interactive=False))
        try:
            with job_folder(data / "videos", path, settings) as job, stoppable() as (run, is_stopped):
                busy = (gr.Button(interactive=False), gr.Button(interactive=True))
                yield None, run, progress_bar(RenderProgress(0, 0, None)), gr.File(visible=False), None, *busy
                target = job / f"{path.stem}_{settings.form}{FORMS[form][1]}"
                with closing(rendered(Order(path, target, settings))) as rendering:
                    for progress in rendering:
                        yield None, run, progress_bar(progress), gr.skip(), gr.skip(), gr.skip(), gr.skip()
                        if is_stopped():
                            raise StoppedError(STOPPED)
                made = _hand_out(target)
        except StoppedError as error:
            yield None, None, progress_bar(None, str(error)), gr.skip(), gr.skip(), *idle
            return
        except Exception as error:
            is_expected = isinstance(error, (ValueError, OSError, WeightsError))
            words = as_sentence(str(error)) if is_expected else UNEXPECTED
            yield None, None, progress_bar(None, f"⚠️ {words}"), gr.skip(), gr.skip(), *idle
            if is_expected:
                return
            raise
        player = gr.Video(str(made), visible=True) if made.suffix in (".mp4", ".webm") else gr.Video(visible=False)
        done = progress_bar(None, "Done.")
        yield str(made.parent), None, done, gr.File(str(made), visible=True), player, *idle

    return make


def cancelled(run: str | None) -> object:
    """Let the run end after its frame; Gradio's own way of cancelling would lose the final message."""
    stop(run)
    return gr.Button("Cancelling…", interactive=False)


def numbered(alphas: list[str]) -> tuple[tuple[int, str], ...]:
    """(number of the frame, path) of each corrected alpha; ValueError if a name contains no number."""
    found = [(re.search(r"(\d+)\D*$", Path(path).stem), path) for path in alphas]
    for number, path in found:
        if number is None:
            raise ValueError(f"A corrected alpha is named by its frame, as in “talk 120_alpha.png”: {Path(path).name}")
    return tuple((int(number[1]), path) for number, path in found if number)


def _given(source: str | None) -> Path:
    """The video's path; ValueError if there is none yet."""
    if source is None:
        raise ValueError("There is no video yet; drop one first.")
    return accepted(source, "video")


def _hand_out(target: Path) -> Path:
    """`target`, a folder packed as a ZIP, moved to where the browser may fetch it."""
    made = scratch_folder()
    whole = target if target.suffix else Path(shutil.make_archive(str(target), "zip", target))
    return Path(shutil.move(whole, made))


def background_of(kind: str, colour: str, picture: str | None) -> str:
    """The background as matting.video.rendering takes it; ValueError if the picture is missing."""
    if kind == "Blur":
        return BLUR
    if kind == "Picture":
        if picture is None:
            raise ValueError("There is no background picture yet; drop one first.")
        return picture
    return GREEN if kind == "Green screen" else Background.parse(colour).text


def progress_bar(progress: RenderProgress | None, words: str = "") -> str:
    """A bar with words; without progress only the words."""
    if progress is None:
        return f'<p class="summary">{escape(words)}</p>'
    share = progress.done / progress.frames if progress.frames else 0
    told_left = "" if progress.seconds_left is None else f" · {duration(progress.seconds_left)} left"
    counted = f"Frame {progress.done} of {progress.frames}{told_left}" if progress.frames else "Opening the video…"
    return f'<div class="share-bar"><div style="width: {100 * share:.1f}%"></div></div><p class="summary">{counted}</p>'


def _models() -> list[tuple[str, str]]:
    """(what a person reads, name): models for videos, and weights that a person trained for them."""
    return [choice for choice in model_choices(needs_trimap=False) if MODELS[choice[1].partition(":")[0]].is_for_video]


def _has_background(form: str) -> bool:
    """Whether what is made lies over a background; the other forms carry the alpha."""
    return FORMS[form][0] in ("h264", "hevc")


def _reveal(kind: str, form: str) -> list[object]:
    has_background = _has_background(form)
    return [
        gr.Radio(visible=has_background),
        gr.ColorPicker(visible=has_background and kind == "Colour"),
        gr.Image(visible=has_background and kind == "Picture"),
    ]


def _forget(folder: str | None) -> None:
    """Remove a job's files."""
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
