"""The live tab's addresses on the app's own port: its socket, its files, and where a frame goes to be corrected."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from annotation.live.room import Room
from annotation.live.socket import Live
from annotation.store import StoreError
from annotation.visits.strange_files import read_upload
from annotation.visits.visit import charge, check
from annotation.web.access import is_logged_in
from annotation.web.fresh_files import FreshFiles
from matting import load_model
from matting.arrays import Alpha, Image
from matting.files import read_image
from matting.weights import WeightsError

STATIC = Path(__file__).parent / "static"
MAX_SNAPSHOT_BYTES = 40_000_000
"""The largest picture that is accepted for correction: a noisy frame of 4K as PNG stays below it."""

SNAPSHOT = "modnet"
"""The model that gives a whole frame its alpha."""

Keep: TypeAlias = Callable[[Image, Alpha], str]
"""keep(image, alpha) takes a frame over to be corrected; the id it has there."""


def routes(keep: Keep | None = None, room: Room | None = None) -> list[BaseRoute]:
    """The routes under /live, to add to the app. `keep` takes frames to be corrected, where that is possible."""
    return [
        WebSocketRoute("/live/socket", Live(room or Room()).serve),
        Route("/live/snapshot", Snapshot(keep).take, methods=["POST"]),
        Mount("/live/static", FreshFiles(directory=STATIC)),
    ]


class Snapshot:
    """Takes a whole frame in, gives it its best alpha and hands both over."""

    def __init__(self, keep: Keep | None) -> None:
        self.keep = keep

    async def take(self, request: Request) -> Response:
        """A PNG in; what became of it, in words, and its id where it can be corrected."""
        if not await is_logged_in(request):
            return JSONResponse({"text": "Log in first."}, status_code=403)
        try:
            charge("snapshots_a_minute")
        except StoreError as error:
            return JSONResponse({"text": str(error)}, status_code=429)
        content = bytearray()
        async for block in request.stream():
            content += block
            if len(content) > MAX_SNAPSHOT_BYTES:
                return JSONResponse({"text": f"A frame has at most {MAX_SNAPSHOT_BYTES // 10**6} MB."}, status_code=413)
        try:
            draft = await anyio.to_thread.run_sync(self.hand_over, bytes(content))
        except (ValueError, WeightsError, StoreError) as error:
            return JSONResponse({"text": str(error)}, status_code=400)
        return JSONResponse({"work": draft, "text": "The frame waits in the Correct tab."})

    def hand_over(self, content: bytes) -> str:
        """Keep the frame to be corrected; its id there."""
        if self.keep is None:
            raise ValueError("Nobody here takes frames to be corrected.")
        image = read_upload(read_image, BytesIO(content))
        check("photo_megapixels", image.shape[0] * image.shape[1] / 1e6)
        return self.keep(image, load_model(SNAPSHOT)(image))
