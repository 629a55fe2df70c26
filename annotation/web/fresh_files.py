"""The page's own scripts and styles: a browser asks each time whether its copy is the newest."""

from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles


class FreshFiles(StaticFiles):
    """Files that a browser keeps, but uses only if they are unchanged: after an update it never mixes two versions."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        """See StaticFiles; 304 without content if the browser has it."""
        response = super().file_response(*given, **named)
        response.headers["Cache-Control"] = "no-cache"
        return response
