"""What a public demo's page adds: pictures kept apart by visitor, a note on what is kept, and a way to erase it."""

from pathlib import Path
from typing import Any

import gradio as gr
from starlette.requests import HTTPConnection

from annotation.visits.limits import Limits
from annotation.visits.visit import Visit, current, inside
from annotation.visits.visits import Visits
from annotation.web.erasing import SCRIPT
from annotation.web.visitors import COOKIE, files_in

WORDS = (
    "**A public demo.** Nobody else sees what you bring. It is erased {time} after your last action, "
    "or at once by the button."
)


class VisitorsPage(gr.Blocks):
    """A page whose events run inside the visit of whoever causes them; the files that they show belong to that visit.

    The two methods are Gradio's own, of 6.31; tests/annotation/visits/test_demo_browser.py says when they are not used.
    """

    def __init__(self, visits: Visits, **options: Any) -> None:
        super().__init__(**options)
        self.visits = visits

    async def process_api(self, *given: Any, **options: Any) -> dict[str, Any]:
        """Run an event."""
        with inside(self.visit_of(options.get("request"))):
            return await super().process_api(*given, **options)

    async def postprocess_data(self, *given: Any, **options: Any) -> list[Any]:
        """The part of an event's results that the browser is sent."""
        data = await super().postprocess_data(*given, **options)
        if visit := current():
            for path in files_in(data):
                self.visits.claim(visit, Path(path))
        return data

    def visit_of(self, request: Any) -> Visit | None:
        """The visit that an event's request belongs to."""
        asked = getattr(request, "request", None)
        return self.visits.find(asked.cookies.get(COOKIE, "")) if isinstance(asked, HTTPConnection) else None


def notice(limits: Limits) -> None:
    """Draw what a visitor should know, and the button that erases everything."""
    hours, minutes = divmod(limits.kept_minutes, 60)
    time = " and ".join(
        f"{count} {unit}{'s' * (count > 1)}" for count, unit in ((hours, "hour"), (minutes, "minute")) if count
    )
    with gr.Row(elem_id="demo"):
        gr.Markdown(WORDS.format(time=time))
        erase = gr.Button("Erase my pictures", size="sm", scale=0, min_width=150, elem_id="erase")
    erase.click(None, js=SCRIPT, api_visibility="private")
