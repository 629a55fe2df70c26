"""Many samples at once: judge them, assign them, state their licence, tag them."""

from functools import partial
from pathlib import Path
from typing import NamedTuple

import gradio as gr
from gradio.events import Dependency

from annotation.plurals import counted
from annotation.store import (
    Filter,
    State,
    Store,
    add_tags,
    assign,
    remove_tags,
    set_licence,
    tidy_tags,
)
from annotation.store.search import find_numbers
from annotation.transfer.licences import check_licence
from annotation.ui.dataset.provenance import LICENCES
from annotation.ui.dataset.review import accept, reject
from annotation.ui.dataset.steps import Query
from annotation.ui.errors import shows_errors
from annotation.ui.events import EACH, QUIET, SINGLE_CLICK, Options, Part

SCRIPT = Path(__file__).with_name("select_several.js")
SELECTING: Options = QUIET | EACH | {"concurrency_id": "dataset selecting"}
"""What is done to the selection is done after the clicks that made it."""
DONE = {
    "Approve selected": "approved",
    "Mark selected as done": "marked as done",
    "Reject selected": "rejected",
    "Assign selected": "assigned",
    "Set the licence": "licensed",
    "Add the tags": "tagged",
    "Remove the tags": "without these tags",
}
"""The buttons for all selected samples, and what has then been done to them."""
NOTHING = "None selected: click pictures, or take all."


class Bulk(NamedTuple):
    """What `build` draws."""

    several: Part
    """Whether a click on a picture selects it instead of opening it."""
    clicks: Part
    """Says which picture was clicked, when it is to be selected."""
    selected: Part
    """The numbers of the selected samples."""
    words: Part
    panel: Part
    everything: Part
    nothing: Part
    acts: dict[str, Part]
    person: Part
    reason: Part
    licence: Part
    tags: Part


def build() -> Bulk:
    """Draw the switch, and the panel that it shows."""
    several = gr.Checkbox(label="Select several", elem_id="select-several")
    script = SCRIPT.read_text(encoding="utf-8") + "\ntellClicks(index => trigger('click', { index }));\n"
    clicks = gr.HTML("", js_on_load=script, visible="hidden")
    with gr.Column(visible=False) as panel:
        with gr.Row(equal_height=True):
            words = gr.Markdown(NOTHING)
            everything = gr.Button("Select all found", size="sm", min_width=130, scale=0)
            nothing = gr.Button("None", size="sm", min_width=70, scale=0)
        with gr.Row(equal_height=True):
            person = gr.Textbox("", label="Person", min_width=140)
            reason = gr.Textbox("", label="Reason", placeholder="to reject", min_width=140)
            licence = gr.Dropdown(LICENCES, value="", label="Licence", allow_custom_value=True, min_width=140)
            tags = gr.Textbox("", label="Tags", placeholder="hair glass", min_width=140)
        with gr.Row():
            acts = {name: gr.Button(name, size="sm", min_width=120, elem_classes=SINGLE_CLICK) for name in DONE}
    return Bulk(several, clicks, gr.State(()), words, panel, everything, nothing, acts, person, reason, licence, tags)


def wire(store: Store, drawn: Bulk, shown: Part, filters: list[Part]) -> tuple[list[Dependency], list[Dependency]]:
    """The events that (select, change) samples: after both the list is to be shown again.

    `shown` are the numbers of the samples whose pictures are on the page.
    """
    selection = [drawn.selected, drawn.words]
    chosen = [
        drawn.clicks.click(clicked, [shown, drawn.selected], selection, **SELECTING),
        drawn.everything.click(partial(select_all, store), filters, selection, **SELECTING),
        drawn.nothing.click(lambda: selection_of(()), None, selection, **SELECTING),
        # one event for both: a second one would come after the first clicks
        drawn.several.input(switch, drawn.several, [drawn.panel, *selection], **SELECTING),
    ]
    given = [drawn.selected, drawn.person, drawn.reason, drawn.licence, drawn.tags]
    acted = [
        button.click(partial(act, store, name), given, selection, **SELECTING) for name, button in drawn.acts.items()
    ]
    return chosen, acted


def selection_of(selected: tuple[int, ...]) -> tuple[tuple[int, ...], str]:
    """(the selected samples, words for them)."""
    return selected, f"**{counted(len(selected), 'sample')}** selected" if selected else NOTHING


def switch(is_several: bool) -> tuple[object, tuple[int, ...], str]:
    """(the panel, the selection, words for it): whether clicks select; none is selected yet."""
    return gr.Column(visible=is_several), *selection_of(())


def clicked(shown: list[int], selected: tuple[int, ...], event: gr.EventData) -> tuple[tuple[int, ...], str]:
    """The selection after a click on a picture."""
    return toggled(selected, int(shown[event.index]))


def toggled(selected: tuple[int, ...], sample: int) -> tuple[tuple[int, ...], str]:
    """The selection with the sample in it, or without if it was."""
    rest = tuple(one for one in selected if one != sample)
    return selection_of(rest if len(rest) < len(selected) else (*selected, sample))


@shows_errors
def select_all(
    store: Store, text: str, states: list[str], splits: list[str], assignee: str, is_deleted: bool
) -> tuple[tuple[int, ...], str]:
    """Everything the filters allow."""
    query = Query(text, tuple(states or ()), tuple(splits or ()), assignee, is_deleted)
    return selection_of(tuple(find_numbers(store, query.filter())))


@shows_errors
def act(
    store: Store, name: str, selected: tuple[int, ...], person: str, reason: str, licence: str, tags: str = ""
) -> tuple[tuple[int, ...], str]:
    """Do what the button called `name` says to all selected samples; they are not selected any more."""
    left: list[int] = []
    if not selected:
        raise ValueError("Select samples first: click their pictures, or take all found")
    if name == "Set the licence":
        if not licence:
            raise ValueError("Choose the licence first")
        set_licence(store, selected, check_licence(licence))
    elif name in ("Add the tags", "Remove the tags"):
        if not tidy_tags(tags):
            raise ValueError("Write the tags first, words such as hair glass")
        (add_tags if name == "Add the tags" else remove_tags)(store, selected, tags)
    elif name == "Assign selected":
        assign(store, selected, person.strip())
    elif name == "Reject selected":
        for sample in selected:
            reject(store, sample, person, reason)
    else:
        left = accept(store, selected, State.APPROVED if name == "Approve selected" else State.DONE, person)
    empty, _ = selection_of(())
    words = f"{counted(len(selected) - len(left), 'sample')} {DONE[name]}."
    return empty, f"{words} {len(left)} without an alpha: left as before." if left else words


def unlicensed_line(store: Store) -> str:
    """How many samples have no licence, and how to set it; "" for none."""
    count = len(find_numbers(store, Filter(has_no_licence=True)))
    if not count:
        return ""
    has, they = ("has", "it") if count == 1 else ("have", "they")
    return f"**{counted(count, 'sample')}** {has} no licence, so {they} cannot be passed on."


@shows_errors
def license_rest(store: Store, licence: str) -> str:
    """Give every sample without a licence this one; words for what was done."""
    if not licence:
        raise ValueError("Choose the licence first")
    numbers = find_numbers(store, Filter(has_no_licence=True))
    set_licence(store, numbers, check_licence(licence))
    return f"{counted(len(numbers), 'sample')}: {licence}."
