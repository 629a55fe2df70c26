"""The part of the page that keeps the browser's address; see address.js. The tabs tell it what is open in them."""

from pathlib import Path

import gradio as gr

SCRIPT = Path(__file__).with_name("address.js")


def address_bar() -> gr.HTML:
    """The part, out of sight. It triggers "asked", its value then `{"ask": "dataset/12"}`."""
    script = (
        SCRIPT.read_text(encoding="utf-8") + "\nfollowAddress({ props, watch, trigger: () => trigger('asked') });\n"
    )
    return gr.HTML(None, js_on_load=script, visible="hidden")


def asked_of(value: object, tab: str) -> str | None:
    """What the address asks to be opened in `tab`, as "dataset"; None if it asks for another tab."""
    asked = value.get("ask") if isinstance(value, dict) else None
    name, _, what = asked.partition("/") if isinstance(asked, str) else ("", "", "")
    return what if name == tab and what else None


def shown(tab: str, what: str = "", *, replaces: bool = False) -> dict[str, object]:
    """The part's value that says what is open in `tab`; `replaces` if Back should not return to what was before."""
    return {"show": f"{tab}/{what}" if what else tab, "replaces": replaces}
