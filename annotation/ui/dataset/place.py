"""What the Dataset tab shows, as the page's address names it: `12?state=done&text=hair&page=2`."""

from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode

import gradio as gr

from annotation.store import Split, State, Store, StoreError, get_sample
from annotation.ui.dataset.steps import Query, page_with
from annotation.ui.errors import shows_errors
from annotation.web.address import Wish


class Place(NamedTuple):
    """What is shown."""

    sample: int = 0
    """The one beside the pictures; 0 is none."""
    query: Query = Query()
    page: int = 0
    """0 is the one that holds the sample, else the first."""
    turn: int = 0
    """Of the wish that the address asked for it with; not in the address itself."""

    @classmethod
    def read(cls, text: str) -> "Place":
        """The place that an address names; what it does not understand is left out."""
        sample, _, rest = text.partition("?")
        said = parse_qs(rest)
        query = Query(
            said.get("text", [""])[0],
            tuple(state for state in said.get("state", []) if state in {*State}),
            tuple(split for split in said.get("split", []) if split in {*Split}),
            said.get("assigned", [""])[0],
            "deleted" in said,
        )
        return cls(_number(sample), query, _number(said.get("page", [""])[0]))

    @property
    def text(self) -> str:
        """As `read` takes it."""
        query = self.query
        said = {
            "text": query.text.strip(),
            "state": query.states,
            "split": query.splits,
            "assigned": query.assignee.strip(),
            "deleted": "1" if query.is_deleted else "",
            "page": self.page,
        }
        rest = urlencode({name: value for name, value in said.items() if value}, doseq=True)
        return (str(self.sample) if self.sample else "") + (f"?{rest}" if rest else "")


def _number(text: str) -> int:
    """A number of at most nine digits; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def query_of(text: str, states: list[str], splits: list[str], assignee: str, is_deleted: bool) -> Query:
    """What the filters ask for."""
    return Query(text, tuple(states or ()), tuple(splits or ()), assignee, is_deleted)


def first_page(number: int, asked: Place, turn: int, *filters: Any) -> tuple[int, Place]:
    """(page, what the address asked for): the first page, unless the address set the filters, or is about to."""
    return (number, asked) if turn < asked.turn or query_of(*filters) == asked.query else (1, Place(turn=turn))


@shows_errors
def page_to_show(store: Store, chosen: int, number: int, asked: Place, *filters: Any) -> tuple[int, Place]:
    """(page, what the address asked for): the page that holds the sample shown, unless the address chose both."""
    if chosen in (0, asked.sample):
        return number, asked
    return page_with(store, query_of(*filters), chosen), Place(turn=asked.turn)


def asked(store: Store, wish: Wish) -> tuple[object, ...]:
    """(sample, page, the place, the turn, *filters) as the address asks; a sample that is not there is none."""
    place = Place.read(wish.what)
    try:
        sample = get_sample(store, place.sample).id if place.sample else 0
    except StoreError as error:
        gr.Warning(f"{error}.".capitalize())
        sample = 0
    query = place.query
    page = place.page or (page_with(store, query, sample) if sample else 1)
    filters = query.text, [*query.states], [*query.splits], query.assignee, query.is_deleted
    return sample, page, Place(sample, query, page, wish.turn), wish.turn, *filters
