"""A link to the page's icon: without it, browsers ask for one at the root of the host, outside a sub-path."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD = b"<head>"
ICON = b'<link rel="icon" href="%s/favicon.ico" />'


class PageIcon:
    """ASGI middleware, inside of Forwarded: a link to the icon in the head of every HTML page.

    Gradio's `head` option is too late: its script fills it in when the browser has already asked.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back with the icon."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_page = False

        async def with_icon(message: Message) -> None:
            nonlocal is_page
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                is_page = headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
                if is_page:
                    del headers["content-length"]
            elif is_page and HEAD in message.get("body", b""):
                icon = HEAD + ICON % scope.get("root_path", "").encode()
                message, is_page = {**message, "body": message["body"].replace(HEAD, icon, 1)}, False
            await send(message)

        await self.app(scope, receive, with_icon)
