"""Whether the browser that waits for something is still there: asked now and then, over a socket of its own.

A lost network closes no connection, and a proxy may accept messages for a page that is gone. A page answers messages
even while it is hidden and its timers sleep.
"""

from collections.abc import Callable

import anyio
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from annotation.web.access import is_logged_in
from annotation.web.forwarding import ROOT_SCRIPT
from annotation.web.sockets import FORBIDDEN, TRY_AGAIN, Closing, close, receive, send

ASKING_SECONDS, ANSWER_SECONDS = 10.0, 15.0
"""Seconds between an answer and the next question, and seconds that an answer may take."""

SCRIPT = f"""
(page) => {{
  {ROOT_SCRIPT.strip()}
  const connect = () => {{
    const socket = new WebSocket(`${{root.replace("http", "ws")}}presence/${{page}}`);
    socket.onmessage = () => socket.send("here");
    socket.onclose = () => setTimeout(connect, 5000);
  }};
  connect();
}}
"""
"""JavaScript: the `page` of that name answers."""


class Presence:
    """The socket's endpoint; `lost` is called with the name of a page that no longer answers."""

    def __init__(self, lost: Callable[[str], None]) -> None:
        self.lost = lost

    @property
    def route(self) -> WebSocketRoute:
        """Its address, to add to the app."""
        return WebSocketRoute("/presence/{page}", self.serve)

    async def serve(self, socket: WebSocket) -> None:
        """Ask until the page leaves, which Gradio notices itself, or no longer answers."""
        if not await is_logged_in(socket):
            await socket.close(FORBIDDEN)
            return
        await socket.accept()
        try:
            while True:
                with anyio.fail_after(ANSWER_SECONDS):
                    await send(socket, b"there?")
                    await receive(socket)
                await anyio.sleep(ASKING_SECONDS)
        except WebSocketDisconnect:
            return
        except (TimeoutError, Closing):
            self.lost(socket.path_params["page"])
        await close(socket, TRY_AGAIN)
