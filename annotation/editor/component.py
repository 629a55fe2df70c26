"""The trimap editor as a Gradio component. Its value says which draft is open; strokes travel by editor/routes.py."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from annotation.web.forwarding import ROOT_SCRIPT

FOLDER = Path(__file__).parent
SCRIPT = (
    ROOT_SCRIPT
    + """
import(root + "correct/static/component.js").then(({ mount }) => {
  mount({ element, props, watch, opened: () => trigger("opened"), left: () => trigger("left") }, root);
}).catch(error => {
  const place = element.querySelector(".shelf .problem");
  place.textContent = `The editor could not be loaded: ${error.message}. Reload the page.`;
});
"""
)
"""Gradio finds the events by their quoted names in this script."""


@dataclass(frozen=True)
class OpenedDraft:
    """Which draft a browser has open, and the secret that proves it is its own."""

    work: str
    secret: str


def trimap_editor(**options: Any) -> gr.HTML:
    """The editor. Its value is {"work": id} to open a draft, and {"work": id, "secret": …} when a browser has one open.

    It triggers "opened" for that, and "left" when the person goes back to the list. The app must serve the routes of
    annotation.editor.routes on its own port.
    """
    return gr.HTML(
        html_template=(FOLDER / "editor.html").read_text(encoding="utf-8"),
        css_template=(FOLDER / "editor.css").read_text(encoding="utf-8"),
        js_on_load=SCRIPT,
        apply_default_css=False,
        **options,
    )


def read_opened(value: Any) -> OpenedDraft | None:
    """Which draft a browser claims to have open, from the editor's value; the workspace checks the claim."""
    if not isinstance(value, dict) or not isinstance(value.get("secret"), str):
        return None
    return OpenedDraft(str(value.get("work", "")), value["secret"])
