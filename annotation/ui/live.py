"""The Live tab: the camera's picture over another background, in the browser."""

from datetime import datetime

import gradio as gr
from starlette.routing import BaseRoute

from annotation.live.routes import SNAPSHOT, STATIC
from annotation.live.routes import routes as live_routes
from annotation.studio import Studio
from annotation.ui.correct.open_in_correct import show, take_over
from annotation.web.forwarding import ROOT_SCRIPT
from matting import load_model
from matting.arrays import Alpha, Image
from matting.models import LIVE_MODELS, MODELS
from matting.weights import WEIGHTS
from matting.weights.credit import Answer

SCRIPT = (
    ROOT_SCRIPT
    + """
import(root + "live/static/live.js").then(({ mount }) => {
  mount({ element, props, corrected: () => trigger("corrected") }, root);
}).catch(error => {
  element.querySelector(".live-words").textContent = `Live could not be loaded: ${error.message}. Reload the page.`;
});
"""
)


def build(studio: Studio) -> gr.HTML:  # noqa: ARG001 — every tab is built with the studio
    """Draw the tab; all of it lives in the browser. Gives the element, which triggers "corrected" with {"work": id}."""
    return gr.HTML(
        html_template=(STATIC / "live.html").read_text(encoding="utf-8"),
        css_template=(STATIC / "live.css").read_text(encoding="utf-8"),
        js_on_load=SCRIPT,
        models=[{"name": name, "title": title(name)} for name in LIVE_MODELS],
        elem_id="live",
        apply_default_css=False,
    )


def wire(element: gr.HTML, *, editor: gr.HTML, tabs: gr.Tabs) -> None:
    """Open in `editor` the frame that the Live tab sent for correction."""
    element.corrected(opened, element, [editor, tabs], api_visibility="private")


def opened(value: object) -> tuple[object, object]:
    """(the editor's value, the tabs) for the draft that the Live tab names."""
    return show(str(value["work"])) if isinstance(value, dict) and "work" in value else (gr.skip(), gr.skip())


def routes(studio: Studio) -> list[BaseRoute]:
    """The addresses of the live picture."""

    def keep(image: Image, alpha: Alpha) -> str:
        found = Answer(alpha, load_model(SNAPSHOT).credit())
        return take_over(studio.workspace, image, found, name=f"Live {datetime.now():%Y-%m-%d %H.%M.%S}")

    return live_routes(keep)


def title(name: str) -> str:
    """What a person chooses, with size and licence if choosing means a download."""
    model = LIVE_MODELS[name]
    weights = WEIGHTS[MODELS[name].weights[0]]
    terms = "" if weights.by_default else f" · {weights.size / 1e6:.0f} MB, {weights.licence}"
    return f"{model.title}{terms}"
