"""A name that a person mistyped: which one was meant?"""

from collections.abc import Iterable
from difflib import get_close_matches


def meant(text: str, names: Iterable[str]) -> str:
    """The words "(did you mean NAME?)", after a space, for the name most like `text`, whatever the case; "" if none is
    like it."""
    near = get_close_matches(text.lower(), names, n=1, cutoff=0.7)
    return f" (did you mean {near[0]}?)" if near else ""
