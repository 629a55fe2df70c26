"""The editor's routes on the app's own port: its files, a draft's pictures, and the socket.

A browser proves that a draft is its own with a secret it made itself and sends in a header.
"""

import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from annotation.correction.open_draft import OpenDraft
from annotation.correction.workspace import Workspace, alpha_bytes
from annotation.editor.socket import Socket
from annotation.store import NotYoursError, StoreError
from annotation.web.access import is_logged_in
from annotation.web.fresh_files import FreshFiles
from matting.files import encode_image

STATIC = Path(__file__).parent / "static"


def routes(workspace: Workspace) -> list[BaseRoute]:
    """The editor's routes under /correct, to add to the app."""
    pages = Pages(workspace)
    socket = Socket(workspace)
    return [
        WebSocketRoute("/correct/socket", socket.serve),
        Route("/correct/works", guarded(pages.drafts)),
        Route("/correct/works/{work}/photo", guarded(pages.photo)),
        Route("/correct/works/{work}/thumbnail", guarded(pages.thumbnail)),
        Route("/correct/works/{work}/start/{name}", guarded(pages.start)),
        Route("/correct/works/{work}/alpha", guarded(pages.alpha)),
        Route("/correct/works/{work}/close", guarded(pages.close), methods=["POST"]),
        Mount("/correct/static", FreshFiles(directory=STATIC)),
    ]


def guarded(page: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """`page` in a thread, for allowed visitors. What is not theirs gives 404, a malformed request 400."""

    async def answer(request: Request) -> Response:
        if not await is_logged_in(request):
            return JSONResponse({"error": "log in first"}, status_code=403)
        try:
            return await anyio.to_thread.run_sync(page, request)
        except NotYoursError as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        except (ValueError, StoreError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return answer


class Pages:
    """The plain requests. All but the list name a draft and need its owner's secret."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def drafts(self, request: Request) -> Response:
        """The drafts that this browser began and did not finish."""
        rows = self.workspace.drafts.unfinished(secret_of(request))
        listed = [
            {"id": draft.id, "name": draft.name, "width": draft.width, "height": draft.height, "strokes": strokes,
             "changed": draft.changed.isoformat()}
            for draft, strokes in rows
        ]  # fmt: skip
        return JSONResponse(listed, headers={"Cache-Control": "no-store"})

    def open(self, request: Request) -> OpenDraft:
        """The draft named in the path."""
        return self.workspace.open(request.path_params["work"], secret_of(request))

    def photo(self, request: Request) -> Response:
        """The photo for display."""
        content = encode_image(self.open(request).session.image, ".jpg")
        return private(Response(content, media_type="image/jpeg"))

    def thumbnail(self, request: Request) -> Response:
        """A small picture for the list."""
        draft = self.workspace.drafts.open(request.path_params["work"], secret_of(request))
        return private(Response(self.workspace.drafts.files.get(draft.thumbnail), media_type="image/jpeg"))

    def start(self, request: Request) -> Response:
        """A trimap below the strokes: the automatic one, or one that a stroke names. One byte per pixel, deflated."""
        session = self.open(request).session
        name = request.path_params["name"]
        with session.lock:
            trimap = session.automatic if name == "automatic" else session.starts.get(name)
        if trimap is None:
            raise NotYoursError(f"there is no trimap {name!r}")
        return private(Response(zlib.compress(trimap.tobytes(), 1), media_type="application/octet-stream"))

    def alpha(self, request: Request) -> Response:
        """The alpha as it is now. One byte per pixel, deflated."""
        session = self.open(request).session
        with session.lock:
            content = alpha_bytes(session.alpha)
        return private(Response(zlib.compress(content, 1), media_type="application/octet-stream"))

    def close(self, request: Request) -> Response:
        """Take the draft off the list."""
        self.workspace.drafts.close(request.path_params["work"], secret_of(request))
        return JSONResponse({})


def secret_of(request: Request) -> str:
    """The browser's secret, sent in a header so that it appears in no address and no log."""
    return request.headers.get("x-secret", "")


def private(response: Response) -> Response:
    """Keep what only its owner may see out of every shared cache."""
    response.headers["Cache-Control"] = "private, no-store"
    return response
