"""The part of the page that keeps the browser's address; see address.js. The tabs tell it what is open in them."""

from pathlib import Path
from typing import NamedTuple

import gradio as gr

SCRIPT = Path(__file__).with_name("address.js")


TABS = ("cut-out", "dataset", "train")
"""Those that the server opens something in; the editor does so itself."""


class Wish(NamedTuple):
    """What the address asks a tab to show."""

    what: str
    """As the tab itself named it; "" for nothing."""
    turn: int
    """The number of this wish. The tab tells it with what it shows: what answers an earlier wish comes too late."""


def address_bar() -> gr.HTML:
    """The part, out of sight. For each of TABS it has an event, as `asks_cut_out`; see `wish_of`."""
    asks = ", ".join(f"'{tab}': wish => trigger('asks_{tab.replace('-', '_')}', wish)" for tab in TABS)
    script = SCRIPT.read_text(encoding="utf-8") + f"\nfollowAddress({{ props, watch, asks: {{ {asks} }} }});\n"
    return gr.HTML(None, js_on_load=script, visible="hidden")


def wish_of(event: gr.EventData) -> Wish:
    """What an event of the part asks for; what a browser makes up is a wish for nothing."""
    try:
        what, turn = event.what, event.turn
    except (AttributeError, TypeError):
        return Wish("", 0)
    return Wish(what if isinstance(what, str) else "", turn if isinstance(turn, int) else 0)


def turn_of_a_tab() -> gr.Number:
    """Keeps the turn of a tab's last fulfilled wish; in the page, so that it comes together with what is shown."""
    return gr.Number(0, precision=0, visible="hidden")


def shown(tab: str, what: str = "", turn: int = 0) -> dict[str, object]:
    """The part's value that says what is open in `tab`, since the wish of that `turn`; "" for nothing."""
    return {"show": tab, "what": what, "turn": turn}
