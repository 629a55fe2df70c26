"""The lower part of the Dataset tab: bring photos in, decide on copies, label automatically, suggest, export."""

import html
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path

import gradio as gr
from gradio.events import Dependency

from annotation.labelling.automatic_labels import Prelabelling
from annotation.layouts import LAYOUTS
from annotation.layouts.base import Options
from annotation.plurals import counted
from annotation.store import Store, count_unlabelled
from annotation.studio import Studio
from annotation.transfer.exporting import export
from annotation.transfer.licences import Use
from annotation.transfer.zip_export import pack
from annotation.ui.cancelling import Switches, cancel_button, waited_for
from annotation.ui.cut_out.downloads import unheard
from annotation.ui.cut_out.edge_controls import can_be_had, terms
from annotation.ui.dataset import doubtful_copies, importing, suggestions
from annotation.ui.dataset.steps import FINISHED, progress_html
from annotation.ui.errors import error_line, keeps_error, shows_errors, with_warnings
from annotation.ui.events import PRIVATE, QUIET, Part
from annotation.ui.events import Options as EventOptions
from annotation.ui.progress import BAR_HEIGHT, counting
from annotation.ui.temporary_files import scratch_folder
from matting.models import MODELS

USES = {
    "Train here; nothing is passed on": Use.OWN,
    "Pass on, for research": Use.RESEARCH,
    "Pass on, for any use": Use.COMMERCIAL,
}
DOWNLOAD = "() => document.querySelector('#download-export').click()"
SHORTCUTS = Path(__file__).with_name("shortcuts.js")
"""Script: buttons above the pictures open the folds below."""
FOLDS = ("Bring photos in", "Label automatically", "Suggest what to correct next", "Export", "Numbers")


def shortcuts() -> None:
    """Draw a button for each of FOLDS, which most windows do not reach down to."""
    buttons = "".join(f"<button type='button'>{fold}</button>" for fold in FOLDS)
    listed = f"<nav class='shortcuts' aria-label='Below the pictures'>{buttons}</nav>"
    gr.HTML(listed, js_on_load=SHORTCUTS.read_text(encoding="utf-8"))


def build(studio: Studio, progress: Part, filters: Sequence[Part]) -> list[Callable[..., Dependency]]:
    """Draw the five folds; imports and labels show in `progress`, suggestions by the `filters`.

    Gives the events that change what is listed.
    """
    with gr.Accordion("Bring photos in", open=False):
        imported = importing.build(studio.store, progress)
    doubtful_copies.build(studio.store, imported)
    with gr.Accordion("Label automatically", open=False):
        is_labelling, show = _build_prelabel(studio.store, progress)
    imported.then(**show)
    with gr.Accordion("Suggest what to correct next", open=False):
        suggested = suggestions.build(studio.store, filters)
    with gr.Accordion("Export", open=False):
        _build_export(studio)
    return [imported.then, is_labelling.change, suggested.success]


def _build_prelabel(store: Store, progress: Part) -> tuple[Part, EventOptions]:
    """Draw the fold; gives the state that tells whether samples are being labelled, and how it shows what there is."""
    gr.Markdown("Every sample to do gets a first alpha and trimap in the background. You can keep working meanwhile.")
    prelabelling = Prelabelling()
    choices = [(model.title + terms(model), name) for name, model in MODELS.items()
               if not (model.needs_trimap or model.needs_plate) and can_be_had(model)]  # fmt: skip
    with gr.Row():
        model = gr.Dropdown(choices, value="auto", label="Model", scale=3)
        start, stop = gr.Button("Start", variant="primary", scale=1), gr.Button("Cancel", scale=1, interactive=False)
    told_here = gr.HTML(elem_classes="dataset-note")
    tick, is_labelling = gr.Timer(1.0, active=False), gr.State(False)
    start.click(partial(start_prelabelling, store, prelabelling), [model], [told_here, tick, is_labelling], **PRIVATE)
    stop.click(prelabelling.stop, **PRIVATE)
    told = [told_here, tick, is_labelling, progress]
    show: EventOptions = {"fn": partial(show_prelabelling, store, prelabelling), "outputs": told, **QUIET}
    tick.tick(**show)
    gr.on(None, **show)  # it may run already
    is_labelling.change(
        lambda is_busy: [gr.Button(interactive=not is_busy), gr.Button(interactive=is_busy)], is_labelling,
        [start, stop], **QUIET,
    )  # fmt: skip
    return is_labelling, show


def _build_export(studio: Studio) -> None:
    with gr.Row():
        with gr.Column(scale=3):
            layouts = [(layout.title, layout.name) for layout in LAYOUTS.values()]
            layout = gr.Radio(layouts, value="imagefolder", label="For")
            purpose = gr.Markdown(LAYOUTS["imagefolder"].purpose, elem_classes="dataset-note")
        with gr.Column(scale=2):
            states = gr.Radio(
                list(FINISHED), value="Approved and done", label="Samples",
                info="All of them, whatever the search above shows.",
            )  # fmt: skip
            use = gr.Radio(list(USES), value=next(iter(USES)), label="Use")
            leave_out = gr.Checkbox(label="Leave out what may not be exported for that use")
            bits = gr.Radio([8, 16], value=8, label="Bits of cut-outs", visible=False)
            with gr.Row():
                as_zip = gr.Button("Export as a zip", variant="primary", size="sm", min_width=150)
                as_folder = gr.Button("Export as a folder", size="sm", min_width=150)
                switches = Switches([as_zip, as_folder], cancel_button())
            told_here = gr.Markdown(elem_classes="dataset-note", min_height=BAR_HEIGHT)
            problem = error_line()
            packed = gr.DownloadButton("Download", size="sm", visible=False, elem_id="download-export")
    layout.change(
        lambda name: (LAYOUTS[name].purpose, gr.Radio(visible=name == "rgba")),
        layout,
        [purpose, bits],
        show_progress="hidden",
        **PRIVATE,
    )
    one_at_a_time: EventOptions = {"concurrency_limit": 1, "concurrency_id": "export"}
    for start in (as_zip, as_folder):
        exported = switches.begin(start).then(
            keeps_error(partial(hand_out, studio), 2), [layout, states, use, leave_out, bits],
            [told_here, packed, problem], **one_at_a_time, **PRIVATE,
        )  # fmt: skip
        if start is as_zip:
            switches.end_on(exported.failure)
            exported = exported.success(
                keeps_error(partial(pack_up, studio.folder), 1), layout, [packed, problem], **one_at_a_time, **PRIVATE
            )
            exported.success(None, js=DOWNLOAD, **QUIET)
        switches.end(exported)


@shows_errors
def start_prelabelling(store: Store, prelabelling: Prelabelling, model: str) -> tuple[str, object, bool]:
    """Begin in the background: (words, timer on, that it runs)."""
    prelabelling.start(store, model)
    return _told(prelabelling), gr.Timer(active=True), True


def _told(prelabelling: Prelabelling) -> str:
    """How far along it is, in words, and as a bar while it runs."""
    words = html.escape(prelabelling.words)
    if not prelabelling.is_running:
        return words
    share = f"{100 * prelabelling.share:.1f}"
    bar = f"<div class='share-bar' role='progressbar' aria-label='Labelled' aria-valuenow='{share}'>"
    return f"{bar}<div style='width: {share}%'></div></div>{words}"


@shows_errors
def show_prelabelling(store: Store, prelabelling: Prelabelling) -> tuple[str, object, bool, str]:
    """(words, timer while it runs, whether it does, progress of the set)."""
    is_running = prelabelling.is_running
    told = _told(prelabelling) or f"{counted(count_unlabelled(store), 'sample')} without an alpha."
    return told, gr.Timer(active=is_running), is_running, progress_html(store)


@shows_errors
def hand_out(
    studio: Studio,
    layout: str,
    states: str,
    use: str,
    leave_out: bool,
    bits: int,
    progress: gr.Progress = gr.Progress(),  # noqa: B008 (how Gradio passes its progress bar)
    request: gr.Request | None = None,
) -> tuple[str, object]:
    """Export into the data folder: (where to, how much and the warnings; no zip yet)."""
    target = folder_of(studio.folder, layout)
    with waited_for(request, unheard) as on_progress:
        done = export(
            studio.store,
            target,
            layout=layout,
            states=FINISHED[states],
            use=USES[use],
            leave_out=leave_out,
            options=Options(bits=int(bits)),
            on_progress=counting(progress, layout, on_progress),
        )
    words = f"**{counted(done.samples, 'sample')}** in `{target}` · {counted(done.files, 'file')}, {done.written} new"
    return with_warnings(words, done.warnings), gr.DownloadButton(visible=False)


def folder_of(data: Path, layout: str) -> Path:
    """Where the app's exports of that layout lie."""
    return data / "exports" / layout


@shows_errors
def pack_up(data: Path, layout: str) -> object:
    """The button that downloads the export of that layout as a zip."""
    path = zips() / f"{layout}.zip"
    size = pack(folder_of(data, layout), path)
    return gr.DownloadButton(f"Download {path.name} ({size / 1e6:.1f} MB)", value=str(path), visible=True)


@cache
def zips() -> Path:
    """Where zips are made, each over the last of its layout; Gradio copies them to its own cache."""
    return scratch_folder()
