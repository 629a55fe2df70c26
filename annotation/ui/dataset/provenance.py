"""The fold of the Dataset tab with the provenance and tags of the sample shown, and a form to change it."""

from functools import partial

import gradio as gr

from annotation.store import Provenance, Store, get_sample, set_provenance, tidy_tags
from annotation.transfer.licences import check_licence
from annotation.ui.dataset.steps import describe
from annotation.ui.errors import shows_errors
from annotation.ui.events import QUIET, Part

LICENCES = ["", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "LicenseRef-own-work"]
PERSON = {"not stated": None, "yes": True, "no": False}


def fields() -> list[Part]:
    """Source, author, licence, person visible, consent, tags: in the order in which `provenance_of` takes them."""
    with gr.Row():
        source = gr.Textbox("", label="Source", placeholder="where they come from")
        author = gr.Textbox("", label="Author")
        licence = gr.Dropdown(LICENCES, value="", label="Licence (SPDX)", allow_custom_value=True)
    with gr.Row():
        person = gr.Dropdown(list(PERSON), value="not stated", label="Person visible")
        consent = gr.Textbox("", label="Consent", placeholder="who agreed to what")
        tags = gr.Textbox("", label="Tags", placeholder="words such as hair, glass")
    return [source, author, licence, person, consent, tags]


def provenance_of(source: str, author: str, licence: str, person: str, consent: str, tags: str = "") -> Provenance:
    """What the fields say; ValueError for a licence that is none."""
    return Provenance(
        source=source,
        author=author,
        licence=check_licence(licence or ""),
        consent=consent,
        person_visible=PERSON[person],
        tags=tidy_tags(tags),
    )


def build(store: Store, chosen: Part, facts: Part) -> None:
    """Draw the fold; it follows the sample `chosen`, and what is kept shows in its `facts`."""
    filled_for = gr.State(0)
    with gr.Accordion("Where it comes from, and tags", open=False, elem_id="provenance"):
        values = fields()
        keep_it = gr.Button("Keep", size="sm")
    chosen.change(partial(show, store), [chosen], [filled_for, *values], **QUIET, trigger_mode="always_last")
    keep_it.click(partial(keep, store), [filled_for, *values], facts, **QUIET)


@shows_errors
def show(store: Store, number: int) -> tuple[object, ...]:
    """(the sample, its fields); keeping later goes to that sample, whichever is shown by then."""
    if not number:
        return 0, "", "", "", "not stated", "", ""
    sample = get_sample(store, number)
    person = next(name for name, value in PERSON.items() if value == sample.person_visible)
    return number, sample.source, sample.author, sample.licence, person, sample.consent, sample.tags


@shows_errors
def keep(store: Store, number: int, *values: str) -> str:
    """Store what the fields say of the sample; its facts."""
    set_provenance(store, [number], provenance_of(*values))
    gr.Info(f"Kept for sample {number}.")
    return describe(store, number)
