"""The answers that led to an alpha, in order, as a revision and a draft store them."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TypedDict

from annotation.store.tables.samples import Revision
from matting.weights.credit import Credit, all_of


class Credited(TypedDict):
    """The columns of a revision that say where its alpha came from; see `Effort`."""

    model: str
    weights: str
    weights_licence: str
    answers: str


def credited(answers: Sequence[Credit]) -> Credited:
    """The columns for an alpha to which `answers` led: the last one gave it, and the licences of all apply to it.

    An alpha solved from a trimap that was made from another model's alpha comes from the weights of both models.
    """
    line = without_repeats(answers)
    last = line[-1] if line else Credit("")
    return Credited(
        model=last.model,
        weights=last.weights,
        weights_licence=all_of(one.licence for one in line),
        answers=to_text(line),
    )


def without_repeats(answers: Sequence[Credit]) -> list[Credit]:
    """`answers` with only the last one of each model and its weights, so that they do not grow with every save."""
    last = {(one.model, one.weights): one for one in reversed(answers)}
    return list(last.values())[::-1]


def credits_of(revision: Revision | None) -> list[Credit]:
    """The answers that led to the revision's alpha; for a revision of an older version, those that are known."""
    if revision is None:
        return []
    known = [Credit(revision.model, revision.weights, revision.weights_licence)] if revision.model else []
    return from_text(revision.answers) or known


def to_text(answers: Sequence[Credit]) -> str:
    """`answers` as a column stores them: JSON, or "" for none."""
    return json.dumps([asdict(one) for one in answers]) if answers else ""


def from_text(text: str) -> list[Credit]:
    """The answers in a text by `to_text`; ValueError for any other text."""
    try:
        answers = [Credit(**fields) for fields in json.loads(text)] if text else []
    except (TypeError, RecursionError) as error:
        raise ValueError(f"answers are a list of models with their weights, but got {text!r:.100}") from error
    for one in answers:
        if not all(isinstance(value, str) for value in (one.model, one.weights, one.licence)):
            raise ValueError(f"an answer names its model, weights and licence, but got {one!r:.100}")
    return answers
