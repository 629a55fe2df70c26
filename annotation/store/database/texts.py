"""Refusing texts that not every database can store, with the same message for all databases."""

from collections.abc import Iterator
from typing import Any

from annotation.store.errors import StoreError


def check_texts(connection: object, cursor: object, statement: str, parameters: Any, *rest: object) -> None:  # noqa: ARG001
    """For SQLAlchemy's event before a statement runs: StoreError if a text in it has a NUL or half a character.

    PostgreSQL refuses these with its own message; SQLite accepts a NUL, and then tools differ on where the text ends.
    """
    for text in texts_in(parameters):
        if "\0" in text or not is_whole(text):
            raise StoreError(
                f"a text must not hold a NUL or half a character (a lone surrogate), but got {text[:100]!a}"
            )


def texts_in(parameters: Any) -> Iterator[str]:
    """Every text among the values of a statement, or of many at once."""
    if isinstance(parameters, str):
        yield parameters
    elif isinstance(parameters, dict):
        yield from texts_in(list(parameters.values()))
    elif isinstance(parameters, (list, tuple)):
        for value in parameters:
            yield from texts_in(value)


def is_whole(text: str) -> bool:
    """Whether every character of `text` can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
