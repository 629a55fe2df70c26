"""Which control of the Cut-out tab starts which steps, and when its buttons can be pressed."""

import json
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import gradio as gr
from gradio.events import Dependency

from annotation.ui.cut_out import compare
from annotation.ui.cut_out.clicking import find_clicked, press
from annotation.ui.cut_out.edge_controls import EDGES, Edges, follow_solver
from annotation.ui.cut_out.job import Job
from annotation.ui.cut_out.one_by_one import choices
from annotation.ui.cut_out.steps import (
    ask_edges,
    ask_subject,
    change_photo,
    find_subject,
    photo_before,
    set_edges,
    show_result,
)
from annotation.ui.errors import keeps_error
from annotation.ui.events import EDGE_RUN, LATEST, PRIVATE, QUIET, SUBJECT_RUN, Options, Part

SCROLL = """() => {
  const results = document.querySelector(".results");
  if (matchMedia("(max-width: 640px)").matches) results.scrollIntoView({ behavior: "smooth" });
}"""
"""On a phone the result lies below the photo."""

AT_ONCE: Options = {"queue": False, "trigger_mode": "multiple", **QUIET}
"""How an event that takes no time runs."""


class Given(NamedTuple):
    """Where photos come from."""

    photo: Part
    examples: Part


class Shown(NamedTuple):
    """What a photo fills; `problem` says why it could not."""

    problem: Part
    result: Part
    trimap: Part
    summary: Part


class Steps(NamedTuple):
    """The keywords of the events that do each step."""

    opening: Options
    finding: Options
    clicking: Options
    """Finds the subject that was clicked, in the place of `finding`."""
    choosing: Options
    """Takes one of the things that were found, in the place of `finding`."""
    solving: Options
    showing: Options


def wire_steps(
    job: Part, given: Given, shown: Shown, scenery: list[Part], edges: Edges, waiting: list[Part],
    compared: compare.Compared,
) -> tuple[list[Dependency], Options, Options]:  # fmt: skip
    """A photo goes through three steps; each control starts again from the first step it changes.

    `waiting` are the buttons that need a result: none can be pressed from the moment a control is until the steps have
    ended, one way or the other. Cancel can be pressed just then. Gives the ends of the steps, what shows a result, and
    what sets the buttons.
    """
    subject, which, inner, outer, solver, _, choice, cancel = edges
    steps, ready = _steps(job, given.photo, shown, scenery, edges), _readying(job, [*waiting, cancel])
    follow = partial(_follow, ready)
    photo, pictures = given.photo, compared.pictures
    to_the_end = steps.solving, steps.showing
    # A slider's last `input` has the value at which it was let go; a list sends `input` whenever it loses the focus.
    widths_and_solver = [inner.input, outer.input, solver.change]
    # `select` comes for the model that is chosen already, too: then it finds the subject again, instead of the clicks
    other_subject = [subject.change, subject.select]
    begins = [photo.input, given.examples.dataset.click, photo.select, pictures.select, which.input, *other_subject]
    # first, since everything after it waits for the server
    gr.on([*begins, *widths_and_solver], None, None, [*waiting, cancel], js=_unready(len(waiting)), **AT_ONCE)
    ends = []
    for come in (photo.input, given.examples.load_input_event.success):  # `change` would report a photo twice
        opened = come(**steps.opening)
        opened.failure(**ready)
        opened.failure(photo_before, job, photo, show_progress="hidden", **PRIVATE)
        emptied = [pictures, compared.entries, which]
        opened.success(lambda: (gr.Gallery(visible=False), (), choices(None)), None, emptied, **AT_ONCE)
        opened.success(follow_solver, [solver, job], [choice, cancel], **AT_ONCE)
        found = opened.success(**steps.finding)
        found.failure(str, None, shown.summary, show_progress="hidden", **PRIVATE)  # no subject is looked for any more
        ends.append(follow(found, *to_the_end))
        ends[-1].success(None, js=SCROLL, **AT_ONCE)
    follow(gr.on(other_subject, ask_subject, [job, subject], **AT_ONCE), steps.finding, *to_the_end)
    follow(which.input(ask_subject, [job, which], **AT_ONCE), steps.choosing, *to_the_end)
    follow(photo.select(press, [job, photo], **AT_ONCE), steps.clicking, *to_the_end)
    taken = [job, compared.entries, inner, outer]
    # `ready` for a result that is there already: then no step follows
    pictures.select(compare.taken, taken, [subject, solver], **AT_ONCE).success(**ready)
    follow(gr.on(widths_and_solver, ask_edges, [job, inner, outer, solver], **AT_ONCE), *to_the_end)
    choice.input(None, choice, solver, js=f"choice => ({json.dumps(EDGES)})[choice]", **AT_ONCE)
    solver.change(follow_solver, [solver, job], [choice, cancel], **AT_ONCE)
    gr.on([control.change for control in scenery], **steps.showing)
    return ends, steps.showing, ready


def _steps(job: Part, photo: Part, shown: Shown, scenery: list[Part], edges: Edges) -> Steps:
    """How the steps are done for these parts of the tab."""
    step = partial(_step, shown.problem)
    subject, which, inner, outer, solver, share, *_ = edges
    found = [shown.summary, inner, outer, which]
    return Steps(
        opening=step(
            change_photo, [job, photo, subject], [job, photo, shown.result, shown.trimap, shown.summary],
            show_progress="hidden",
        ),
        finding=step(find_subject, [job, subject], found, **SUBJECT_RUN),
        clicking=step(find_clicked, [job], found, **SUBJECT_RUN),
        choosing=step(find_subject, [job, which], found, **SUBJECT_RUN),
        solving=step(
            set_edges, [job, inner, outer, solver, *scenery], [shown.trimap, share, shown.summary, shown.result],
            show_progress_on=shown.summary, **EDGE_RUN,
        ),
        showing=step(show_result, [job, *scenery], [shown.result], show_progress="hidden"),
    )  # fmt: skip


def _step(problem: Part, fn: Callable[..., object], inputs: list[Part], outputs: list[Part], **how: object) -> Options:
    """The keywords of an event that does `fn`, and shows in `problem` why it failed."""
    listened = keeps_error(fn, len(outputs))
    return {"fn": listened, "inputs": inputs, "outputs": [*outputs, problem], **PRIVATE, **LATEST, **how}


def _follow(ready: Options, begun: Dependency, *steps: Options) -> Dependency:
    """`steps` one after the other after `begun`, and `ready` at the end, or if one fails; the last step."""
    begun.failure(**ready)
    for each in steps:
        begun = begun.success(**each)
        begun.failure(**ready)
    begun.success(**ready)
    return begun


def _readying(job: Part, buttons: list[Part]) -> Options:
    """Sets the buttons that need a result, and the last one, Cancel."""
    return {"fn": partial(_ready, len(buttons) - 1), "inputs": job, "outputs": buttons, **AT_ONCE}


def _unready(count: int) -> str:
    """A script that disables `count` buttons, and lets Cancel be pressed.

    It does not ask the server, whose answer may come after the next press.
    """
    return f"() => [...Array({count}).fill(false), true].map(interactive => ({{ __type__: 'update', interactive }}))"


def _ready(count: int, job: Job | None) -> list[gr.Button]:
    """`count` buttons, to be pressed if the job has a result and nothing newer is wanted; and Cancel, before that."""
    has_result, is_at_work = job is not None and job.is_settled, job is not None and not job.is_settled
    return [*(gr.Button(interactive=has_result) for _ in range(count)), gr.Button(interactive=is_at_work)]
