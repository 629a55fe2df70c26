"""What people state about a picture, in one table: forms, records of exports and the page follow it."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

YES_NO = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What people say about a picture: where it comes from, what may be done with it, how it is found."""

    source: str = ""
    author: str = ""
    licence: str = ""
    """An SPDX expression such as "CC-BY-4.0"; empty while unknown."""
    consent: str = ""
    """Who agreed to what, if a person is visible."""
    person_visible: bool | None = None
    tags: str = ""
    """Words by which people find it, as `tidy_tags` writes them."""


def words_of(text: str) -> list[str]:
    """The tags in `text`: its words, between spaces or commas, in lower case, each once, in alphabetical order."""
    plain = unicodedata.normalize("NFC", text).casefold().replace(",", " ")
    words = ("".join(filter(str.isprintable, word)).lstrip("#") for word in plain.split())
    return sorted({word for word in words if word})


def tidy_tags(text: str) -> str:
    """The tags in `text` as the database stores them: "Hair, #glass hair" becomes "glass hair"."""
    return " ".join(words_of(text))


@dataclass(frozen=True)
class Fact:
    """A field of Provenance: how it is asked for, shown and written."""

    title: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    """What can be chosen, the first if nothing is said; with `is_open`, anything else can be written, too."""
    is_open: bool = False
    parse: Callable[[str], Any] = str
    """The value, from what a person or a record writes."""
    write: Callable[[Any], str] = str
    unstated: str = "not stated"
    longest: int | None = None
    """How many characters can be stored, if not any number; longer ones are refused, or cut if `may_be_cut`."""
    may_be_cut: bool = False

    def asked(self, value: object) -> str:
        """The value as it stands in a form."""
        return self.write(value) if value is not None else self.choices[0]

    def shown(self, value: object) -> str:
        """The value for a person to read."""
        return self.write(value) if value not in ("", None) else self.unstated


FACTS: dict[str, Fact] = {
    "source": Fact("Source", "where they come from"),
    "author": Fact("Author", longest=255, may_be_cut=True),
    "licence": Fact(
        "Licence (SPDX)",
        choices=("", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "LicenseRef-own-work"),
        is_open=True,
        longest=255,  # a truncated licence could mean something else
    ),
    "person_visible": Fact(
        "Person visible",
        choices=("not stated", "yes", "no"),
        parse={"yes": True, "no": False}.get,
        write=YES_NO.__getitem__,
    ),
    "consent": Fact("Consent", "who agreed to what"),
    "tags": Fact("Tags", "words such as hair, glass", parse=tidy_tags, unstated="none"),
}
"""By the name of the field, which is that of the column, in the order of the forms."""
