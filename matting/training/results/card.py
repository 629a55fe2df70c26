"""The card that a file of weights carries: what they are, what they learned from, how good they are, their licence."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from matting.training.checkpoint import deciding
from matting.training.origin import Origin
from matting.training.settings import Settings
from matting.weights import WEIGHTS, sha256_of
from matting.weights.trained import SUFFIX, UNKNOWN, licence_of, read_card


def card_of(
    state: dict[str, Any],
    model: str,
    settings: Settings,
    origin: Origin,
    *,
    licence: str,
    outcome: dict[str, Any],
    chosen_by: str,
    data: dict[str, int],
    learned_from: Sequence[str],
) -> dict[str, Any]:
    """The card of the weights in a checkpoint's `state`; it depends only on the run, so it is the same each time."""
    scores = state["scores"]
    best = scores.get("best", {"step": state["step"], "score": None})
    share = outcome.get("share")
    is_start = best["step"] == 0 if share is None else share == 0
    return {
        "model": model,
        "licence": licence,
        "steps": state["step"],
        "steps_planned": settings.steps,
        "steps_of_unrecorded_origin": state.get("unrecorded", 0),
        "steps_planned_before": state.get("plans", [])[:-1],
        "step_chosen": 0 if is_start else best["step"] or state["step"],
        "chosen_by": chosen_by,
        "held_out": {"before": scores.get("before"), "validation": best["score"]},
        "share": share,
        "shares_tried": outcome.get("shares_tried", []),
        "is_start": is_start,
        "proof": outcome.get("proof"),
        "data": data,
        "learned_from": list(learned_from),
        "origin": asdict(origin),
        "synthetic": origin.synthetic,
        "settings": deciding(settings),
    }


def licence_after(start: Path | None, model: str, own: str) -> str:
    """The licence of weights tuned from `start`. The terms of `start` stay; `own`, if given, comes on top.

    `own` is the SPDX expression for what the training added. Without it, that part is unknown.

    Raises:
        ValueError: `own` is not an SPDX expression, or `start` cannot be read.
    """
    try:
        added = canonicalize_license_expression(own) if own else UNKNOWN
    except InvalidLicenseExpression as error:
        raise ValueError(f"--licence must be an SPDX expression such as CC-BY-4.0, but is {own!r}") from error
    before = _licence_of_start(start, model) if start else UNKNOWN
    if before in (UNKNOWN, added):
        return added
    return " AND ".join(f"({part})" if " OR " in part else part for part in (before, added))


def _licence_of_start(start: Path, model: str) -> str:
    digest = sha256_of(start)
    known = next((weights.licence for weights in WEIGHTS.values() if weights.sha256 == digest), "")
    return known or licence_of(read_card(start) if start.suffix == SUFFIX else {}, model)
