"""The live socket: newest frame wins, two on their way at most, and whatever comes in harms nobody else."""

import asyncio
from time import monotonic

import anyio
from starlette.websockets import WebSocket

from annotation.live.messages import (
    MAX_TEXT_CHARACTERS,
    PLATE,
    WISHES,
    Asked,
    Dropped,
    Size,
    Wishes,
    Words,
    answer,
    decode,
    parse,
)
from annotation.live.room import Room
from annotation.live.viewer import Viewer
from annotation.visits.limits import LimitError
from annotation.visits.visit import current
from annotation.web.messages import MessageError, read
from annotation.web.sockets import FORBIDDEN, TRY_AGAIN, Closing, close, let_in, receive, send, until_closed
from matting.environment.variables import whole_number
from matting.models import LIVE_MODELS
from matting.weights import WeightsError

MAX_MESSAGES_A_SECOND = 120
"""Messages a second beyond which a connection is closed; a camera gives 60 at most."""
MAX_UNUSABLE_MESSAGES = 5
"""Unusable messages after which a connection is closed."""
IDLE_SECONDS = whole_number("MATTING_LIVE_IDLE", 30)
"""Seconds without a frame after which the seat is given to others, as when a tab is in the background."""
STALE_SECONDS = 0.4
"""Seconds beyond which an alpha is not carried on: the frame waits for its own."""
ANSWER_SECONDS = 2.0
"""How many seconds it waits."""
FULL = "All {seats} live seats are taken. This page tries again by itself."


class Live:
    """The socket's endpoint; one Room for all who connect."""

    def __init__(self, room: Room) -> None:
        self.room = room

    async def serve(self, socket: WebSocket) -> None:
        """Serve one browser until it leaves."""
        if not await let_in(socket):
            return
        viewer = Viewer()
        try:
            follow = await anyio.to_thread.run_sync(LIVE_MODELS["modnet"].load)
        except WeightsError as error:
            await close(socket, TRY_AGAIN, Words(type="refused", text=str(error)))
            return
        viewer.use("modnet", follow)
        if not self.room.enter(viewer):
            await close(socket, TRY_AGAIN, Words(type="full", text=FULL.format(seats=self.room.seats)))
            return
        try:
            connection = Connection(socket, viewer, self.room)
            await until_closed(socket, connection.listen, connection.answer)
        finally:
            self.room.leave(viewer)


class Connection:
    """One browser's socket. A frame waits in `next` while another is worked on; a newer one takes its place."""

    def __init__(self, socket: WebSocket, viewer: Viewer, room: Room) -> None:
        self.socket, self.viewer, self.room = socket, viewer, room
        self.next: Asked | None = None
        self.came = asyncio.Event()
        self.last_number = -1
        self.refused = 0
        self.times: list[float] = []
        self.counted = monotonic()
        """Until when a visitor's time was counted."""
        self.sent_size: tuple[int, int] | None = None

    async def listen(self) -> None:
        """Take messages in; raises Closing if the connection must end."""
        while True:
            try:
                with anyio.fail_after(IDLE_SECONDS):
                    message = await receive(self.socket)
            except TimeoutError as error:
                await send(self.socket, Words(type="idle", text="No picture came for a while."))
                raise Closing(TRY_AGAIN) from error
            self.bound_rate()
            await self.bound_time()
            try:
                await self.take(message)
            except MessageError as error:
                await self.refuse(error)

    def bound_rate(self) -> None:
        """Closing if more than MAX_MESSAGES_A_SECOND messages came within the last second."""
        now = monotonic()
        self.times = [*(time for time in self.times[-MAX_MESSAGES_A_SECOND:] if time > now - 1), now]
        if len(self.times) > MAX_MESSAGES_A_SECOND:
            raise Closing(FORBIDDEN)

    async def bound_time(self) -> None:
        """Closing, with the reason, if a visitor's minutes are used up."""
        visit = current()
        if visit is None:
            return
        before, self.counted = self.counted, monotonic()
        try:
            visit.spend_live(self.counted - before)
        except LimitError as error:
            await send(self.socket, Words(type="idle", text=str(error)))
            raise Closing(FORBIDDEN) from error

    async def take(self, message: str | bytes) -> None:
        """Act on one message; MessageError if it cannot be used."""
        if isinstance(message, str):
            await self.set(read(WISHES, message, MAX_TEXT_CHARACTERS))
            return
        asked = parse(message)
        if asked.kind == PLATE:
            self.viewer.plate = await anyio.to_thread.run_sync(decode, asked.picture)
            await send(self.socket, Words(type="plate", text=""))
            return
        dropped = self.next.number if self.next is not None else None
        if asked.number <= self.last_number:
            dropped = asked.number
        else:
            self.last_number, self.next = asked.number, asked
            self.came.set()
        if dropped is not None:
            await send(self.socket, Dropped(number=dropped))

    async def set(self, wishes: Wishes) -> None:
        """Wishes about the model or the plate."""
        if wishes.plate is False:
            self.viewer.plate = None
        name = wishes.model or self.viewer.name
        if name not in LIVE_MODELS:
            raise MessageError(f"a live model is one of {', '.join(LIVE_MODELS)}, but got {name!r}")
        if name == self.viewer.name:
            return
        try:
            follow = await anyio.to_thread.run_sync(LIVE_MODELS[name].load)
        except WeightsError as error:
            raise MessageError(str(error)) from error
        self.viewer.use(name, follow)

    async def refuse(self, error: MessageError) -> None:
        """Say why a message was not used; Closing after too many."""
        self.refused += 1
        await send(self.socket, Words(type="refused", text=str(error)))
        if self.refused >= MAX_UNUSABLE_MESSAGES:
            raise Closing(FORBIDDEN)

    async def answer(self) -> None:
        """Answer the newest frame, again and again."""
        while True:
            await self.came.wait()
            self.came.clear()
            asked, self.next = self.next, None
            if asked is None:
                continue
            try:
                message, size = await anyio.to_thread.run_sync(self.work, asked)
            except MessageError as error:
                await self.refuse(error)
                continue
            await send(self.socket, message)
            if size != self.sent_size:
                self.sent_size = size
                await send(self.socket, Size(height=size[0], width=size[1]))

    def work(self, asked: Asked) -> tuple[bytes, tuple[int, int]]:
        """The answer to a frame, and the size that frames should have from now on."""
        if self.viewer.is_broken:
            raise Closing(TRY_AGAIN)
        frame = decode(asked.picture)
        alpha = self.viewer.show(frame)
        self.room.call()
        must_wait = alpha is None or self.viewer.age > STALE_SECONDS
        if (must_wait or self.room.is_quick) and self.viewer.answered.wait(ANSWER_SECONDS if must_wait else 0.1):
            alpha = self.viewer.shown()
        message = answer(
            asked.number, alpha, runs=self.viewer.runs, milliseconds=1000 * self.viewer.seconds,
            viewers=len(self.room.viewers),
        )  # fmt: skip
        return message, self.viewer.size_of((frame.shape[0], frame.shape[1]))
