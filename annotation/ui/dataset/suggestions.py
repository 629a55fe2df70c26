"""The fold that suggests which photos to correct next."""

from collections.abc import Sequence
from functools import partial

import gradio as gr
from gradio.events import Dependency

from annotation.labelling.suggesting import MOST, TAG, suggest
from annotation.plurals import counted
from annotation.store import Store
from annotation.ui.cancelling import Switches, cancel_button, waited_for
from annotation.ui.cut_out.downloads import unheard
from annotation.ui.errors import error_line, keeps_error, shows_errors
from annotation.ui.events import PRIVATE, Part
from annotation.ui.progress import BAR_HEIGHT, counting

ABOUT = (
    f"Tags as `{TAG}` the photos to do whose edges are most likely wrong: two models see them differently, and they "
    f"are unlike what is labelled and each other. It looks at up to {MOST} photos of the training split, and takes "
    "about two seconds for each."
)
SHOWING: tuple[object, ...] = (f"tag:{TAG}", [], [], "", False)
"""The filters that show what was suggested: search, states, splits, assigned to, deleted."""
AGREED = "Nothing to suggest: no photo to do has an edge that the models see differently."


def build(store: Store, filters: Sequence[Part]) -> Dependency:
    """Draw the fold; the `filters`, of which the first is the search, then show what was suggested.

    Gives the event that has suggested something.
    """
    gr.Markdown(ABOUT)
    with gr.Row(equal_height=False):
        count = gr.Number(10, label="How many", precision=0, minimum=1, maximum=MOST, min_width=150, scale=0)
        start = gr.Button("Suggest", variant="primary", size="sm", scale=0, min_width=150)
        switches = Switches([start], cancel_button())
    told, problem = gr.Markdown(elem_classes="dataset-note", min_height=BAR_HEIGHT), error_line()
    found: Dependency = switches.begin(start).then(
        keeps_error(partial(show, store), 1 + len(filters)), [count], [told, *filters, problem],
        concurrency_limit=1, concurrency_id="suggest", show_progress_on=told, **PRIVATE,
    )  # fmt: skip
    switches.end(found)
    return found


@shows_errors
def show(
    store: Store,
    count: float | None,
    progress: gr.Progress = gr.Progress(),  # noqa: B008 (how Gradio passes its progress bar)
    request: gr.Request | None = None,
) -> tuple[object, ...]:
    """(words for what was suggested, *the filters that show it, and nothing else)."""
    if not count or count < 1:
        raise ValueError("Write how many photos to suggest, 1 or more")
    with waited_for(request, unheard) as on_progress:
        found = suggest(store, int(count), counting(progress, "Looking at photos", on_progress))
    if not found:
        return AGREED, *(gr.skip(),) * len(SHOWING)
    return f"**{counted(len(found), 'sample')}** suggested; the search above shows them.", *SHOWING
