"""The Cut-out tab: a photo in, its subject on any background out."""

from collections.abc import Callable
from typing import NamedTuple

import gradio as gr

from annotation.studio import Studio
from annotation.ui.cut_out import downloads
from annotation.ui.cut_out.backgrounds import BACKGROUNDS, DEFAULT_COLOUR
from annotation.ui.cut_out.job import Job
from annotation.ui.cut_out.steps import (
    AS_FOUND,
    WELCOME,
    ask,
    change_photo,
    find_subject,
    photo_before,
    set_edges,
    show_result,
)
from annotation.ui.errors import lasting, problem_line
from annotation.ui.events import EDGE_RUN, LATEST, PRIVATE, SUBJECT_RUN, Options, Part
from annotation.ui.photo_input import EXAMPLES, photo_input
from annotation.ui.waiting import give_up
from matting.models import listed_models
from matting.models.base import Model
from matting.weights import WEIGHTS
from matting.weights.trained import licence_in_words


class Given(NamedTuple):
    """Where photos come from."""

    photo: Part
    examples: Part


class Shown(NamedTuple):
    """What a photo fills; `problem` tells why it could not."""

    problem: Part
    result: Part
    trimap: Part
    summary: Part


def build(studio: Studio) -> tuple[gr.State, gr.Button]:  # noqa: ARG001 — every tab is built with the studio
    """Draw the tab and wire it; gives its job and the button that hands it over to be corrected."""
    job = gr.State(None, time_to_live=4 * 3600, delete_callback=_forget)
    with gr.Row(equal_height=False, elem_classes="cut-out"):
        with gr.Column(elem_classes="given"):
            photo = photo_input(
                "Your photo", sources=["upload", "clipboard", "webcam"], height=460, elem_classes="picture"
            )
            examples = gr.Examples(EXAMPLES, photo, label="No photo at hand? Try one of these")
            edges = _edge_controls()
        with gr.Column():
            problem = problem_line()
            with gr.Tabs():
                with gr.Tab("Cut-out"):
                    result = gr.ImageSlider(
                        show_label=False,
                        format="jpeg",
                        interactive=False,
                        height=460,
                        max_height=460,
                        buttons=["fullscreen"],
                        elem_classes="picture",
                    )
                with gr.Tab("Trimap"):
                    overlay = gr.Image(
                        show_label=False,
                        format="jpeg",
                        interactive=False,
                        height=460,
                        buttons=["fullscreen"],
                        elem_classes="picture",
                    )
                    gr.Markdown("Green is subject, red is background, blue is unknown: there the edge is worked out.")
            summary = gr.Markdown(WELCOME, elem_classes="summary")
            scenery = _scenery_controls()
            buttons = downloads.build()
            correct = gr.Button("Correct by hand", variant="primary")
    _wire(job, Given(photo, examples), Shown(problem, result, overlay, summary), scenery, edges, buttons)
    return job, correct


def _scenery_controls() -> list[Part]:
    """Choice of background; what belongs to one choice only is shown with it."""
    kind = gr.Radio(list(BACKGROUNDS), value="Transparent", label="Background")
    with gr.Row():
        colour = gr.ColorPicker(DEFAULT_COLOUR, label="Colour", visible=False)
        picture = photo_input("Background picture", sources=["upload", "clipboard"], height=200, visible=False)
    linear = gr.Checkbox(False, label="Mix light as a camera does (linear)", visible=False)
    kind.change(_reveal, kind, [colour, picture, linear], show_progress="hidden", **PRIVATE)
    return [kind, colour, picture, linear]


def _reveal(kind: str) -> list[object]:
    return [
        gr.ColorPicker(visible=kind == "Colour"),
        gr.Image(visible=kind == "Picture"),
        gr.Checkbox(visible=kind != "Transparent"),
    ]


def _edge_controls() -> list[Part]:
    """Which model finds the subject, what works out its edge, and how wide the unknown band is."""
    with gr.Accordion("Subject and edges", open=True, elem_classes="edges"):
        with gr.Row():
            subject = gr.Dropdown(model_choices(needs_trimap=False), value="auto", label="Subject")
            solver = gr.Dropdown(edge_choices(), value=AS_FOUND, label="Edges")
            gr.on(None, _edges_now, outputs=solver, show_progress="hidden", **PRIVATE)
        with gr.Row():
            inner = gr.Slider(0, 100, 12, step=1, label="Unknown inside the edge, px")
            outer = gr.Slider(0, 100, 16, step=1, label="Unknown outside the edge, px")
        with gr.Row(equal_height=True):
            share = gr.Markdown("", elem_classes="summary")
            cancel = gr.Button("Cancel", size="sm", min_width=90, scale=0, elem_id="cancel-edges")
        cancel.click(give_up, queue=False, show_progress="hidden", **PRIVATE)
    return [subject, inner, outer, solver, share]


def edge_choices() -> list[tuple[str, str]]:
    """What can work out the edges, for a dropdown."""
    return [("As found", AS_FOUND), *model_choices(needs_trimap=True)]


def _edges_now() -> object:
    """The choices as a page is opened: weights can have come since the start."""
    return gr.Dropdown(edge_choices())


def model_choices(*, needs_trimap: bool) -> list[tuple[str, str]]:
    """(what a person reads, model name) with size and licence where choosing one means a download.

    Weights that a person trained and placed in the weights folder are among them.
    """
    listed = {name: each for name, each in listed_models().items() if each[0].needs_trimap == needs_trimap}
    return [
        (f"{kind.title}: {trained.path.stem} · {licence_in_words(trained.licence)}", name)
        if trained
        else (f"{kind.title}{terms(kind)}", name)
        for name, (kind, trained) in listed.items()
    ]


def terms(model: type[Model]) -> str:
    """What choosing `model` means: size and licence of what is fetched for it; "" where it comes with the app."""
    extra = [WEIGHTS[name] for name in model.weights if not WEIGHTS[name].by_default]
    return "".join(f" · {weights.size / 1e6:.0f} MB, {weights.licence}" for weights in extra)


def _wire(
    job: Part, given: Given, shown: Shown, scenery: list[Part], edges: list[Part], buttons: downloads.Downloads
) -> None:
    """A photo goes through three steps; each control starts again from the first step it changes."""
    subject, inner, outer, solver, share = edges

    def step(fn: Callable[..., object], inputs: list[Part], outputs: list[Part], **how: object) -> Options:
        listened = lasting(fn, len(outputs))
        return {"fn": listened, "inputs": inputs, "outputs": [*outputs, shown.problem], **PRIVATE, **LATEST, **how}

    filled = [job, given.photo, shown.result, shown.trimap, shown.summary]
    opening = step(change_photo, [job, given.photo], filled, show_progress="hidden")
    finding = step(find_subject, [job, subject], [shown.summary, inner, outer], **SUBJECT_RUN)
    solving = step(set_edges, [job, inner, outer, solver], [shown.trimap, share], **EDGE_RUN)
    showing = step(show_result, [job, *scenery], [shown.result], show_progress="hidden")

    for come in (given.photo.input, given.examples.load_input_event.success):  # `change` would tell of a photo twice
        opened = come(**opening)
        opened.failure(photo_before, job, given.photo, show_progress="hidden", **PRIVATE)
        found = opened.success(**finding)
        found.failure(str, None, shown.summary, show_progress="hidden", **PRIVATE)  # nothing is looked for any more
        found.success(**solving).success(**showing)
    subject.input(**finding).success(**solving).success(**showing)
    setting = [inner.release, inner.input, outer.release, outer.input, solver.input]
    gr.on([subject.input, *setting], ask, job, queue=False, show_progress="hidden", **PRIVATE)
    changed = gr.on(setting, **solving)
    changed.success(**showing)
    gr.on([control.change for control in scenery], **showing)
    downloads.wire(buttons, job, scenery)


def _forget(job: Job | None) -> None:
    """Nobody comes back to this browser session: remove its photo from the disk."""
    if job:
        job.end()
