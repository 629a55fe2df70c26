"""The fold of the Dataset tab with the provenance and tags of the sample shown, and a form to change it."""

from dataclasses import replace
from functools import partial

import gradio as gr

from annotation.store import FACTS, Fact, Provenance, Store, get_sample, set_provenance
from annotation.transfer.licences import check_licence
from annotation.ui.dataset.steps import describe
from annotation.ui.errors import shows_errors
from annotation.ui.events import QUIET, Part

LICENCES = FACTS["licence"].choices
A_ROW = 3
"""Fields that stand side by side."""


def fields() -> list[Part]:
    """A field for each of FACTS, in the order in which `provenance_of` takes them."""
    facts = list(FACTS.values())
    drawn: list[Part] = []
    for first in range(0, len(facts), A_ROW):
        with gr.Row():
            drawn += [_field(fact) for fact in facts[first : first + A_ROW]]
    return drawn


def _field(fact: Fact) -> Part:
    if not fact.choices:
        return gr.Textbox("", label=fact.title, placeholder=fact.hint)
    return gr.Dropdown(list(fact.choices), value=fact.choices[0], label=fact.title, allow_custom_value=fact.is_open)


def provenance_of(*answers: str | None) -> Provenance:
    """What the fields say; ValueError for a licence that is not one."""
    stated = {name: fact.parse(answer or "") for (name, fact), answer in zip(FACTS.items(), answers, strict=True)}
    return replace(Provenance(**stated), licence=check_licence(stated["licence"]))


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
    sample = get_sample(store, number) if number else Provenance()
    return number or 0, *(fact.asked(getattr(sample, name)) for name, fact in FACTS.items())


@shows_errors
def keep(store: Store, number: int, *values: str) -> str:
    """Store what the fields say about the sample; its facts."""
    set_provenance(store, [number], provenance_of(*values))
    gr.Info(f"Kept for sample {number}.")
    return describe(store, number)
