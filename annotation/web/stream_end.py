"""The last message of an event stream reaches the browser's side when the stream has ended, not before.

Gradio's client aborts a stream on its last message. The end comes a moment later, so browsers, proxies and logs report
a failed request. A line of an event stream ends in LF, CR or CRLF: a reader whose last byte is a CR waits to see
whether an LF follows; here that means until the stream ends.

What Gradio calls its last messages holds for Gradio 6.31; tests/annotation/web/test_serving.py says when it changes.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LAST = (b'"msg":"close_stream"', b'"msg": "done"')
"""What the last message of the queue's stream has in it, and that of an upload's."""


class StreamEnd:
    """ASGI middleware: the blank line after the last message of an event stream ends in CR."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back."""
        is_stream = False

        async def with_end(message: Message) -> None:
            nonlocal is_stream
            if message["type"] == "http.response.start":
                is_stream = Headers(raw=message["headers"]).get("content-type", "").startswith("text/event-stream")
            elif is_stream and any(last in message.get("body", b"") for last in LAST):
                message = {**message, "body": message["body"].removesuffix(b"\n") + b"\r"}
            await send(message)

        await self.app(scope, receive, with_end)
