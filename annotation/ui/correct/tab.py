"""The Correct tab: the trimap editor, and what to do with the result."""

from collections.abc import Callable
from functools import partial

import gradio as gr
from gradio.events import Dependency
from starlette.routing import BaseRoute

from annotation.editor import routes as editor_routes
from annotation.editor.component import trimap_editor
from annotation.studio import Studio
from annotation.ui.cancelling import give_up
from annotation.ui.correct import contributing
from annotation.ui.correct.steps import BEST, Then, maker, opener, saver, taker
from annotation.ui.cut_out.downloads import FILES
from annotation.ui.cut_out.edge_controls import model_choices
from annotation.ui.cut_out.job import Job
from annotation.ui.errors import error_line, keeps_error
from annotation.ui.events import EDGE_RUN, QUIET, SUBJECT_RUN, Options, Part
from annotation.ui.photo_input import photo_input

AT_ONCE: Options = QUIET | {"queue": False}
CLICK = "() => document.querySelector('#download-corrected').click()"
KINDS = [name for name in FILES if name != "Composite"]


def build(studio: Studio) -> gr.HTML:
    """Draw the tab and wire it; gives the editor."""
    photo = photo_input("A photo to correct", sources=["upload", "clipboard"], height=220)
    editor = trimap_editor()
    with gr.Column(visible=False) as row:
        done = gr.Markdown("", elem_classes="summary", elem_id="finished", min_height=48)
        problem = error_line()
        with gr.Row(elem_classes="downloads"):
            kept = () if studio.visits else Then  # a visitor has no dataset
            saves = {then: gr.Button(then.value, size="md", min_width=165) for then in kept}
            if saves:
                saves[Then.NOTHING].variant = "primary"
            buttons = {name: gr.Button(name, size="md", min_width=84, scale=0) for name in KINDS}
            gr.Markdown("Finish with", elem_classes="dataset-note", elem_id="finish-words")
            solver = gr.Dropdown(
                model_choices(needs_trimap=True), value=BEST, label="Finish with", container=False, min_width=210,
                elem_id="finish-with", scale=0,
            )  # fmt: skip
            cancel = gr.Button(
                "Cancel", size="md", min_width=84, scale=0, variant="stop", interactive=False,
                elem_id="cancel-finishing",
            )  # fmt: skip
            gr.on(
                None, lambda: gr.Dropdown(model_choices(needs_trimap=True)), outputs=solver,
                show_progress="hidden", api_visibility="private",
            )  # fmt: skip
        fold = contributing.build() if studio.owner else None
    download = gr.DownloadButton("Download", elem_id="download-corrected", visible="hidden")
    photo.input(keeps_error(opener(studio.workspace), 2), photo, [editor, photo, problem], **SUBJECT_RUN)
    for event, is_open in ((editor.opened, True), (editor.left, False)):
        event(
            partial(_turn_to, is_open=is_open), None, [photo, row, done, problem],
            show_progress="hidden", api_visibility="private",
        )  # fmt: skip
    job = gr.State(None, time_to_live=3600, delete_callback=_forget)
    switches = [*buttons.values(), *saves.values(), *([fold.give] if fold else []), cancel]
    for name, button in buttons.items():
        made = _while_busy(button, switches).then(
            keeps_error(maker(studio.workspace, name), 3),
            [editor, solver, job],
            [download, job, done, problem],
            show_progress_on=done,
            **EDGE_RUN,
        )
        made.success(None, js=CLICK, api_visibility="private")
        _end_busy(made, switches)
    for then, button in saves.items():
        saved = _while_busy(button, switches).then(
            keeps_error(saver(studio.workspace, then), 2), [editor, solver], [done, editor, problem],
            show_progress_on=done, **EDGE_RUN,
        )  # fmt: skip
        _end_busy(saved, switches)
    if fold and studio.owner:
        given = _while_busy(fold.give, switches).then(
            **contributing.giving(fold, studio.workspace, studio.owner, [editor, solver], [done, problem])
        )
        given.success(lambda: False, None, fold.fields[-1], **QUIET)  # the next sample needs its own consent
        _end_busy(given, switches)
    cancel.click(_canceller(len(switches)), None, switches, **AT_ONCE)
    return editor


def wire(studio: Studio, *, job: Part, button: gr.Button, editor: gr.HTML, tabs: gr.Tabs) -> None:
    """`button` of the Cut-out tab takes its `job` over to `editor` and shows this tab."""
    button.click(taker(studio.workspace), job, [editor, tabs], api_visibility="private")


def routes(studio: Studio) -> list[BaseRoute]:
    """The routes of the editor's browser side."""
    return editor_routes.routes(studio.workspace)


def _while_busy(button: gr.Button, switches: list[gr.Button]) -> Dependency:
    """The event of `button` that disables all `switches` but the last, Cancel."""
    return button.click(partial(_switched, len(switches), is_busy=True), None, switches, **AT_ONCE)


def _end_busy(step: Dependency, switches: list[gr.Button]) -> None:
    """After `step`, enable all but Cancel. Its `then` would not run after a failure."""
    for ended in (step.success, step.failure):
        ended(partial(_switched, len(switches), is_busy=False), None, switches, **AT_ONCE)


def _canceller(count: int) -> Callable[[gr.Request], list[gr.Button]]:
    """The handler that gives up what the page waits for; `count` buttons as when nothing runs."""

    def cancel(request: gr.Request) -> list[gr.Button]:
        give_up(request)
        return _switched(count, is_busy=False)

    return cancel


def _switched(count: int, *, is_busy: bool) -> list[gr.Button]:
    """Which of `count` buttons can be pressed: Cancel, the last one, or the others."""
    return [gr.Button(interactive=not is_busy) for _ in range(count - 1)] + [gr.Button(interactive=is_busy)]


def _turn_to(*, is_open: bool) -> tuple[object, ...]:
    """(the place for a photo, the buttons, no message, no problem): earlier messages do not apply any more."""
    return gr.Image(visible=not is_open), gr.Column(visible=is_open), "", gr.Markdown("", visible=False)


def _forget(job: Job | None) -> None:
    """The browser session is over: remove its downloads from the disk."""
    if job:
        job.end()
