"""A tab's connection: it names its draft first, then sends strokes and clicks, and gets the draft's news all the time.

Every stroke travels alone as JSON and is answered with its number; patches of alpha come back as bytes. A browser
proves that a draft is its own with a secret it made itself, in the first message.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import asdict

import anyio
from starlette.websockets import WebSocket, WebSocketDisconnect

from annotation.correction.clicking import Readiness, click, prepare
from annotation.correction.open_draft import News, OpenDraft
from annotation.correction.workspace import Workspace
from annotation.editor import messages
from annotation.editor.unsent_news import Sent, Unsent
from annotation.store import StoreError
from annotation.strokes.stroke import from_wire, to_wire
from annotation.visits.visit import charge, current
from annotation.web.messages import Message, MessageError, name_of, read
from annotation.web.prometheus import STROKES_UNACKNOWLEDGED
from annotation.web.sockets import FORBIDDEN, Closing, close, let_in, receive, send, until_closed
from matting.models.mobile_sam import Point
from matting.weights import WeightsError

log = logging.getLogger(__name__)

OPENING_SECONDS = 10.0
"""Seconds within which a tab must name its draft."""
MAX_WAITING_SELECTIONS = 50
"""Selections that may wait; with more, the tab's messages are not read until one is done."""
MAX_MESSAGE_CHARACTERS = 400_000
"""The longest message a tab may send: a stroke of MAX_POINTS points stays below it."""


class Socket:
    """The server's side: one TabConnection for each tab."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    async def serve(self, socket: WebSocket) -> None:
        """Serve one tab until it leaves."""
        if not await let_in(socket):
            return
        try:
            hello = await first_message(socket)
            open_draft = await anyio.to_thread.run_sync(self.workspace.open, hello.work, hello.secret)
        except WebSocketDisconnect:
            return
        except (StoreError, ValueError) as error:
            await close(socket, FORBIDDEN, messages.Refused(reason=str(error)))
            return
        await TabConnection(self, socket, open_draft, hello.tab).run(hello.after)


async def first_message(socket: WebSocket) -> messages.Open:
    """A tab's first message; ValueError if it sends something else, or nothing."""
    try:
        with anyio.fail_after(OPENING_SECONDS):
            return read(messages.OPEN, await receive(socket), MAX_MESSAGE_CHARACTERS)
    except TimeoutError as error:
        raise ValueError(f"the first message must come within {OPENING_SECONDS:g} s") from error


class TabConnection:
    """The connection of a tab that has a draft open."""

    def __init__(self, server: Socket, socket: WebSocket, open_draft: OpenDraft, name: str) -> None:
        self.server = server
        self.socket = socket
        self.open_draft = open_draft
        self.name = name
        self.loop = asyncio.get_running_loop()
        self.unsent = Unsent()
        self.asked: asyncio.Queue[messages.Asked] = asyncio.Queue(MAX_WAITING_SELECTIONS)

    async def run(self, after: int) -> None:
        """Send the strokes numbered above `after`, then receive messages and send news until the tab leaves."""
        key = f"{self.name}-{id(self)}"
        try:
            await anyio.to_thread.run_sync(self.greet, after, key, self.post)
            await until_closed(self.socket, self.listen, self.send, self.answer)
        finally:
            self.server.workspace.leave(self.open_draft, key)

    async def listen(self) -> None:
        """Act on the tab's messages, for ever. An unusable message without a name ends the connection."""
        while True:
            text = await receive(self.socket)
            try:
                message = read(messages.LATER, text, MAX_MESSAGE_CHARACTERS)
            except MessageError as error:
                await self.refuse(name_of(text), str(error))
                continue
            if isinstance(message, messages.Painting):
                with STROKES_UNACKNOWLEDGED.track_inprogress():
                    await self.paint(message.stroke)
            else:
                await self.asked.put(message)

    async def refuse(self, name: str | None, reason: str) -> None:
        """Report an unused message under its name, so that the tab stops resending it. Closing if it has no name."""
        if name is None:
            await send(self.socket, messages.Refused(reason=reason))
            raise Closing(FORBIDDEN)
        self.unsent.add(messages.Problem(id=name, reason=reason))

    def greet(self, after: int, key: str, listen: Callable[[News], None]) -> None:
        """Join, and put what the tab has not seen before all later news."""
        session = self.open_draft.session
        with session.lock:
            height, width = session.image.shape[:2]
            strokes = [to_wire(stroke) for stroke in session.strokes[after:]]
            name = self.open_draft.stored.name
            self.unsent.add(messages.Opened(name=name, width=width, height=height, after=after, strokes=strokes))
            self.server.workspace.join(self.open_draft, key, listen)

    def post(self, news: Sent) -> None:
        """Send `news` when its turn comes; from any thread."""
        self.loop.call_soon_threadsafe(self.unsent.add, news)

    async def answer(self) -> None:
        """Select what was asked for, one after the other, for ever; strokes do not wait for it."""
        while True:
            message = await self.asked.get()
            await anyio.to_thread.run_sync(self.select, message, abandon_on_cancel=True)

    async def paint(self, wire: messages.WireStroke) -> None:
        """Store a stroke; its number comes back as news. One that cannot be kept is refused by its id."""
        try:
            await self.wait_for_room(wire)
            await anyio.to_thread.run_sync(self.server.workspace.paint, self.open_draft, from_wire(wire), self.name)
        except (StoreError, ValueError) as error:
            self.unsent.add(
                messages.Unsaved(id=name_in(wire), reason=str(error), lasting=isinstance(error, ValueError))
            )

    async def wait_for_room(self, wire: messages.WireStroke) -> None:
        """Keep a visitor's stroke waiting, and say so, as long as there were too many within a minute."""
        visit = current()
        while visit and (seconds := visit.wait_for("strokes_a_minute")):
            reason = str(visit.limits.reached("strokes_a_minute"))
            self.unsent.add(messages.Unsaved(id=name_in(wire), reason=reason, lasting=False))
            await anyio.sleep(seconds)

    def select(self, message: messages.Asked) -> None:
        """A new automatic trimap from the scribbles or a click, recorded as a stroke; or what a click needs first."""
        name = "" if isinstance(message, messages.Prepare) else message.id
        try:
            if not isinstance(message, messages.Prepare):
                charge("clicks_a_minute")
            self.do(message)
        except (StoreError, ValueError, WeightsError) as error:
            self.post(messages.Problem(id=name, reason=str(error)))
        except Exception:
            log.exception("could not select in draft %s", self.open_draft.stored.id)
            self.post(messages.Problem(id=name, reason="This could not be selected; the server's log says why."))

    def do(self, message: messages.Asked) -> None:
        """What `message` asks for."""
        workspace, open_draft = self.server.workspace, self.open_draft
        if isinstance(message, messages.Prepare):
            prepare(open_draft, self.send_readiness, may_download=message.download)
        elif isinstance(message, messages.Click):
            point = Point(*message.point, message.label == "foreground")
            click(workspace, open_draft, message.id, point, self.name, self.send_readiness)
        else:
            workspace.select(open_draft, message.id, self.name)

    def send_readiness(self, readiness: Readiness) -> None:
        """Send how far the draft is from answering clicks."""
        self.post(messages.Clicking(**asdict(readiness)))

    async def send(self) -> None:
        """Send what waits, in order, for ever."""
        while True:
            news = await self.unsent.next()
            message = news if isinstance(news, Message) else await anyio.to_thread.run_sync(messages.message_of, news)
            await send(self.socket, message)


def name_in(wire: messages.WireStroke) -> str | None:
    """The id of a stroke that may be unusable."""
    return wire["id"] if isinstance(wire.get("id"), str) else None
