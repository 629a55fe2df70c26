"""The controls for finding the subject and working out its edge, and what can be chosen in them."""

import math
from typing import NamedTuple

import gradio as gr

from annotation.correction.whole_picture import LARGE_PIXELS
from annotation.ui.cancelling import give_up
from annotation.ui.cut_out.job import Job
from annotation.ui.cut_out.steps import AS_FOUND
from annotation.ui.events import AT_ONCE, PRIVATE, Part
from matting.models import listed_models
from matting.models.base import Model
from matting.models.things import model as things
from matting.weights import WEIGHTS
from matting.weights.trained import licence_in_words

EDGES = {"As found": AS_FOUND, "Fine hair": "studio", "Fastest": "shared"}
"""What a visitor chooses → the solver."""


def terms(model: type[Model]) -> str:
    """What choosing `model` means: see Weights.terms; "" if it comes with the app."""
    extra = [WEIGHTS[name] for name in model.weights if not WEIGHTS[name].by_default]
    return "".join(f" · {weights.terms}" for weights in extra)


KINDS_TOO = f"A model that finds it, or a kind of thing: write person, cat, car …{terms(things.ThingsModel)}"


class Edges(NamedTuple):
    """How the subject is found and its edge worked out."""

    subject: Part
    which: Part
    """Which of several things of a kind."""
    inner: Part
    outer: Part
    solver: Part
    share: Part
    choice: Part
    """The solver in a visitor's words."""
    cancel: Part


def edge_controls() -> Edges:
    """Three ways to work out the edge; in a fold, every model, and the width of the unknown band.

    Above them, if several things of a kind were found: all of them, or one.
    """
    which = gr.Radio([], label="Which of them, from left to right", visible=False, elem_id="which")
    with gr.Row(equal_height=True):
        choice = gr.Radio(list(EDGES), value="As found", label="Edges", scale=3, elem_id="edges")
        cancel = gr.Button(
            "Cancel", size="sm", min_width=90, scale=0, elem_id="cancel-edges", visible=False, interactive=False
        )
    with gr.Accordion("More: every model, and how wide the edge is", open=False, elem_id="more"):
        subject = gr.Dropdown(subject_choices(), value="auto", label="Subject", info=KINDS_TOO)
        solver = gr.Dropdown(edge_choices(), value=AS_FOUND, label="Worked out by")
        gr.on(None, _edges_now, outputs=solver, show_progress="hidden", **PRIVATE)
        solver.focus(_edges_now, outputs=solver, show_progress="hidden", **PRIVATE)
        subject.focus(_subjects_now, outputs=subject, show_progress="hidden", **PRIVATE)
        with gr.Row():
            inner = gr.Slider(0, 100, 12, step=1, label="Unknown inside the edge, px", buttons=[], min_width=240)
            outer = gr.Slider(0, 100, 16, step=1, label="Unknown outside the edge, px", buttons=[], min_width=240)
        share = gr.Markdown("", elem_classes="dataset-note")
    cancel.click(give_up, **AT_ONCE)
    return Edges(subject, which, inner, outer, solver, share, choice, cancel)


def subject_choices() -> list[tuple[str, str]]:
    """What can find the subject, for a dropdown: the models, then every thing of a kind."""
    return [*model_choices(needs_trimap=False), *things.choices()]


def edge_choices() -> list[tuple[str, str]]:
    """What can work out the edges, for a dropdown."""
    return [("As found", AS_FOUND), *model_choices(needs_trimap=True)]


def _edges_now() -> object:
    """The choices when a page or the list is opened: weights may have been added since the start."""
    return gr.Dropdown(edge_choices())


def _subjects_now() -> object:
    """The same for the models that find the subject."""
    return gr.Dropdown(subject_choices())


def follow_solver(solver: str, job: Job | None) -> tuple[object, object]:
    """(the visitor's choice that means `solver`, or none of them; Cancel, for edges or photos that take a while)."""
    words = next((words for words, name in EDGES.items() if name == solver), None)
    return words, gr.Button(visible=solver != AS_FOUND or (job is not None and math.prod(job.size) > LARGE_PIXELS))


def model_choices(*, needs_trimap: bool) -> list[tuple[str, str]]:
    """(what a person reads, model name) with size and licence if choosing one means a download.

    Weights that a person trained and placed in the weights folder are among them. Models whose files nobody placed and
    no program may fetch are not.
    """
    listed = {
        name: (kind, trained)
        for name, (kind, trained) in listed_models().items()
        if kind.needs_trimap == needs_trimap and (trained or can_be_had(kind))
    }
    return [
        (f"{kind.title}: {trained.path.stem} · {licence_in_words(trained.licence)}", name)
        if trained
        else (f"{kind.title}{terms(kind)}", name)
        for name, (kind, trained) in listed.items()
    ]


def can_be_had(model: type[Model]) -> bool:
    """Whether the weights of `model` are there, or can be fetched."""
    return all(WEIGHTS[each].is_present or not WEIGHTS[each].by_hand for each in model.weights)
