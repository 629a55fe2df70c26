"""The rules of both sockets: a browser that does not read is disconnected, and no connection ends with a traceback."""

from collections.abc import Callable, Coroutine
from typing import Any

import anyio
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from annotation.web.access import is_logged_in
from annotation.web.messages import Message

SEND_SECONDS = 10.0
"""Seconds in which a browser must accept a message."""
TRY_AGAIN, FORBIDDEN = 1013, 1008


class Closing(Exception):  # noqa: N818 — an end, not an error
    """The connection must end, with this close code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


async def let_in(socket: WebSocket) -> bool:
    """Accept the connection of a visitor who may talk to the app; any other is closed."""
    if not await is_logged_in(socket):
        await socket.close(FORBIDDEN)
        return False
    await socket.accept()
    return True


async def until_closed(socket: WebSocket, *parts: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do all `parts` at the same time until one raises Closing or the browser leaves; then close."""
    code = 1000
    try:
        async with anyio.create_task_group() as together:
            for part in parts:
                together.start_soon(part)
    except* Closing as ends:
        code = next(end.code for end in ends.exceptions if isinstance(end, Closing))
    except* WebSocketDisconnect:
        pass
    await close(socket, code)


async def receive(socket: WebSocket) -> str | bytes:
    """The next message; WebSocketDisconnect if the browser leaves instead."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    text: str | None = message.get("text")
    return text if text is not None else message.get("bytes") or b""


async def send(socket: WebSocket, message: Message | bytes) -> None:
    """Send; Closing if the browser does not accept it in time."""
    try:
        with anyio.fail_after(SEND_SECONDS):
            if isinstance(message, bytes):
                await socket.send_bytes(message)
            else:
                await socket.send_text(message.model_dump_json())
    except TimeoutError as error:
        raise Closing(TRY_AGAIN) from error


async def close(socket: WebSocket, code: int, last_words: Message | None = None) -> None:
    """Send `last_words` and end the connection; the browser may be gone or no longer reading."""
    try:
        if last_words is not None:
            await send(socket, last_words)
        if WebSocketState.DISCONNECTED not in (socket.client_state, socket.application_state):
            with anyio.move_on_after(SEND_SECONDS):
                await socket.close(code)
    except (Closing, WebSocketDisconnect):
        return
