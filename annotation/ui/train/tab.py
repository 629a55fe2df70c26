"""The Train tab: a model learns from finished samples, in a process of its own; better by proof, or left alone."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import gradio as gr

from annotation.studio import Studio
from annotation.ui.dataset.steps import FINISHED
from annotation.ui.errors import shows_errors
from annotation.ui.events import EACH, LATEST, PRIVATE, QUIET, SINGLE_CLICK, Options, Part
from annotation.ui.train.steps import (
    DOUBTFUL,
    Choice,
    begin,
    find_job,
    give_back,
    go_on,
    handed_out,
    job_choices,
    told_samples,
    trainable,
    use,
    write_onnx_of,
)
from annotation.ui.train.view import job_html
from annotation.web.address import shown as told
from annotation.web.address import turn_of_a_tab, wish_of
from matting.models.onnx_export import EXPORTABLE
from matting.training.jobs.job import AT_WORK, Job, Stage, State
from matting.weights.trained import adopted

SECONDS = 2.0
"""Seconds between two looks at a run in progress."""
WELCOME = (
    "A model learns from your finished samples. Labels are checked first. The best mixture of old and new weights is "
    "kept, and test samples show whether it got better. Nothing changes until you press *Use this model*."
)
SHOWING: Options = QUIET | {"concurrency_id": "training shown", "concurrency_limit": 1}
"""One after the other, so that no answer comes after a newer one and replaces it."""
NONE_YET = "<p class='dataset-note'>No training yet.</p>"
SURE = "name => confirm('Remove this training run with its weights and its proof? A model in use stays.') ? name : null"
"""What the page asks before a run is removed."""
GO_ON = {Stage.READY: "Start", Stage.CANCELLED: "Go on", Stage.STOPPED: "Go on", Stage.FAILED: "Try again"}


class Shown(NamedTuple):
    """The run that is shown, and what can be done with it."""

    jobs: Part
    view: Part
    doubtful: Part
    go: Part
    cancel: Part
    remove: Part
    made: Part
    """What can be done with a model that was made."""
    name: Part
    use: Part
    take_back: Part
    used: Part
    download: Part
    onnx: Part
    tick: Part


class Counted(NamedTuple):
    """What chooses samples, where their number stands, and which run is shown."""

    chosen: list[Part]
    words: Part
    shown: Shown
    wished: Part
    """The run that the address asked for, as long as none is chosen."""


def build(studio: Studio) -> Counted:
    """Draw the tab and wire it."""
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=320):
            gr.Markdown(WELCOME)
            states = gr.Radio(list(FINISHED), value=next(iter(FINISHED)), label="Samples")
            text = gr.Textbox("", label="Search", placeholder="all; or a name, source, licence or tag:hair")
            counts = gr.Markdown(elem_classes="dataset-note", elem_id="train-samples")
            model = gr.Dropdown(trainable(), value="studio", label="Model")
            minutes = gr.Number(10, label="Minutes", minimum=0.05, maximum=10_000)
            check = gr.Button("Check and estimate", variant="primary", elem_classes=SINGLE_CLICK)
        with gr.Column(scale=6, min_width=320):
            shown = _job_parts()
    wished = gr.State("")
    samples = [states, text]
    gr.on([states.change, text.change], partial(_count, studio), samples, counts, **QUIET | LATEST)
    gr.on(None, partial(_count, studio), samples, counts, **QUIET)
    check.click(partial(_begin, studio), [*samples, model, minutes], shown.jobs, **PRIVATE).success(
        partial(_show, studio), shown.jobs, list(shown), **QUIET
    )
    _wire(studio, shown, wished)
    return Counted(samples, counts, shown, wished)


def wire(studio: Studio, counted: Counted, tab: gr.Tab, address: gr.HTML) -> None:
    """Whoever comes back to the `tab` sees the samples that there are now; the `address` names an earlier run."""
    tab.select(partial(_count, studio), counted.chosen, counted.words, **QUIET)
    turn, jobs = turn_of_a_tab(), counted.shown.jobs
    tell: Options = {"fn": partial(_place, studio), "inputs": [jobs, turn], "outputs": address, "queue": False, **QUIET}

    def wish(event: gr.EventData) -> tuple[object, ...]:
        what, number = wish_of(event)
        return number, what, *_show(studio, None, what)

    address.asks_train(wish, None, [turn, counted.wished, *counted.shown], **EACH | SHOWING).success(**tell)
    jobs.input(**tell, **LATEST)


def _place(studio: Studio, name: str | None, turn: int) -> dict[str, object]:
    """What the address is told: only a run that is not the newest is named."""
    is_newest = name in [job for _, job in job_choices(studio)[:1]]
    return told("train", "" if is_newest else name or "", turn)


def _job_parts() -> Shown:
    jobs = gr.Dropdown([], label="Training", elem_id="trainings", visible=False)
    view = gr.HTML(NONE_YET, elem_id="training")
    doubtful = gr.Radio(list(DOUBTFUL), value=next(iter(DOUBTFUL)), label="Labels that look wrong", visible=False)
    with gr.Row():
        go = gr.Button("Start", variant="primary", visible=False)
        cancel = gr.Button("Cancel", variant="stop", visible=False)
        remove = gr.Button("Remove", visible=False)
    with gr.Group(visible=False) as made:
        used = gr.Markdown(elem_classes="dataset-note", elem_id="train-used")
        with gr.Row(equal_height=True):
            name = gr.Textbox("", label="Name of the model", placeholder="mine", scale=3)
            use_it = gr.Button("Use this model", variant="primary", scale=2)
            take_back = gr.Button("Take it back", visible=False, scale=2)
        with gr.Row():
            download = gr.DownloadButton("Download the weights")
            onnx = gr.Button("Make an ONNX file")
    return Shown(
        jobs, view, doubtful, go, cancel, remove, made, name, use_it, take_back, used, download, onnx, gr.Timer(SECONDS)
    )


def _wire(studio: Studio, shown: Shown, wished: Part) -> None:
    everything, show = list(shown), partial(_show, studio)
    gr.on(None, show, [shown.jobs, wished], everything, **SHOWING)
    shown.jobs.input(show, shown.jobs, everything, **SHOWING | LATEST)
    shown.tick.tick(show, shown.jobs, everything, **SHOWING)
    acts: list[tuple[Part, Callable[..., object], list[Part]]] = [
        (shown.go, _go_on, [shown.doubtful]),
        (shown.cancel, _cancel, []),
        (shown.use, _use, [shown.name]),
        (shown.take_back, _take_back, []),
    ]
    for button, act, inputs in acts:
        button.click(partial(act, studio), [shown.jobs, *inputs], **QUIET).then(show, shown.jobs, everything, **QUIET)
    shown.remove.click(partial(_remove, studio), shown.jobs, everything, js=SURE, **QUIET | EACH)
    shown.onnx.click(partial(_onnx, studio), shown.jobs, shown.download, **PRIVATE)


@shows_errors
def _count(studio: Studio, states: str, text: str) -> str:
    return told_samples(studio.store, Choice(states, text))


@shows_errors
def _begin(studio: Studio, states: str, text: str, model: str, minutes: float) -> object:
    job = begin(studio, Choice(states, text), model, minutes)
    return gr.Dropdown(job_choices(studio), value=job.name, visible=True)


@shows_errors
def _show(studio: Studio, name: str | None, wished: str = "") -> tuple[object, ...]:
    """All that is shown of the run of that name, else of the one wished for, else of the newest, so that a page opened
    again finds it. A name that is there stays as it is: another may be chosen by now."""
    choices = job_choices(studio)
    found = find_job(studio, name)
    job = found or find_job(studio, wished) or find_job(studio, choices[0][1] if choices else None)
    if job is None:
        hidden = [gr.update(visible=False)] * 5
        runs = gr.Dropdown([], value=None, visible=False)
        return runs, NONE_YET, *hidden, *[gr.skip()] * 6, gr.Timer(active=False)
    state = job.state()
    return (
        gr.Dropdown(choices, visible=True) if found else gr.Dropdown(choices, value=job.name, visible=True),
        job_html(job, state),
        gr.Radio(visible=state.stage == Stage.READY and bool(state.doubts)),
        gr.Button(GO_ON.get(state.stage, "Start"), visible=state.stage in GO_ON),
        gr.Button(visible=state.stage in AT_WORK, interactive=not job.is_cancelled),
        gr.Button(visible=state.stage not in AT_WORK),
        *_made(job, state),
        gr.Timer(active=state.stage in AT_WORK),
    )


def _made(job: Job, state: State) -> tuple[object, ...]:
    """What can be done with what it made."""
    if state.stage != Stage.DONE:
        return gr.Group(visible=False), *[gr.skip()] * 6
    trained = adopted(job.weights)
    words = f"In use: **{trained.name}**, in the list of every tab and on the command line." if trained else ""
    return (
        gr.Group(visible=True),
        gr.Textbox(visible=trained is None),
        gr.Button(visible=trained is None, interactive=not state.card.get("is_start")),
        gr.Button(visible=trained is not None),
        words,
        gr.DownloadButton("Download the weights", value=str(handed_out(job))),
        gr.Button(visible=job.wish().model in EXPORTABLE),
    )


def _chosen(studio: Studio, name: str | None) -> Job:
    job = find_job(studio, name)
    if job is None:
        raise ValueError("This training run is gone.")
    return job


@shows_errors
def _go_on(studio: Studio, name: str | None, doubtful: str) -> None:
    go_on(_chosen(studio, name), doubtful)


@shows_errors
def _cancel(studio: Studio, name: str | None) -> None:
    _chosen(studio, name).cancel()


@shows_errors
def _remove(studio: Studio, name: str | None) -> object:
    """What is shown without it: the newest of the others. If the person, whom the page has asked, keeps it, no name
    comes and nothing changes: a second look at it might come after its end."""
    if not name:
        return gr.skip()
    if job := find_job(studio, name):  # else it is gone already: a second press while the first was answered
        job.remove()
    return _show(studio, None)


@shows_errors
def _use(studio: Studio, name: str | None, wanted: str) -> None:
    use(_chosen(studio, name), wanted)


@shows_errors
def _take_back(studio: Studio, name: str | None) -> None:
    give_back(_chosen(studio, name))


@shows_errors
def _onnx(studio: Studio, name: str | None) -> object:
    path = write_onnx_of(_chosen(studio, name))
    return gr.DownloadButton("Download the ONNX file", value=str(path))
