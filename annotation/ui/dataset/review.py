"""What a reviewer does with samples: go from one to the next, judge, assign, restore, delete."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from annotation.store import (
    Filter,
    Sample,
    State,
    Store,
    assign,
    delete,
    next_sample,
    remark,
    restore,
    set_state,
    undelete,
)
from annotation.store.search import find_without_alpha
from annotation.ui.dataset.steps import Query
from annotation.ui.errors import shows_errors


@shows_errors
def move(
    step: Callable[[Store, int, Filter], Sample | None],
    store: Store,
    number: int,
    text: str,
    states: list[str],
    splits: list[str],
    assignee: str,
    is_deleted: bool,
) -> object:
    """The next or previous sample the filters allow; stays at the end."""
    query = Query(text, tuple(states or ()), tuple(splits or ()), assignee, is_deleted)
    found = step(store, number, query.filter())
    return found.id if found else gr.skip()


def accept(store: Store, numbers: Sequence[int], state: State, person: str) -> list[int]:
    """Set samples to done or approved; gives those that have no alpha and stay as they are: no export would hold them.

    ValueError if none of them has one.
    """
    bare = sorted({*numbers} & {*find_without_alpha(store, Filter())})
    if len(bare) == len(numbers):
        who = f"Sample {bare[0]} has" if len(bare) == 1 else "These samples have"
        raise ValueError(f"{who} no alpha yet: correct by hand, or press Label automatically below")
    set_state(store, [number for number in numbers if number not in bare], state, reviewer=person.strip())
    return bare


@shows_errors
def judge(state: State, store: Store, number: int, person: str) -> None:
    """Set the state of the sample."""
    accept(store, [number], state, person)


@shows_errors
def approve(store: Store, number: int, person: str, *filters: Any) -> object:
    """Approve the sample; gives the next one that the `filters` allow, as `move` takes them."""
    accept(store, [number], State.APPROVED, person)
    return move(next_sample, store, number, *filters)


@shows_errors
def reject(store: Store, number: int, person: str, reason: str) -> str:
    """Reject the sample; the reason, if given, goes into its history. Gives an empty reason for the next."""
    if reason.strip():
        remark(store, number, f"rejected: {reason.strip()}", author=person.strip())
    set_state(store, [number], State.REJECTED, reviewer=person.strip())
    return ""


@shows_errors
def assign_to(store: Store, number: int, person: str) -> None:
    """Give the sample to a person."""
    assign(store, [number], person.strip())


@shows_errors
def go_back(store: Store, number: int, revision: int, person: str) -> None:
    """Make an earlier revision the current one, by a new revision."""
    if not revision:
        raise ValueError("Choose the revision to go back to on the left; the photo is not a revision")
    saved = restore(store, number, revision, author=person.strip())
    gr.Info(f"Saved, revision {saved.number}: {saved.note}.")


@shows_errors
def remove(store: Store, number: int) -> tuple[int, object]:
    """Delete the sample; what Undo brings back."""
    delete(store, [number])
    return number, gr.Button(f"Undo delete of {number}", visible=True)


@shows_errors
def bring_back(store: Store, number: int) -> object:
    """Bring back the sample that was deleted last."""
    undelete(store, [number])
    return gr.Button(visible=False)
