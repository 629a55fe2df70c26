"""The Dataset tab: browse, compare revisions, review, bring photos in, export, numbers."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import gradio as gr

from annotation.correction.finishing import take_sample
from annotation.plurals import counted
from annotation.store import State, Store, next_sample, previous_sample
from annotation.studio import Studio
from annotation.ui.correct.open_in_correct import show
from annotation.ui.dataset import bulk, import_and_export, numbers_fold
from annotation.ui.dataset.kept_pictures import picture_file
from annotation.ui.dataset.place import Place, asked, first_page, page_to_show, query_of
from annotation.ui.dataset.provenance import LICENCES
from annotation.ui.dataset.review import approve, assign_to, bring_back, go_back, judge, move, reject, remove
from annotation.ui.dataset.sample_panel import sample_panel
from annotation.ui.dataset.steps import (
    SPLITS,
    STATES,
    describe,
    headline,
    page_of,
    progress_html,
    revision_choices,
    view,
)
from annotation.ui.errors import shows_errors
from annotation.ui.events import EACH, LATEST, QUIET, Options, Part
from annotation.web.address import shown as told
from annotation.web.address import turn_of_a_tab, wish_of

LIST: Options = QUIET | LATEST | {"concurrency_id": "dataset list", "concurrency_limit": 1}
MOVING: Options = QUIET | EACH | {"concurrency_id": "dataset moving"}
JUDGING: Options = QUIET | EACH | {"concurrency_id": "dataset judging"}
BROWSING: Options = QUIET | LATEST | {"concurrency_id": "dataset browsing", "concurrency_limit": 1}
"""One after the other, so that no answer comes after a newer one and replaces it."""
KEYS = Path(__file__).with_name("keys.js")
"""Script: keys press the buttons of the tab."""
SCROLL = """() => {
  const [sample, pictures] = [document.querySelector("#sample"), document.querySelector("#dataset-pictures")];
  const isBelow = sample?.getBoundingClientRect().top >= pictures?.getBoundingClientRect().bottom;
  if (isBelow) sample.scrollIntoView({ behavior: "smooth" });
}"""
"""On a narrow screen a sample lies below the pictures."""


Refresh: TypeAlias = Callable[[gr.Blocks, gr.Tab], None]


class Built(NamedTuple):
    """What the page needs from the tab."""

    sample: dict[str, Any]
    """The panel of one sample."""
    refresh: Refresh
    """refresh(page, tab) has everything listed again when the page is loaded or the tab comes to the front."""
    asking: list[Part]
    """What `asked` fills."""
    relist: Options
    """How everything is listed again."""
    place: Part
    """What the address is told."""


def build(studio: Studio) -> Built:
    """Draw the tab and wire it."""
    store = studio.store
    chosen, shown, removed, number = gr.State(0), gr.State([]), gr.State(0), gr.State(1)
    wanted, place, turn = gr.State(Place()), gr.State(None), turn_of_a_tab()
    gr.HTML("", js_on_load=KEYS.read_text(encoding="utf-8"), visible="hidden")
    progress = gr.HTML("")
    import_and_export.shortcuts()
    unlicensed, line, licence, license_all = _unlicensed()
    filters = _filters()
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=420):
            several = bulk.build()
            pictures, back, where, on = _grid()
        sample = sample_panel(store, chosen)
    changes = import_and_export.build(studio, progress, [*filters.values()])
    recount = numbers_fold.build(store)

    relist: Options = {
        "fn": partial(_list, store),
        "inputs": [*filters.values(), number, chosen, several.selected, turn],
        "outputs": [pictures, shown, number, where, progress, unlicensed, line, place],
        **LIST,
    }
    for event in [control.change for control in filters.values()]:
        event(first_page, [number, wanted, turn, *filters.values()], [number, wanted], **MOVING).then(**relist)
    back.click(lambda page: page - 1, number, number, **MOVING).then(**relist)
    on.click(lambda page: page + 1, number, number, **MOVING).then(**relist)
    pictures.select(_pick, shown, chosen, **MOVING).success(**relist)
    reopen = _wire_sample(store, chosen, sample)
    chose, acted = bulk.wire(store, several, shown, [*filters.values()])
    for event in chose:
        event.success(**relist)
    for event in (*acted, license_all.click(partial(bulk.license_rest, store), licence, line, **QUIET)):
        event.success(**relist).then(**reopen)  # the sample shown may be one of them
    follow = chosen.change(
        partial(page_to_show, store), [chosen, number, wanted, *filters.values()], [number, wanted], **MOVING
    )
    follow.then(**relist)
    _wire_review(store, chosen, removed, filters, sample, relist, reopen)
    for change in changes:
        change(**relist)
    progress.change(**recount)

    def refresh(page: gr.Blocks, tab: gr.Tab) -> None:
        page.load(**relist)
        tab.select(**relist).then(**reopen).then(**recount)  # the sample may have been corrected meanwhile

    return Built(sample, refresh, [chosen, number, wanted, turn, *filters.values()], relist, place)


def wire(
    studio: Studio,
    built: Built,
    *,
    page: gr.Blocks,
    tab: gr.Tab,
    editor: gr.HTML,
    tabs: gr.Tabs,
    address: gr.HTML,
) -> None:
    """The button of the sample shown takes it over to `editor` and shows the Correct tab; `tab` is this one.

    The page's `address` names what is shown, and brings it back.
    """
    built.refresh(page, tab)

    @shows_errors
    def correct(number: int) -> tuple[object, object]:
        return show(take_sample(studio.workspace, number))

    def wished(event: gr.EventData) -> tuple[object, ...]:
        return asked(studio.store, wish_of(event))

    built.sample["correct"].click(correct, built.sample["seen"], [editor, tabs], **QUIET)
    address.asks_dataset(wished, None, built.asking, **MOVING).success(**built.relist)
    built.place.change(lambda place: place, built.place, address, queue=False, **QUIET | LATEST)


def _filters() -> dict[str, Any]:
    with gr.Row():
        return {
            "text": gr.Textbox(
                "",
                label="Search",
                placeholder="name, source, author, licence, number, tag:hair",
                scale=3,
                max_lines=1,
            ),
            "states": _any_of(STATES, "State"),
            "splits": _any_of(SPLITS, "Split"),
            "assignee": gr.Textbox("", label="Assigned to", placeholder="anybody", scale=1),
            "is_deleted": gr.Checkbox(label="Deleted", scale=0, elem_id="deleted"),
        }


def _any_of(words: Mapping[Any, str], label: str) -> Any:
    """A list of which several can be chosen; page.js has it say "any" while none is."""
    return gr.Dropdown(
        [(text, str(choice)) for choice, text in words.items()],
        multiselect=True,
        label=label,
        scale=2,
        elem_classes="any-of",
    )


def _grid() -> tuple[Part, Part, Part, Part]:
    """A page of pictures: (the pictures, the button back, which page it is, the button on)."""
    pictures = gr.Gallery(
        show_label=False, columns=4, height=None, elem_id="dataset-pictures", allow_preview=False, object_fit="cover",
        buttons=[],
    )  # fmt: skip
    with gr.Row(elem_classes="pager"):
        back, where, on = gr.Button("‹", min_width=40, scale=0), gr.Markdown(), gr.Button("›", min_width=40, scale=0)
    return pictures, back, where, on


def _unlicensed() -> tuple[Part, Part, Part, Part]:
    """The line of samples without a licence: (all of it, its words, the licence, the button that sets it)."""
    with gr.Row(visible=False, elem_classes="no-licence") as row:
        line = gr.Markdown()
        licence = gr.Dropdown(LICENCES, value="", label="Licence", container=False, scale=0, min_width=180)
        button = gr.Button("Set it for all of them", size="sm", scale=0, min_width=170)
    return row, line, licence, button


def _wire_sample(store: Store, chosen: Part, sample: dict[str, Any]) -> Options:
    """The chosen sample is shown, and compared as a person wants; the keywords of an event that shows it again."""
    compared = gr.State(())
    shown = ("panel", "seen", "name", "facts", "left", "right")
    details = [*(sample[name] for name in shown), compared, sample["slider"]]
    looking = [chosen, sample["left"], sample["right"], sample["kind"], compared]
    reopen: Options = {
        "fn": partial(_open, store), "inputs": [chosen, sample["kind"]], "outputs": details, **BROWSING
    }  # fmt: skip
    chosen.change(**reopen).success(None, js=SCROLL, **QUIET)
    for control in ("left", "right", "kind"):
        sample[control].input(partial(_look, store), looking, [compared, sample["slider"]], **BROWSING)
    return reopen


def _wire_review(
    store: Store,
    chosen: Part,
    removed: Part,
    filters: dict[str, Any],
    sample: dict[str, Any],
    relist: Options,
    reopen: Options,
) -> None:
    """Moving through the samples, and what a reviewer does; each shows the sample and the list as they then are."""
    seen, person = sample["seen"], sample["person"]
    for name, step in (("previous", previous_sample), ("next", next_sample)):
        sample[name].click(partial(move, step, store), [chosen, *filters.values()], chosen, **MOVING)
    acts: list[tuple[str, Any, list[Any], list[Any]]] = [
        ("done", partial(judge, State.DONE), [seen, person], []),
        ("approve", approve, [seen, person, *filters.values()], [chosen]),
        ("reject", reject, [seen, person, sample["reason"]], [sample["reason"]]),
        ("assign", assign_to, [seen, person], []),
        ("restore", go_back, [seen, sample["left"], person], []),
        ("delete", remove, [seen], [removed, sample["undo"]]),
        ("undo", bring_back, [removed], [sample["undo"]]),
    ]
    for name, act, inputs, outputs in acts:
        acted = sample[name].click(partial(act, store), inputs, outputs, **JUDGING)
        acted.success(**reopen).then(**relist)


@shows_errors
def _list(
    store: Store, text: str, states: list[str], splits: list[str], assignee: str, is_deleted: bool, number: int,
    chosen: int, selected: tuple[int, ...], turn: int,
) -> tuple[object, ...]:  # fmt: skip
    """(pictures, samples, page, where, progress, line of samples without a licence, what the address is told) of the
    page the filters ask for.

    The picture of the sample `chosen` is framed; those `selected` are ticked.
    """
    query = query_of(text, states, splits, assignee, is_deleted)
    page = page_of(store, query, number)
    where = f"Page {page.number} of {page.pages} · {counted(page.total, 'sample')}" if page.total else "No samples here"
    framed = page.samples.index(chosen) if chosen in page.samples else None
    pictures = [
        (picture_file(picture), f"✓ {caption}" if sample in selected else caption)
        for sample, (picture, caption) in zip(page.samples, page.pictures, strict=True)
    ]
    line = bulk.unlicensed_line(store)
    gallery = gr.Gallery(pictures, selected_index=framed)
    names_page = framed is None if chosen else page.number > 1
    place = told("dataset", Place(chosen, query, page.number if names_page else 0).text, turn)
    return gallery, page.samples, page.number, where, progress_html(store), gr.Row(visible=bool(line)), line, place


def _pick(shown: list[int], event: gr.SelectData) -> int:
    """The sample to show: the one whose picture was clicked."""
    return int(shown[event.index])


@shows_errors
def _open(store: Store, number: int, kind: str) -> tuple[object, ...]:
    """What is shown of the sample: the photo against its current revision as the chosen kind.

    (panel, number, name, facts, left, right, what is compared, slider)
    """
    if not number:
        return gr.Column(visible=False), 0, "", "", gr.skip(), gr.skip(), (), None
    choices = revision_choices(store, number)
    newest = choices[0][1]
    return (
        gr.Column(visible=True),
        number,
        headline(store, number),
        describe(store, number),
        gr.Dropdown(choices, value=0),
        gr.Dropdown(choices, value=newest),
        (number, 0, newest, kind),
        _compare(store, number, 0, newest, kind),
    )


@shows_errors
def _look(store: Store, number: int, left: int, right: int, kind: str, compared: tuple[object, ...]) -> object:
    """(what is compared, slider) as chosen; Gradio's lists report a choice even if they only lose the focus."""
    wanted = (number, left, right, kind)
    return (gr.skip(), gr.skip()) if wanted == compared else (wanted, _compare(store, *wanted))


def _compare(store: Store, number: int, left: int, right: int, kind: str) -> object:
    """Both sides of the slider."""
    return view(store, number, left, kind), view(store, number, right, kind)
