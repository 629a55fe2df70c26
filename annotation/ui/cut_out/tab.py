"""The Cut-out tab: a photo in, its subject on any background out."""

from typing import NamedTuple

import gradio as gr
from gradio.events import Dependency

from annotation.studio import Studio
from annotation.ui.cut_out import compare, downloads, photo_drop
from annotation.ui.cut_out.background_pictures import drawn_pictures
from annotation.ui.cut_out.backgrounds import BACKGROUNDS, DEFAULT_COLOUR, TRANSPARENT
from annotation.ui.cut_out.edge_controls import edge_controls
from annotation.ui.cut_out.event_chains import Given, Shown, wire_steps
from annotation.ui.cut_out.job import GoneError, Job
from annotation.ui.cut_out.steps import (
    WELCOME,
    reopen,
)
from annotation.ui.errors import error_line
from annotation.ui.events import EACH, PRIVATE, QUIET, Options, Part
from annotation.ui.photo_input import EXAMPLES, photo_input
from annotation.ui.progress import BAR_HEIGHT
from annotation.web.address import shown as place
from annotation.web.address import turn_of_a_tab, wish_of

_PICTURE: Options = {
    "show_label": False, "format": "jpeg", "interactive": False, "height": 440, "buttons": ["fullscreen"],
    "elem_classes": "picture",
}  # fmt: skip
"""How a result is shown."""


INTO_SIGHT = """() => {
  const pictures = document.querySelector("#drawn-pictures");
  const show = () => pictures?.checkVisibility() && pictures.scrollIntoView({ block: "nearest", behavior: "smooth" });
  requestAnimationFrame(() => requestAnimationFrame(show));
}"""
"""Pictures to put behind appear below the edge of most screens: once the page has grown, they are scrolled to."""


class Built(NamedTuple):
    """What the page needs from the tab."""

    job: gr.State
    correct: gr.Button
    """Hands the job over to be corrected."""
    reopening: list[Part]
    """What `reopen` fills, and the comparison."""
    opened: list[Dependency]
    """A photo is cut out, or there is none any more."""
    showing: Options
    """How the result is shown."""
    ready: Options
    """How the buttons learn whether there is a result."""


def build(studio: Studio) -> Built:
    """Draw the tab and wire it."""
    photo_drop.build(studio)
    job = gr.State(None, time_to_live=4 * 3600, delete_callback=_forget)
    with gr.Row(equal_height=False, elem_classes="cut-out"):
        with gr.Column(elem_classes="given"):
            photo = photo_input(
                "Your photo", sources=["upload", "clipboard", "webcam"], height=400, elem_classes="picture"
            )
            examples = gr.Examples(EXAMPLES, photo, label="No photo at hand? Try one of these")
            with gr.Column(elem_classes="edges"):
                edges = edge_controls()
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
            summary = gr.Markdown(WELCOME, elem_classes="summary", elem_id="what-took-part", min_height=BAR_HEIGHT)
            with gr.Row():
                buttons = downloads.build()
                correct = gr.Button("Correct by hand", interactive=False, min_width=160)
            scenery = _scenery_controls()
            downloads.build_files(buttons)
    waiting = [*buttons.all_buttons, correct, compared.start]
    shown = Shown(problem, result, overlay, summary)
    opened, showing, ready = wire_steps(job, Given(photo, examples), shown, scenery, edges, waiting, compared)
    downloads.wire(buttons, job, scenery)
    compare.wire(compared, job, edges.subject)
    reopening = [job, photo, result, overlay, summary, edges.which, compared.pictures, compared.entries]
    return Built(job, correct, reopening, opened, showing, ready)


def wire(built: Built, address: gr.HTML) -> None:
    """The page's address names the cut-out, and brings it back."""
    turn = turn_of_a_tab()
    tell: Options = {"fn": _place, "inputs": [built.job, turn], "outputs": address, "queue": False, **QUIET}
    for opened in built.opened:
        opened.then(**tell)
    asked = address.asks_cut_out(_wished, built.job, [turn, *built.reopening], **QUIET | EACH)
    asked.success(**built.showing).success(**built.ready)
    asked.success(**tell)


def _wished(job: Job | None, event: gr.EventData) -> tuple[object, ...]:
    """(the turn, what `reopen` gives, no comparison); a cut-out that is gone leaves all as it is."""
    wish = wish_of(event)
    try:
        return wish.turn, *reopen(job, wish.what), gr.Gallery(visible=False), ()
    except GoneError as error:
        gr.Warning(str(error))
        return wish.turn, *(gr.skip(),) * 8


def _place(job: Job | None, turn: int) -> dict[str, object]:
    return place("cut-out", job.name if job else "", turn)


def _scenery_controls() -> list[Part]:
    """Choice of background; what belongs to one choice only is shown with it."""
    kind = gr.Radio(list(BACKGROUNDS), value=TRANSPARENT, label="Background")
    colour = gr.ColorPicker(DEFAULT_COLOUR, label="Colour", visible=False)
    with gr.Column(visible=False) as pictures:
        picture = photo_input("Background picture", sources=["upload", "clipboard"], height=180, render=False)
        gr.Examples(drawn_pictures(), picture, label="Take one of these, or your own", elem_id="drawn-pictures")
        picture.render()  # type: ignore[no-untyped-call]
    linear = gr.Checkbox(False, label="Mix light as a camera does (linear)", visible=False)
    shown = kind.change(_reveal, kind, [colour, pictures, linear], show_progress="hidden", **PRIVATE)
    shown.then(None, js=INTO_SIGHT, **QUIET)
    return [kind, colour, picture, linear]


def _reveal(kind: str) -> list[object]:
    return [
        gr.ColorPicker(visible=kind == "Colour"),
        gr.Column(visible=kind == "Picture"),
        gr.Checkbox(visible=kind != TRANSPARENT),
    ]


def _forget(job: Job | None) -> None:
    """Nobody comes back to this browser session: remove its photo from the disk."""
    if job:
        job.end()
