"""The address at which a visitor to a demo erases everything."""

from http import HTTPStatus

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from annotation.visits.visit import current
from annotation.visits.visits import Visits
from annotation.web.forwarding import ROOT_SCRIPT

SCRIPT = f"""
async () => {{
  if (!confirm("Erase every picture of your visit, now and for good?")) return;
  {ROOT_SCRIPT.strip()}
  const answer = await fetch(new URL("visit/erase", root), {{ method: "POST" }}).catch(() => null);
  if (answer?.ok || answer?.status === 404) location.replace(root);
  else alert("Your pictures could not be erased; please try again.");
}}
"""
"""JavaScript: asks, erases, and begins anew."""


def erasing_route(visits: Visits) -> Route:
    """Its route, to add to the app."""

    async def erase(request: Request) -> Response:  # noqa: ARG001 — the visit is the one it runs in
        visit = current()
        if visit is not None:
            await run_sync(visits.erase, visit)
        return JSONResponse({}, HTTPStatus.OK)

    return Route("/visit/erase", erase, methods=["POST"])
