"""What the editor's browser side talks to, on the app's own port: its files, a work's pictures, and the socket.

On the socket every stroke travels alone as JSON and is answered with its number; patches of alpha come back as bytes.
A browser proves that a work is its own with a secret it made itself and sends in a header or the first message.
"""

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from annotation.access import is_allowed
from annotation.desk import Desk, News, OpenWork, Painted, Tabs, alpha_bytes
from annotation.resolve import Patch
from annotation.scribbles import from_wire, to_wire
from annotation.store import NotYoursError, StoreError
from annotation.uncertainty import Unsure
from matting.files import encode_image

STATIC = Path(__file__).parent / "static"
MOST_UNSENT = 500
"""News waiting for a tab that does not read them; beyond that the tab is cut off and may come back."""
MOST_BYTES = 400_000
"""The longest message a tab may send: a stroke of MAX_POINTS points stays below it."""


def routes(desk: Desk) -> list[BaseRoute]:
    """The editor's routes under /correct, to add to the app."""
    pages = Pages(desk)
    socket = Socket(desk)
    return [
        WebSocketRoute("/correct/socket", socket.serve),
        Route("/correct/works", guarded(pages.works)),
        Route("/correct/works/{work}/photo", guarded(pages.photo)),
        Route("/correct/works/{work}/thumbnail", guarded(pages.thumbnail)),
        Route("/correct/works/{work}/start/{name}", guarded(pages.start)),
        Route("/correct/works/{work}/alpha", guarded(pages.alpha)),
        Route("/correct/works/{work}/close", guarded(pages.close), methods=["POST"]),
        Mount("/correct/static", StaticFiles(directory=STATIC)),
    ]


def guarded(page: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """`page` in a thread, for allowed visitors; what is not theirs answers 404, what is malformed 400."""

    async def answer(request: Request) -> Response:
        if not await is_allowed(request):
            return JSONResponse({"error": "log in first"}, status_code=403)
        try:
            return await anyio.to_thread.run_sync(page, request)
        except NotYoursError as error:
            return JSONResponse({"error": str(error)}, status_code=404)
        except (ValueError, StoreError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return answer


class Pages:
    """The plain requests. All but the list name a work, and show it only with its owner's secret."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def works(self, request: Request) -> Response:
        """What this browser began and did not finish."""
        rows = self.desk.works.unfinished(secret_of(request))
        listed = [
            {"id": work.id, "name": work.name, "width": work.width, "height": work.height, "strokes": strokes,
             "changed": work.changed.isoformat()}
            for work, strokes in rows
        ]  # fmt: skip
        return JSONResponse(listed, headers={"Cache-Control": "no-store"})

    def open(self, request: Request) -> OpenWork:
        """The work named in the path."""
        return self.desk.open(request.path_params["work"], secret_of(request))

    def photo(self, request: Request) -> Response:
        """The photo for display."""
        content = encode_image(self.open(request).session.image, ".jpg")
        return private(Response(content, media_type="image/jpeg"))

    def thumbnail(self, request: Request) -> Response:
        """A small picture for the list."""
        work = self.desk.works.open(request.path_params["work"], secret_of(request))
        return private(Response(self.desk.works.files.get(work.thumbnail), media_type="image/jpeg"))

    def start(self, request: Request) -> Response:
        """A trimap below the strokes: the automatic one, or one that a stroke names. A byte a pixel, deflated."""
        session = self.open(request).session
        name = request.path_params["name"]
        with session.lock:
            trimap = session.automatic if name == "automatic" else session.starts.get(name)
        if trimap is None:
            raise NotYoursError(f"there is no trimap {name!r}")
        return private(Response(zlib.compress(trimap.tobytes(), 1), media_type="application/octet-stream"))

    def alpha(self, request: Request) -> Response:
        """The alpha as it is now. A byte a pixel, deflated."""
        session = self.open(request).session
        with session.lock:
            content = alpha_bytes(session.alpha)
        return private(Response(zlib.compress(content, 1), media_type="application/octet-stream"))

    def close(self, request: Request) -> Response:
        """Take the work off the list."""
        self.desk.works.close(request.path_params["work"], secret_of(request))
        return JSONResponse({})


def secret_of(request: Request) -> str:
    """The browser's secret, sent in a header so that it stands in no address and no log."""
    return request.headers.get("x-secret", "")


def private(response: Response) -> Response:
    """Keep what only its owner may see out of every shared cache."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


class Socket:
    """One connection a tab: `open` first, then strokes; news of the work flow back all the time."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def serve(self, socket: WebSocket) -> None:
        """Serve one tab until it leaves."""
        if not await is_allowed(socket):
            await socket.close(1008)
            return
        await socket.accept()
        try:
            hello = await receive(socket)
            open_work = await anyio.to_thread.run_sync(
                self.desk.open, str(hello.get("work", "")), str(hello.get("secret", ""))
            )
        except WebSocketDisconnect:
            return
        except (StoreError, ValueError) as error:
            await socket.send_text(json.dumps({"type": "refused", "reason": str(error)}))
            await socket.close(1008)
            return
        await Tab(self, socket, open_work, str(hello.get("tab", ""))[:40]).run(int(hello.get("after", 0)))


class Tab:
    """A tab with a work open."""

    def __init__(self, server: Socket, socket: WebSocket, open_work: OpenWork, name: str) -> None:
        self.server = server
        self.socket = socket
        self.open_work = open_work
        self.name = name
        self.unsent: asyncio.Queue[News | dict[str, Any]] = asyncio.Queue()

    async def run(self, after: int) -> None:
        """Tell the strokes numbered above `after`, then listen and tell news until the tab leaves."""
        loop = asyncio.get_running_loop()
        key = f"{self.name}-{id(self)}"

        def listen(news: News) -> None:
            loop.call_soon_threadsafe(self.unsent.put_nowait, news)

        await anyio.to_thread.run_sync(self.greet, after, key, listen)
        sender = asyncio.create_task(self.send())
        try:
            while True:
                await self.take(await receive(self.socket))
        except (WebSocketDisconnect, RuntimeError):
            pass
        except ValueError as error:
            await self.socket.send_text(json.dumps({"type": "refused", "reason": str(error)}))
            await self.socket.close(1008)
        finally:
            sender.cancel()
            self.server.desk.leave(self.open_work, key)

    def greet(self, after: int, key: str, listen: Callable[[News], None]) -> None:
        """Join, and put what the tab has not seen before all later news."""
        session = self.open_work.session
        with session.lock:
            self.unsent.put_nowait(
                {"type": "opened", "name": self.open_work.work.name, "width": session.image.shape[1],
                 "height": session.image.shape[0], "after": after,
                 "strokes": [to_wire(stroke) for stroke in session.strokes[after:]]}
            )  # fmt: skip
            self.server.desk.join(self.open_work, key, listen)

    async def take(self, message: dict[str, Any]) -> None:
        """Act on one message."""
        if message.get("type") == "stroke":
            await self.paint(message.get("stroke"))
        elif message.get("type") == "select":
            await anyio.to_thread.run_sync(self.select, str(message.get("id", "")))

    async def paint(self, wire: Any) -> None:
        """Store a stroke; its number comes back as news. One that cannot be kept is refused by its id."""
        try:
            if not isinstance(wire, dict):
                raise ValueError("a stroke must be a JSON object")
            await anyio.to_thread.run_sync(self.server.desk.paint, self.open_work, from_wire(wire), self.name)
        except (StoreError, ValueError) as error:
            is_lasting = isinstance(error, ValueError)
            refused = wire.get("id") if isinstance(wire, dict) else None
            self.unsent.put_nowait({"type": "unsaved", "id": refused, "reason": str(error), "lasting": is_lasting})

    def select(self, stroke_id: str) -> None:
        """A new automatic trimap from the scribbles, recorded as a stroke."""
        try:
            self.server.desk.select(self.open_work, stroke_id, self.name)
        except (StoreError, ValueError) as error:
            self.unsent.put_nowait({"type": "problem", "reason": str(error)})

    async def send(self) -> None:
        """Send what waits, in order, for ever."""
        while True:
            if self.unsent.qsize() > MOST_UNSENT:
                await self.socket.close(1013)
                return
            news = await self.unsent.get()
            if isinstance(news, dict):
                await self.socket.send_text(json.dumps(news))
            elif isinstance(news, Painted):
                told = {"type": "painted", "number": news.number, "stroke": to_wire(news.stroke)}
                await self.socket.send_text(json.dumps(told))
            elif isinstance(news, Tabs):
                await self.socket.send_text(json.dumps({"type": "tabs", "count": news.count}))
            else:
                await self.socket.send_bytes(await anyio.to_thread.run_sync(packed, news))


def packed(news: Patch | Unsure) -> bytes:
    """News with pixels as bytes: the length of the header, the header in JSON, the pixels deflated."""
    header: dict[str, Any]
    if isinstance(news, Unsure):
        header = {"type": "unsure", "places": news.places, "height": news.map.shape[0], "width": news.map.shape[1]}
        pixels = news.map.tobytes()
    else:
        header = {"type": "patch", **asdict(news.box), "quality": news.quality, "number": news.number}
        pixels = alpha_bytes(news.alpha)
    text = json.dumps(header).encode()
    return len(text).to_bytes(4, "little") + text + zlib.compress(pixels, 1)


async def receive(socket: WebSocket) -> dict[str, Any]:
    """The next message, an object; ValueError for anything else."""
    text = await socket.receive_text()
    if len(text) > MOST_BYTES:
        raise ValueError(f"a message has at most {MOST_BYTES} bytes, but got {len(text)}")
    try:
        message = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError("a message must be JSON") from error
    if not isinstance(message, dict):
        raise ValueError("a message must be a JSON object")
    return message
