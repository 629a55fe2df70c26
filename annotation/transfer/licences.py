"""May a sample be passed on? The licences of its photo and of the weights behind its alpha, as SPDX expressions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from license_expression import AND, ExpressionError, Licensing
from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from annotation.plurals import counted
from annotation.store import Revision, Sample, StoreError
from annotation.store.credits import credits_of
from matting.weights.trained import UNKNOWN

NON_COMMERCIAL = re.compile(r"(^|-)(NC|NONCOMMERCIAL|NON-COMMERCIAL|RESEARCH)(-|$)", re.IGNORECASE)
"""Words in a licence's name that forbid commercial use."""
UNNAMED = {"ALADDIN", "NCGL-UK-2.0"}
"""Licences of the SPDX list that forbid commercial use without saying so in their names."""


class Use(StrEnum):
    """The purpose of an export."""

    OWN = "own"
    """Training on your own machines; nothing is passed on."""
    RESEARCH = "research"
    """Passed on, for research."""
    COMMERCIAL = "commercial"
    """Passed on, for any use."""


class LicenceError(StoreError):
    """Some samples may not be exported for that use."""


@dataclass(frozen=True)
class Verdict:
    """The faults of one sample: `refused` forbids the export, `warned` is only reported."""

    refused: str = ""
    warned: str = ""


def check_licence(expression: str) -> str:
    """The SPDX expression in its proper spelling ("cc-by-4.0" → "CC-BY-4.0"), or ""; ValueError for any other text."""
    if not expression.strip():
        return ""
    try:
        return canonicalize_license_expression(expression)
    except InvalidLicenseExpression as error:
        raise ValueError(
            f"a licence is an SPDX expression such as CC-BY-4.0, CC0-1.0 or LicenseRef-own, but got {expression!r}"
        ) from error


@cache
def is_non_commercial(expression: str) -> bool:
    """Whether every choice in the expression forbids commercial use. In any other text, one such word is enough."""
    try:
        return bool(expression) and forbids(Licensing().parse(expression))
    except (ExpressionError, RecursionError):
        return any(forbids_by_name(word) for word in re.split(r"[\s()]+", expression))


def forbids(part: Any) -> bool:
    """Whether a part of a parsed expression forbids commercial use: one term of AND is enough, OR takes all terms."""
    if not part.args:
        return any(forbids_by_name(word) for word in str(part).split())
    return (any if isinstance(part, AND) else all)(forbids(term) for term in part.args)


def forbids_by_name(name: str) -> bool:
    """Whether the name of one licence says that commercial use is forbidden."""
    return name.upper() in UNNAMED or bool(NON_COMMERCIAL.search(name))


def judge(sample: Sample, revision: Revision, use: Use) -> Verdict:
    """Whether the sample may be exported for that use, and why not."""
    title = title_of(sample)
    missing = f"{title} has no licence"
    person = f"{title} shows a person and names no consent"
    photo = f"{title} has the non-commercial licence {sample.licence}"
    weights = f"{title} has an alpha from {models_of(revision)} with the non-commercial licence "
    weights += revision.weights_licence
    unknown = f"{title} has an alpha from {models_of(revision)} under a licence that nobody has stated"
    faults = [
        (not sample.licence, missing, use != Use.OWN),
        (bool(sample.person_visible) and not sample.consent, person, use != Use.OWN),
        (is_non_commercial(sample.licence), photo, use == Use.COMMERCIAL),
        (is_non_commercial(revision.weights_licence), weights, use == Use.COMMERCIAL),
        (UNKNOWN in revision.weights_licence, unknown, use == Use.COMMERCIAL),
    ]
    refused = [text for holds, text, forbids in faults if holds and forbids]
    warned = [text for holds, text, forbids in faults if holds and not forbids]
    return Verdict("; ".join(refused), "; ".join(warned))


def models_of(revision: Revision) -> str:
    """The models whose weights have a part in the alpha, for a person to read."""
    return " and ".join(one.model for one in credits_of(revision) if one.licence) or "weights"


def check_licences(pairs: Iterable[tuple[Sample, Revision]], use: Use) -> list[str]:
    """Warnings about samples that may be exported; LicenceError if some may not."""
    refused: list[str] = []
    warned: dict[str, list[str]] = {}
    for sample, revision in pairs:
        verdict = judge(sample, revision, use)
        refused += filter(None, [verdict.refused])
        if verdict.warned:
            warned.setdefault(verdict.warned.replace(title_of(sample), ""), []).append(verdict.warned)
    if refused:
        raise LicenceError(f"for {use} use this cannot be exported: {_first_of(refused)}")
    return [_first_of(alike) for alike in warned.values()]


def _first_of(words: list[str]) -> str:
    """The first, and how many more samples there are."""
    return words[0] if len(words) == 1 else f"{words[0]}, and {counted(len(words) - 1, 'more sample')}"


def title_of(sample: Sample) -> str:
    """How a sentence names a sample."""
    return f"sample {sample.id} ({sample.name})"
