"""A tab's connection: the work is named first, then strokes and clicks come; news of the work flow back all the time.

Every stroke travels alone as JSON and is answered with its number; patches of alpha come back as bytes. A browser
proves that a work is its own with a secret it made itself, in the first message.
"""

import asyncio
import json
import logging
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import anyio
from starlette.websockets import WebSocket, WebSocketDisconnect

from annotation.correction.clicking import Readiness, click, prepare
from annotation.correction.open_work import Lacking, News, OpenWork, Painted, Tabs
from annotation.correction.resolving import Patch
from annotation.correction.uncertainty import Unsure
from annotation.correction.workspace import Workspace, alpha_bytes
from annotation.editor.unsent import Unsent
from annotation.store import StoreError
from annotation.strokes.stroke import from_wire, is_integer, to_wire
from annotation.web.access import is_logged_in
from annotation.web.sockets import FORBIDDEN, Closing, close, read_object, receive, send, until_closed
from matting.models.mobile_sam import Point
from matting.weights import WeightsError

PATIENCE = 10.0
"""Seconds within which a tab must say which work it opens."""
MOST_ASKED = 50
"""Selections waiting for their turn; beyond that a tab is not listened to until one is done."""
MOST_CHARACTERS = 400_000
"""The longest message a tab may send: a stroke of MAX_POINTS points stays below it."""


class Socket:
    """One connection a tab: `open` first, then strokes; news of the work flow back all the time."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    async def serve(self, socket: WebSocket) -> None:
        """Serve one tab until it leaves."""
        if not await is_logged_in(socket):
            await socket.close(FORBIDDEN)
            return
        await socket.accept()
        try:
            hello = await first_message(socket)
            open_work = await anyio.to_thread.run_sync(self.workspace.open, hello.work, hello.secret)
        except WebSocketDisconnect:
            return
        except (StoreError, ValueError) as error:
            await close(socket, FORBIDDEN, {"type": "refused", "reason": str(error)})
            return
        await Tab(self, socket, open_work, hello.tab).run(hello.after)


@dataclass(frozen=True)
class Hello:
    """A tab's first message: the work it opens, the secret that proves it its own, and how many strokes it has."""

    work: str
    secret: str
    tab: str
    after: int

    @classmethod
    def read(cls, message: dict[str, Any]) -> "Hello":
        """The parts of `message`; ValueError says what is wanted."""
        texts = [message.get(name, "") for name in ("work", "secret", "tab")]
        after = message.get("after", 0)
        is_right = all(isinstance(text, str) for text in texts) and is_integer(after) and after >= 0
        if message.get("type") != "open" or not is_right:
            raise ValueError(
                'the first message must be of type "open", with the texts work, secret and tab and the whole number '
                f"after, but got {str(message)[:200]}"
            )
        return cls(texts[0], texts[1], texts[2][:40], after)


async def first_message(socket: WebSocket) -> Hello:
    """What a tab says first; ValueError where it says something else, or nothing."""
    try:
        with anyio.fail_after(PATIENCE):
            return Hello.read(await receive_object(socket))
    except TimeoutError as error:
        raise ValueError(f"the first message must come within {PATIENCE:g} s") from error


class Tab:
    """A tab with a work open."""

    def __init__(self, server: Socket, socket: WebSocket, open_work: OpenWork, name: str) -> None:
        self.server = server
        self.socket = socket
        self.open_work = open_work
        self.name = name
        self.loop = asyncio.get_running_loop()
        self.unsent = Unsent()
        self.asked: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MOST_ASKED)

    async def run(self, after: int) -> None:
        """Tell the strokes numbered above `after`, then listen and tell news until the tab leaves."""
        key = f"{self.name}-{id(self)}"
        try:
            await anyio.to_thread.run_sync(self.greet, after, key, self.tell)
            await until_closed(self.socket, self.listen, self.send, self.answer)
        finally:
            self.server.workspace.leave(self.open_work, key)

    async def listen(self) -> None:
        """Act on what the tab says, for ever; what cannot be understood ends the connection."""
        try:
            while True:
                await self.take(await receive_object(self.socket))
        except ValueError as error:
            await send(self.socket, json.dumps({"type": "refused", "reason": str(error)}))
            raise Closing(FORBIDDEN) from error

    def greet(self, after: int, key: str, listen: Callable[[News], None]) -> None:
        """Join, and put what the tab has not seen before all later news."""
        session = self.open_work.session
        with session.lock:
            self.unsent.add(
                {"type": "opened", "name": self.open_work.work.name, "width": session.image.shape[1],
                 "height": session.image.shape[0], "after": after,
                 "strokes": [to_wire(stroke) for stroke in session.strokes[after:]]}
            )  # fmt: skip
            self.server.workspace.join(self.open_work, key, listen)

    async def take(self, message: dict[str, Any]) -> None:
        """Act on one message."""
        if message.get("type") == "stroke":
            await self.paint(message.get("stroke"))
        elif message.get("type") in ("select", "click", "prepare"):
            await self.asked.put(message)

    def tell(self, news: News | dict[str, Any]) -> None:
        """Send `news` when its turn comes; from any thread."""
        self.loop.call_soon_threadsafe(self.unsent.add, news)

    async def answer(self) -> None:
        """Select what was asked for, one after the other, for ever; strokes do not wait for it."""
        while True:
            message = await self.asked.get()
            await anyio.to_thread.run_sync(self.select, message, abandon_on_cancel=True)

    async def paint(self, wire: Any) -> None:
        """Store a stroke; its number comes back as news. One that cannot be kept is refused by its id."""
        try:
            if not isinstance(wire, dict):
                raise ValueError("a stroke must be a JSON object")
            await anyio.to_thread.run_sync(self.server.workspace.paint, self.open_work, from_wire(wire), self.name)
        except (StoreError, ValueError) as error:
            is_lasting = isinstance(error, ValueError)
            refused = wire.get("id") if isinstance(wire, dict) else None
            self.unsent.add({"type": "unsaved", "id": refused, "reason": str(error), "lasting": is_lasting})

    def select(self, message: dict[str, Any]) -> None:
        """A new automatic trimap from the scribbles or a click, recorded as a stroke; or what a click needs before."""
        name, workspace = str(message.get("id", "")), self.server.workspace
        try:
            if message["type"] == "prepare":
                prepare(self.open_work, self.tell_readiness, may_download=message.get("download") is True)
            elif message["type"] == "click":
                click(workspace, self.open_work, name, point_of(message), self.name, self.tell_readiness)
            else:
                workspace.select(self.open_work, name, self.name)
        except (StoreError, ValueError, WeightsError) as error:
            self.tell({"type": "problem", "id": name, "reason": str(error)})
        except Exception:
            logging.exception("could not select in %s", self.open_work.work.name)
            self.tell(
                {"type": "problem", "id": name, "reason": "This could not be selected; the server's log says why."}
            )

    def tell_readiness(self, readiness: Readiness) -> None:
        """Tell the tab how far its work is from answering clicks."""
        self.tell({"type": "clicking", **asdict(readiness)})

    async def send(self) -> None:
        """Send what waits, in order, for ever."""
        while True:
            news = await self.unsent.next()
            if isinstance(news, Patch | Unsure):
                await send(self.socket, await anyio.to_thread.run_sync(packed, news))
            else:
                await send(self.socket, text_of(news))


def point_of(message: dict[str, Any]) -> Point:
    """The point of a click; ValueError if it is malformed."""
    place = message.get("point")
    if not isinstance(place, list) or len(place) != 2 or not all(map(is_integer, place)):
        raise ValueError(f"a click needs a point of two whole numbers, but got {place!r}")
    return Point(place[0], place[1], message.get("label") != "background")


def text_of(news: Lacking | dict[str, Any] | Painted | Tabs) -> str:
    """News without pixels as JSON."""
    if isinstance(news, Painted):
        return json.dumps({"type": "painted", "number": news.number, "stroke": to_wire(news.stroke)})
    if isinstance(news, Lacking):
        return json.dumps({"type": "problem", "id": "", "reason": news.reason})
    return json.dumps({"type": "tabs", "count": news.count} if isinstance(news, Tabs) else news)


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


async def receive_object(socket: WebSocket) -> dict[str, Any]:
    """The next message, an object; ValueError for anything else."""
    message = await receive(socket)
    if isinstance(message, bytes):
        raise ValueError("a message must be text, but got bytes")
    return read_object(message, MOST_CHARACTERS)
