"""The fold of the Dataset tab that asks about pictures which may be copies of one another."""

from functools import partial

import gradio as gr
from gradio.events import Dependency

from annotation.plurals import counted
from annotation.store import Store, list_doubts, settle_doubt
from annotation.ui.dataset.kept_pictures import picture_file
from annotation.ui.dataset.steps import thumbnail
from annotation.ui.errors import shows_errors
from annotation.ui.events import EACH, QUIET, SINGLE_CLICK


def build(store: Store, imported: Dependency) -> None:
    """Draw the fold; it asks about new doubtful copies when something is `imported`."""
    asked = gr.JSON([], visible="hidden")  # a press is about the pair that the page shows
    with gr.Accordion("Doubtful copies", open=False) as fold:
        words = gr.Markdown(elem_classes="dataset-note")
        pictures = gr.Gallery(columns=2, height=280, show_label=False, allow_preview=False, buttons=[], visible=False)
        with gr.Row(visible=False) as buttons:
            same = gr.Button("A copy, or a part of it", size="sm", elem_classes=SINGLE_CLICK)
            different = gr.Button("Two pictures", size="sm", elem_classes=SINGLE_CLICK)
    shown = [asked, words, pictures, buttons]
    for event in (fold.expand, imported.then):
        event(partial(ask, store), outputs=shown, **QUIET)
    settling = QUIET | EACH | {"concurrency_id": "dataset doubts"}
    same.click(partial(answer, store, True), asked, shown, **settling)
    different.click(partial(answer, store, False), asked, shown, **settling)


@shows_errors
def ask(store: Store) -> tuple[object, ...]:
    """(the two samples, words, their pictures, the buttons) of the first doubt; [] if there is none."""
    doubts = list_doubts(store)
    if not doubts:
        return [], "No two pictures look like copies of each other.", gr.Gallery(visible=False), gr.Row(visible=False)
    first = doubts[0]
    both = [
        (picture_file(thumbnail(store, one)), f"{one.id} · {one.name} · {one.split}")
        for one in (first.sample, first.twin)
    ]
    words = f"{counted(len(doubts), 'question')}. Is one of these two a copy of the other, or a part of it?"
    return [first.sample.id, first.twin.id], words, gr.Gallery(both, visible=True), gr.Row(visible=True)


@shows_errors
def answer(store: Store, is_same: bool, asked: list[int]) -> tuple[object, ...]:
    """Store the decision on the two samples `asked` about; the next question, as `ask`."""
    settle_doubt(store, *asked, is_same=is_same)
    return ask(store)
