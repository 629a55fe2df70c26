"""Messages as they travel on a socket: JSON objects, each a model of pydantic; the browser's side declares the same."""

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

M = TypeVar("M")


class Message(BaseModel):
    """A message of one side. Fields that this version does not know are ignored."""

    model_config = ConfigDict(strict=True, frozen=True)


class MessageError(ValueError):
    """A message that cannot be used; says what was wanted."""


class Named(Message):
    """A message with a name of its own, by which it can be answered."""

    id: str = Field(max_length=80)


def read(form: TypeAdapter[M], message: str | bytes, most: int) -> M:
    """The `form` that a text of at most `most` characters holds; MessageError if it holds something else."""
    if isinstance(message, bytes):
        raise MessageError("a message must be text, but got bytes")
    if len(message) > most:
        raise MessageError(f"a message has at most {most} characters, but got {len(message)}")
    try:
        return form.validate_json(message)
    except ValidationError as error:
        raise MessageError(sentence(error)) from error


def name_of(message: str | bytes) -> str | None:
    """The id of a message of any form, known or not."""
    try:
        return Named.model_validate_json(message).id
    except ValidationError:
        return None


def sentence(error: ValidationError) -> str:
    """The first error, in one sentence."""
    first = error.errors(include_url=False)[0]
    place = ".".join(map(str, first["loc"]))
    wanted = " ".join(first["msg"].split())  # it may quote what came, of any length
    wanted = wanted[:1].lower() + wanted[1:150]
    return f"a message cannot be used{place and f', see its {place:.60}'}: {wanted}, but got {first['input']!r:.100}"
