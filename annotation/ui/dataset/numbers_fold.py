"""The fold of the Dataset tab with the dataset in numbers; while it is open, it follows what is done."""

from datetime import UTC, datetime
from functools import partial

import gradio as gr

from annotation.store import Store
from annotation.ui.dataset.numbers import numbers_html
from annotation.ui.errors import shows_errors
from annotation.ui.events import EACH, LATEST, QUIET, Options


def build(store: Store) -> Options:
    """Draw the fold; gives the keywords of an event that counts again."""
    is_open = gr.State(False)
    with gr.Accordion("Numbers", open=False) as fold:
        shown = gr.HTML("")
    recount: Options = {"fn": partial(_counted, store), "inputs": is_open, "outputs": shown, **QUIET, **LATEST}
    folding: Options = QUIET | EACH | {"concurrency_id": "numbers fold"}
    fold.expand(lambda: True, None, is_open, **folding).then(**recount)
    fold.collapse(lambda: False, None, is_open, **folding)
    return recount


@shows_errors
def _counted(store: Store, is_open: bool) -> object:
    """The numbers of today; nobody waits for them while the fold is shut."""
    return numbers_html(store, datetime.now(UTC).date()) if is_open else gr.skip()
