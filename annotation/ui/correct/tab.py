"""The Correct tab: the trimap editor, and what to do with the result."""

from functools import partial
from typing import NamedTuple

import gradio as gr
from starlette.routing import BaseRoute

from annotation.editor import routes as editor_routes
from annotation.editor.component import trimap_editor
from annotation.studio import Studio
from annotation.ui.cancelling import Switches, give_up
from annotation.ui.correct import contributing
from annotation.ui.correct.steps import BEST, Then, maker, opener, saver, taker
from annotation.ui.cut_out.downloads import FILES, file_button
from annotation.ui.cut_out.edge_controls import model_choices
from annotation.ui.cut_out.job import Job
from annotation.ui.errors import error_line, keeps_error
from annotation.ui.events import AT_ONCE, EDGE_RUN, QUIET, SUBJECT_RUN, Part
from annotation.ui.photo_input import photo_input
from annotation.ui.progress import BAR_HEIGHT

CLICK = "() => document.querySelector('#download-corrected').click()"
WORKED_OUT = "What is saved or downloaded is worked out by"
KINDS = [name for name in FILES if name != "Composite"]


class Results(NamedTuple):
    """What is drawn below the editor, and seen while a photo is open in it."""

    column: Part
    done: Part
    problem: Part
    saves: dict[Then, Part]
    makes: dict[str, Part]
    """By the name of the file."""
    solver: Part
    fold: contributing.Fold | None
    cancel: Part

    @property
    def switches(self) -> Switches:
        """The buttons that start something, and Cancel."""
        gives = [self.fold.give] if self.fold else []
        return Switches([*self.makes.values(), *self.saves.values(), *gives], self.cancel, is_hidden=False)


def build(studio: Studio) -> gr.HTML:
    """Draw the tab and wire it; gives the editor."""
    photo = photo_input("A photo to correct", sources=["upload", "clipboard"], height=220)
    editor = trimap_editor()
    results = _draw_results(studio)
    _wire_opening(studio, photo, editor, results)
    _wire_downloads(studio, editor, results)
    _wire_saving(studio, editor, results)
    results.switches.end_on(results.cancel.click(give_up, **AT_ONCE).success)
    return editor


def _draw_results(studio: Studio) -> Results:
    with gr.Column(visible=False) as column:
        with gr.Row(elem_classes="finishing"):
            done = gr.Markdown("", elem_classes="summary", elem_id="finished", min_height=BAR_HEIGHT)
            gr.Markdown(WORKED_OUT, elem_classes="dataset-note", elem_id="finish-words")
            solver = gr.Dropdown(
                model_choices(needs_trimap=True), value=BEST, label=WORKED_OUT, container=False, min_width=226,
                elem_id="finish-with", scale=0,
            )  # fmt: skip
            gr.on(None, lambda: gr.Dropdown(model_choices(needs_trimap=True)), outputs=solver, **QUIET)
        problem = error_line()
        with gr.Row(elem_classes="finishing"):
            kept = () if studio.visits else Then  # a visitor has no dataset
            saves = {then: gr.Button(then.value, size="md", min_width=165, elem_classes="save") for then in kept}
            if saves:
                saves[Then.NOTHING].variant = "primary"
            makes = {name: file_button(name, size="md", scale=0) for name in KINDS}
            cancel = gr.Button(
                "Cancel", size="md", min_width=84, scale=0, variant="stop", interactive=False,
                elem_id="cancel-finishing",
            )  # fmt: skip
        fold = contributing.build() if studio.owner else None
    return Results(column, done, problem, saves, makes, solver, fold, cancel)


def _wire_opening(studio: Studio, photo: Part, editor: gr.HTML, results: Results) -> None:
    """When a photo is opened in the editor, the buttons appear; when it is left, the place for another one does."""
    photo.input(keeps_error(opener(studio.workspace), 2), photo, [editor, photo, results.problem], **SUBJECT_RUN)
    turned = [photo, results.column, results.done, results.problem]
    editor.opened(partial(_turn_to, is_open=True), None, turned, **QUIET)
    editor.left(partial(_turn_to, is_open=False), None, turned, **QUIET)


def _wire_downloads(studio: Studio, editor: gr.HTML, results: Results) -> None:
    """Each button finishes the photo and downloads one file of it."""
    download = gr.DownloadButton("Download", elem_id="download-corrected", visible="hidden")
    job = gr.State(None, time_to_live=3600, delete_callback=_forget)
    for name, button in results.makes.items():
        made = results.switches.begin(button).then(
            keeps_error(maker(studio.workspace, name), 3),
            [editor, results.solver, job],
            [download, job, results.done, results.problem],
            show_progress_on=results.done,
            **EDGE_RUN,
        )
        made.success(None, js=CLICK, api_visibility="private")
        results.switches.end(made)


def _wire_saving(studio: Studio, editor: gr.HTML, results: Results) -> None:
    """The photo is finished and saved to the dataset, or given to the owner of a demo."""
    finished = [editor, results.solver]
    for then, button in results.saves.items():
        saved = results.switches.begin(button).then(
            keeps_error(saver(studio.workspace, then), 2), finished, [results.done, editor, results.problem],
            show_progress_on=results.done, **EDGE_RUN,
        )  # fmt: skip
        results.switches.end(saved)
    if results.fold and studio.owner:
        give = contributing.giving(
            results.fold, studio.workspace, studio.owner, finished, [results.done, results.problem]
        )
        given = results.switches.begin(results.fold.give).then(**give)
        given.success(lambda: False, None, results.fold.fields[-1], **QUIET)  # the next sample needs its own consent
        results.switches.end(given)


def wire(studio: Studio, *, job: Part, button: gr.Button, editor: gr.HTML, tabs: gr.Tabs) -> None:
    """`button` of the Cut-out tab takes its `job` over to `editor` and shows this tab."""
    button.click(taker(studio.workspace), job, [editor, tabs], api_visibility="private")


def routes(studio: Studio) -> list[BaseRoute]:
    """The routes of the editor's browser side."""
    return editor_routes.routes(studio.workspace)


def _turn_to(*, is_open: bool) -> tuple[object, ...]:
    """(the place for a photo, the buttons, no message, no problem): earlier messages do not apply any more."""
    return gr.Image(visible=not is_open), gr.Column(visible=is_open), "", gr.Markdown("", visible=False)


def _forget(job: Job | None) -> None:
    """The browser session is over: remove its downloads from the disk."""
    if job:
        job.end()
