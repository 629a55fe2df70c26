"""Every model that is present, side by side on the photo: which one suits it? A click takes it."""

from collections.abc import Iterator
from dataclasses import dataclass

import gradio as gr

from annotation.ui.cancelling import GivenUpError, Switches, give_up, waited_for
from annotation.ui.cut_out.backgrounds import Scenery
from annotation.ui.cut_out.downloads import unheard
from annotation.ui.cut_out.job import Job
from annotation.ui.cut_out.steps import AS_FOUND, ask_edges, ask_subject, over
from annotation.ui.errors import errors_shown
from annotation.ui.events import AT_ONCE, EDGE_RUN, Part
from matting.arrays import Image
from matting.metrics.comparing import Entry, entries, measure
from matting.resize import resize, within
from matting.solving.separate_process import LostError
from matting.trimap import make_trimap

SMALL = 800
"""Long side in pixels of the copy of the photo that the models are compared on."""
WELCOME = (
    f"Each model that is on this computer cuts out a copy of your photo, {SMALL} pixels long. Click a result to use it."
)


@dataclass(frozen=True)
class Compared:
    """What `build` draws."""

    start: Part
    cancel: Part
    words: Part
    pictures: Part
    entries: Part


def build() -> Compared:
    """Draw the comparison."""
    with gr.Row(equal_height=True):
        words = gr.Markdown(WELCOME)
        start = gr.Button("Compare the models", size="sm", min_width=150, scale=0, interactive=False)
        cancel = gr.Button("Cancel", size="sm", min_width=90, scale=0, visible=False)
    pictures = gr.Gallery(
        show_label=False, columns=3, height=400, allow_preview=False, object_fit="contain", buttons=[],
        elem_id="compared", visible=False,
    )  # fmt: skip
    return Compared(start, cancel, words, pictures, gr.State(()))


def wire(drawn: Compared, job: Part, subject: Part) -> None:
    """Wire the buttons. What a click on a picture does is up to the tab; see `taken`."""
    switches = Switches([drawn.start], drawn.cancel)
    switches.end(
        switches.begin(drawn.start).then(
            compare, [job, subject], [drawn.pictures, drawn.words, drawn.entries], show_progress="hidden", **EDGE_RUN
        )
    )
    drawn.cancel.click(give_up, **AT_ONCE)


def compare(
    job: Job | None, subject: str, request: gr.Request | None = None
) -> Iterator[tuple[object, object, tuple[Entry, ...]]]:
    """(pictures with model, time and memory, words, their entries), again after each model."""
    with errors_shown():
        if job is None:
            raise ValueError("There is nothing to compare yet; drop a photo first.")
        size = within((job.image.shape[0], job.image.shape[1]), SMALL)
        image, trimap = resize(job.image, size), make_trimap(resize(job.subject, size))
    wanted, pictures, done, failed = entries(subject), list[tuple[Image, str]](), list[Entry](), list[str]()
    yield gr.Gallery(None, visible=True), f"Comparing {len(wanted)} models…", ()
    for entry in wanted:
        try:
            with waited_for(request, unheard):  # not around the loop: each step of a generator has its own context
                found = measure(entry, image, trimap)
        except GivenUpError:
            break
        except (ValueError, RuntimeError, LostError) as error:
            failed.append(f"{entry.title}: {error}.")
            continue
        pictures.append((over(image, found.alpha, Scenery()), f"{entry.title} · {found.words}"))
        done.append(entry)
        yield gr.Gallery(pictures), f"{len(done)} of {len(wanted)} models…", tuple(done)
    yield gr.skip(), " ".join([WELCOME, *failed]), tuple(done)


def taken(job: Job | None, done: tuple[Entry, ...], inner: int, outer: int, event: gr.SelectData) -> tuple[object, str]:
    """(subject model, solver) of the picture that was pressed; they are used from now on.

    One that only works out the edges leaves the subject as it is, be it clicked on or chosen among several.
    """
    entry = done[event.index]
    solver = entry.edges or AS_FOUND
    if not entry.edges:
        ask_subject(job, entry.subject)
    ask_edges(job, inner, outer, solver)
    return gr.skip() if entry.edges else entry.subject, solver
