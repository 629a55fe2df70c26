"""The Dataset tab: browse, compare revisions, review, bring photos in, export, numbers."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import gradio as gr

from annotation.correction.finishing import take_sample
from annotation.plurals import counted
from annotation.store import (
    Split,
    State,
    Store,
    get_sample,
    next_sample,
    previous_sample,
)
from annotation.studio import Studio
from annotation.ui.correct.open_in_correct import show
from annotation.ui.dataset import in_out as gallery_in_out
from annotation.ui.dataset import provenance as gallery_provenance
from annotation.ui.dataset.numbers import numbers_html
from annotation.ui.dataset.review import assign_to, bring_back, go_back, judge, move, remove
from annotation.ui.dataset.steps import (
    PHOTO,
    VIEWS,
    Query,
    describe,
    page_of,
    progress_html,
    revision_choices,
    view,
)
from annotation.ui.errors import shows_errors
from annotation.ui.events import LATEST, QUIET, Options, Part
from annotation.web.address import asked_of
from annotation.web.address import shown as place

LIST: Options = QUIET | LATEST | {"concurrency_id": "dataset list", "concurrency_limit": 1}
BROWSING: Options = QUIET | LATEST | {"concurrency_id": "dataset browsing", "concurrency_limit": 1}
"""One after the other, so that no answer comes after a newer one and replaces it."""
KEYS = Path(__file__).with_name("keys.js")
"""Script: keys press the buttons of the tab."""


Refresh: TypeAlias = Callable[[gr.Blocks, gr.Tab], None]
"""refresh(page, tab) has everything listed anew when the page is loaded or the tab comes to the front."""


def build(studio: Studio) -> tuple[Part, gr.Button, Refresh]:
    """Draw the tab and wire it; gives the number of the sample shown, the button that corrects it, and Refresh."""
    store = studio.store
    chosen, shown, removed, number = gr.State(0), gr.State([]), gr.State(0), gr.State(1)
    gr.HTML("", js_on_load=KEYS.read_text(encoding="utf-8"), visible="hidden")
    progress = gr.HTML("")
    filters = _filters()
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=420):
            pictures = gr.Gallery(
                show_label=False,
                columns=4,
                height=None,
                elem_id="dataset-pictures",
                allow_preview=False,
                object_fit="cover",
                buttons=[],
            )
            with gr.Row(elem_classes="pager"):
                back, where, on = (
                    gr.Button("‹", min_width=40, scale=0),
                    gr.Markdown(),
                    gr.Button("›", min_width=40, scale=0),
                )
        with gr.Column(scale=6, min_width=420):
            sample = _sample(store, chosen)
    imported = gallery_in_out.build(studio, progress)
    with gr.Accordion("Numbers", open=False) as fold:
        shown_numbers = gr.HTML("")

    listing = [*filters.values(), number]
    listed = [pictures, shown, number, where, progress]
    details = [sample[name] for name in ("panel", "facts", "left", "right", "slider")]
    looking = [chosen, sample["left"], sample["right"], sample["kind"]]
    for event in [control.change for control in filters.values()]:
        event(_first_page, outputs=number, **QUIET).then(partial(_list, store), listing, listed, **LIST)
    back.click(lambda page: page - 1, number, number, **QUIET).then(partial(_list, store), listing, listed, **LIST)
    on.click(lambda page: page + 1, number, number, **QUIET).then(partial(_list, store), listing, listed, **LIST)
    pictures.select(_pick, shown, chosen, **QUIET)
    opening = [chosen, sample["kind"]]
    chosen.change(partial(_open, store), opening, details, **BROWSING)
    for control in ("left", "right", "kind"):
        sample[control].input(partial(_compare, store), looking, sample["slider"], **BROWSING)
    _wire_review(store, chosen, removed, filters, sample, (listing, listed), (opening, details))
    imported.then(partial(_list, store), listing, listed, **LIST)
    fold.expand(shows_errors(lambda: numbers_html(store, datetime.now(UTC).date())), None, shown_numbers, **QUIET)

    def refresh(page: gr.Blocks, tab: gr.Tab) -> None:
        page.load(partial(_list, store), listing, listed, **LIST)
        returned = tab.select(partial(_list, store), listing, listed, **LIST)
        returned.then(partial(_open, store), opening, details, **BROWSING)  # it may have been corrected meanwhile

    return chosen, sample["correct"], refresh


def wire(
    studio: Studio,
    built: tuple[Part, gr.Button, Refresh],
    *,
    page: gr.Blocks,
    tab: gr.Tab,
    editor: gr.HTML,
    tabs: gr.Tabs,
    address: gr.HTML,
) -> None:
    """The button of the sample shown takes it over to `editor` and shows the Correct tab; `tab` is this one.

    The page's `address` names the sample shown, and brings it back.
    """
    chosen, button, refresh = built
    refresh(page, tab)

    @shows_errors
    def correct(number: int) -> tuple[object, object]:
        return show(take_sample(studio.workspace, number))

    @shows_errors
    def asked(value: object) -> object:
        number = asked_of(value, "dataset")
        return get_sample(studio.store, int(number)).id if number and number.isdecimal() else gr.skip()

    button.click(correct, chosen, [editor, tabs], **QUIET)
    address.asked(asked, address, chosen, **QUIET)
    chosen.change(lambda number: place("dataset", str(number) if number else ""), chosen, address, queue=False, **QUIET)


def _filters() -> dict[str, Any]:
    with gr.Row():
        return {
            "text": gr.Textbox("", label="Search", placeholder="name, source, author, licence or number", scale=3),
            "states": gr.Dropdown([str(state) for state in State], multiselect=True, label="State", scale=2),
            "splits": gr.Dropdown([str(split) for split in Split], multiselect=True, label="Split", scale=2),
            "assignee": gr.Textbox("", label="Assigned to", scale=1),
            "is_deleted": gr.Checkbox(label="Deleted", scale=0, elem_id="deleted"),
        }


def _sample(store: Store, chosen: Part) -> dict[str, Any]:
    """The panel of one sample; hidden until one is chosen."""
    with gr.Column(visible=False) as panel:
        facts = gr.HTML()
        slider = gr.ImageSlider(
            show_label=False, interactive=False, max_height=460, format="jpeg", buttons=["fullscreen"]
        )
        with gr.Row():
            left = gr.Dropdown([(PHOTO, 0)], value=0, label="Left")
            right = gr.Dropdown([(PHOTO, 0)], value=0, label="Right")
        kind = gr.Radio(list(VIEWS), value=VIEWS[0], show_label=False, container=False)
        with gr.Row():
            controls: dict[str, Any] = {
                "previous": _button("previous", "← Previous"),
                "next": _button("next", "Next →"),
                "correct": _button("correct", "Correct (c)"),
                "done": _button("done", "Done (d)"),
                "approve": _button("approve", "Approve (a)", is_main=True),
                "reject": _button("reject", "Reject (r)"),
            }
        with gr.Row():
            controls["person"] = gr.Textbox(
                "", show_label=False, placeholder="Your name, or whose", container=False, scale=2
            )
            for name, label in (("assign", "Assign"), ("restore", "Restore the left"), ("delete", "Delete")):
                controls[name] = _button(name, label)
            controls["undo"] = gr.Button("Undo delete", size="sm", min_width=90, visible=False)
        gallery_provenance.build(store, chosen, facts)
    return {"panel": panel, "facts": facts, "slider": slider, "left": left, "right": right, "kind": kind} | controls


def _button(name: str, label: str, *, is_main: bool = False) -> object:
    return gr.Button(
        label, elem_id=f"sample-{name}", min_width=90, size="sm", variant="primary" if is_main else "secondary"
    )


def _wire_review(
    store: Store,
    chosen: Part,
    removed: Part,
    filters: dict[str, Any],
    sample: dict[str, Any],
    lists: Any,
    details: Any,
) -> None:
    """Moving through the samples, and what a reviewer does; each shows the sample and the list as they then are."""
    listing, listed = lists
    at = [chosen]
    for name, step in (("previous", previous_sample), ("next", next_sample)):
        sample[name].click(partial(move, step, store), [*at, *filters.values()], chosen, **QUIET)
    acts: list[tuple[str, Any, list[Any], list[Any]]] = [
        ("done", partial(judge, State.DONE), [*at, sample["person"]], []),
        ("approve", partial(judge, State.APPROVED), [*at, sample["person"]], []),
        ("reject", partial(judge, State.REJECTED), [*at, sample["person"]], []),
        ("assign", assign_to, [*at, sample["person"]], []),
        ("restore", go_back, [*at, sample["left"], sample["person"]], []),
        ("delete", remove, at, [removed, sample["undo"]]),
        ("undo", bring_back, [removed], [sample["undo"]]),
    ]
    for name, act, inputs, outputs in acts:
        acted = sample[name].click(partial(act, store), inputs, outputs, **QUIET)
        acted.success(partial(_open, store), *details, **BROWSING).then(partial(_list, store), listing, listed, **LIST)


def _first_page() -> int:
    return 1


@shows_errors
def _list(
    store: Store, text: str, states: list[str], splits: list[str], assignee: str, is_deleted: bool, number: int
) -> tuple[object, ...]:
    """(pictures, samples, page, where, progress) of the page the filters ask for."""
    query = Query(text, tuple(states or ()), tuple(splits or ()), assignee, is_deleted)
    page = page_of(store, query, number)
    where = f"Page {page.number} of {page.pages} · {counted(page.total, 'sample')}" if page.total else "No samples here"
    return gr.Gallery(page.pictures, selected_index=None), page.samples, page.number, where, progress_html(store)


def _pick(shown: list[int], event: gr.SelectData) -> int:
    """The sample whose picture was pressed."""
    return int(shown[event.index])


@shows_errors
def _open(store: Store, number: int, kind: str) -> tuple[object, ...]:
    """(panel, facts, left, right, slider) of the sample: the photo against its current revision as the chosen kind."""
    if not number:
        return gr.Column(visible=False), "", gr.skip(), gr.skip(), None
    choices = revision_choices(store, number)
    newest = choices[0][1]
    return (
        gr.Column(visible=True),
        describe(store, number),
        gr.Dropdown(choices, value=0),
        gr.Dropdown(choices, value=newest),
        _compare(store, number, 0, newest, kind),
    )


@shows_errors
def _compare(store: Store, number: int, left: int, right: int, kind: str) -> object:
    """Both sides of the slider."""
    return view(store, number, left, kind), view(store, number, right, kind)
