"""The Cut-out tab: a photo in, its subject on any background out."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import gradio as gr
from gradio.events import Dependency

from annotation.correction.whole_picture import LARGE_PIXELS
from annotation.studio import Studio
from annotation.ui.cut_out import compare, downloads
from annotation.ui.cut_out.backgrounds import BACKGROUNDS, DEFAULT_COLOUR, TRANSPARENT
from annotation.ui.cut_out.clicking import find_clicked
from annotation.ui.cut_out.job import Job
from annotation.ui.cut_out.pictures import drawn_pictures
from annotation.ui.cut_out.steps import (
    AS_FOUND,
    WELCOME,
    ask,
    change_photo,
    find_subject,
    photo_before,
    reopen,
    set_edges,
    show_result,
)
from annotation.ui.errors import error_line, keeps_error
from annotation.ui.events import EDGE_RUN, LATEST, PRIVATE, QUIET, SUBJECT_RUN, Options, Part
from annotation.ui.photo_input import EXAMPLES, photo_input
from annotation.ui.waiting import give_up
from annotation.web.address import asked_of
from annotation.web.address import shown as place
from matting.models import listed_models
from matting.models.base import Model
from matting.weights import WEIGHTS
from matting.weights.trained import licence_in_words

EDGES = {"As found": AS_FOUND, "Fine hair": "studio", "Fastest": "shared"}
"""What a visitor chooses → the solver."""
SCROLL = """() => {
  const results = document.querySelector(".results");
  if (matchMedia("(max-width: 640px)").matches) results.scrollIntoView({ behavior: "smooth" });
}"""
"""On a phone the result lies below the photo."""
_PICTURE: Options = {
    "show_label": False, "format": "jpeg", "interactive": False, "height": 440, "buttons": ["fullscreen"],
    "elem_classes": "picture",
}  # fmt: skip
"""How a result is shown."""


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


class Edges(NamedTuple):
    """How the subject is found and its edge worked out."""

    subject: Part
    inner: Part
    outer: Part
    solver: Part
    share: Part
    choice: Part
    """The solver in a visitor's words."""
    cancel: Part


class Built(NamedTuple):
    """What the page needs of the tab."""

    job: gr.State
    correct: gr.Button
    """Hands the job over to be corrected."""
    reopening: list[Part]
    """What `reopen` fills."""
    opened: list[Dependency]
    """A photo is cut out, or there is none any more."""
    showing: Options
    """How the result is shown."""
    ready: Options
    """How the buttons learn whether there is a result."""


def build(studio: Studio) -> Built:  # noqa: ARG001 — every tab is built with the studio
    """Draw the tab and wire it."""
    job = gr.State(None, time_to_live=4 * 3600, delete_callback=_forget)
    with gr.Row(equal_height=False, elem_classes="cut-out"):
        with gr.Column(elem_classes="given"):
            photo = photo_input(
                "Your photo", sources=["upload", "clipboard", "webcam"], height=400, elem_classes="picture"
            )
            examples = gr.Examples(EXAMPLES, photo, label="No photo at hand? Try one of these")
            with gr.Column(elem_classes="edges"):
                edges = _edge_controls()
        with gr.Column(elem_classes="results"):
            problem = error_line()
            with gr.Tabs():
                with gr.Tab("Cut-out"):
                    result = gr.ImageSlider(**_PICTURE, max_height=440, slider_position=0, elem_id="result")
                with gr.Tab("Compare"):
                    compared = compare.build()
                with gr.Tab("Trimap"):
                    overlay = gr.Image(**_PICTURE)
                    gr.Markdown("Green is subject, red is background, blue is unknown: there the edge is worked out.")
            summary = gr.Markdown(WELCOME, elem_classes="summary", elem_id="what-took-part", min_height=48)
            with gr.Row():
                buttons = downloads.build()
                correct = gr.Button("Correct by hand", interactive=False, min_width=160)
            scenery = _scenery_controls()
            downloads.build_files(buttons)
    waiting = [*buttons.all_buttons, correct, compared.start]
    shown = Shown(problem, result, overlay, summary)
    opened, showing, ready = _wire(job, Given(photo, examples), shown, scenery, edges, waiting, compared)
    downloads.wire(buttons, job, scenery)
    compare.wire(compared, job, edges.subject)
    return Built(job, correct, [job, photo, overlay, summary], opened, showing, ready)


def wire(built: Built, address: gr.HTML) -> None:
    """The page's address names the cut-out, and brings it back."""
    tell: Options = {"fn": _place, "inputs": built.job, "outputs": address, "queue": False, **QUIET}
    for opened in built.opened:
        opened.then(**tell)
    asked = address.asked(_reopen, [address, built.job], built.reopening, **QUIET)
    asked.success(**built.showing).success(**built.ready)
    asked.success(partial(_place, replaces=True), built.job, address, **QUIET)
    asked.failure(partial(_place, replaces=True), built.job, address, **QUIET)


def _reopen(value: object, job: Job | None) -> tuple[object, ...]:
    name = asked_of(value, "cut-out")
    return reopen(job, name) if name else (gr.skip(),) * 4


def _place(job: Job | None, *, replaces: bool = False) -> dict[str, object]:
    return place("cut-out", job.name if job else "", replaces=replaces)


def _scenery_controls() -> list[Part]:
    """Choice of background; what belongs to one choice only is shown with it."""
    kind = gr.Radio(list(BACKGROUNDS), value=TRANSPARENT, label="Background")
    colour = gr.ColorPicker(DEFAULT_COLOUR, label="Colour", visible=False)
    with gr.Column(visible=False) as pictures:
        picture = photo_input("Background picture", sources=["upload", "clipboard"], height=180)
        gr.Examples(drawn_pictures(), picture, label="Or take one of these")
    linear = gr.Checkbox(False, label="Mix light as a camera does (linear)", visible=False)
    kind.change(_reveal, kind, [colour, pictures, linear], show_progress="hidden", **PRIVATE)
    return [kind, colour, picture, linear]


def _reveal(kind: str) -> list[object]:
    return [
        gr.ColorPicker(visible=kind == "Colour"),
        gr.Column(visible=kind == "Picture"),
        gr.Checkbox(visible=kind != TRANSPARENT),
    ]


def _edge_controls() -> Edges:
    """How the edge is worked out, in three words; in a fold every model, and how wide the unknown band is."""
    with gr.Row(equal_height=True):
        choice = gr.Radio(list(EDGES), value="As found", label="Edges", scale=3, elem_id="edges")
        cancel = gr.Button("Cancel", size="sm", min_width=90, scale=0, elem_id="cancel-edges", visible=False)
    with gr.Accordion("More: every model, and how wide the edge is", open=False, elem_id="more"):
        with gr.Row():
            subject = gr.Dropdown(model_choices(needs_trimap=False), value="auto", label="Subject")
            solver = gr.Dropdown(edge_choices(), value=AS_FOUND, label="Worked out by")
            gr.on(None, _edges_now, outputs=solver, show_progress="hidden", **PRIVATE)
            solver.focus(_edges_now, outputs=solver, show_progress="hidden", **PRIVATE)
            subject.focus(_subjects_now, outputs=subject, show_progress="hidden", **PRIVATE)
        with gr.Row():
            inner = gr.Slider(0, 100, 12, step=1, label="Unknown inside the edge, px")
            outer = gr.Slider(0, 100, 16, step=1, label="Unknown outside the edge, px")
        share = gr.Markdown("", elem_classes="dataset-note")
    cancel.click(give_up, queue=False, show_progress="hidden", **PRIVATE)
    return Edges(subject, inner, outer, solver, share, choice, cancel)


def edge_choices() -> list[tuple[str, str]]:
    """What can work out the edges, for a dropdown."""
    return [("As found", AS_FOUND), *model_choices(needs_trimap=True)]


def _edges_now() -> object:
    """The choices as a page or the list is opened: weights can have come since the start."""
    return gr.Dropdown(edge_choices())


def _subjects_now() -> object:
    """The same for the models that find the subject."""
    return gr.Dropdown(model_choices(needs_trimap=False))


def _follow(solver: str, job: Job | None) -> tuple[object, object]:
    """(the visitor's choice that means `solver`, or none of them; Cancel, for edges or photos that take a while)."""
    words = next((words for words, name in EDGES.items() if name == solver), None)
    return words, gr.Button(visible=solver != AS_FOUND or (job is not None and job.pixels > LARGE_PIXELS))


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
    """What choosing `model` means: see Weights.terms; "" where it comes with the app."""
    extra = [WEIGHTS[name] for name in model.weights if not WEIGHTS[name].by_default]
    return "".join(f" · {weights.terms}" for weights in extra)


def _wire(
    job: Part, given: Given, shown: Shown, scenery: list[Part], edges: Edges, waiting: list[Part],
    compared: compare.Compared,
) -> tuple[list[Dependency], Options, Options]:  # fmt: skip
    """A photo goes through three steps; each control starts again from the first step it changes.

    `waiting` are the buttons that need a result. Gives the ends of the steps, what shows a result, and what sets the
    buttons.
    """

    def step(fn: Callable[..., object], inputs: list[Part], outputs: list[Part], **how: object) -> Options:
        listened = keeps_error(fn, len(outputs))
        return {"fn": listened, "inputs": inputs, "outputs": [*outputs, shown.problem], **PRIVATE, **LATEST, **how}

    subject, inner, outer, solver, share, choice, cancel = edges
    opening = step(
        change_photo, [job, given.photo], [job, given.photo, shown.result, shown.trimap, shown.summary],
        show_progress="hidden",
    )  # fmt: skip
    finding = step(find_subject, [job, subject], [shown.summary, inner, outer], **SUBJECT_RUN)
    solving = step(
        set_edges, [job, inner, outer, solver, *scenery], [shown.trimap, share, shown.summary, shown.result],
        show_progress_on=shown.summary, **EDGE_RUN,
    )  # fmt: skip
    showing = step(show_result, [job, *scenery], [shown.result], show_progress="hidden")
    at_once: Options = {"queue": False, "show_progress": "hidden", **PRIVATE}

    ready: Options = {"fn": partial(_ready, len(waiting)), "inputs": job, "outputs": waiting, **at_once}

    ends = []
    for come in (given.photo.input, given.examples.load_input_event.success):  # `change` would tell of a photo twice
        opened = come(**opening)
        opened.failure(photo_before, job, given.photo, show_progress="hidden", **PRIVATE)
        opened.success(partial(_ready, len(waiting), None), None, waiting, **at_once)
        opened.success(lambda: (gr.Gallery(visible=False), ()), None, [compared.pictures, compared.entries], **at_once)
        opened.success(_follow, [solver, job], [choice, cancel], **at_once)
        found = opened.success(**finding)
        found.failure(str, None, shown.summary, show_progress="hidden", **PRIVATE)  # nothing is looked for any more
        ends.append(found.success(**solving).success(**showing))
        ends[-1].success(**ready, js=SCROLL)
    subject.input(**finding).success(**solving).success(**showing)
    clicking = step(find_clicked, [job, given.photo], [shown.summary, inner, outer], **SUBJECT_RUN)
    given.photo.select(**clicking).success(**solving).success(**showing)
    taken = compared.pictures.select(compare.taken, compared.entries, [subject, solver], **PRIVATE)
    taken.success(**finding).success(**solving).success(**showing)
    setting = [inner.release, inner.input, outer.release, outer.input, choice.input, solver.input]
    gr.on([subject.input, given.photo.select, compared.pictures.select, *setting], ask, job, **at_once)
    gr.on([*setting[:4], solver.input], **solving).success(**showing)
    choice.input(EDGES.get, choice, solver, **at_once).success(**solving).success(**showing)
    solver.change(_follow, [solver, job], [choice, cancel], **at_once)
    gr.on([control.change for control in scenery], **showing)
    return ends, showing, ready


def _ready(count: int, job: Job | None) -> list[gr.Button]:
    """`count` buttons: they can be pressed where there is a job."""
    return [gr.Button(interactive=job is not None) for _ in range(count)]


def _forget(job: Job | None) -> None:
    """Nobody comes back to this browser session: remove its photo from the disk."""
    if job:
        job.end()
