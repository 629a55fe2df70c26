"""What a browser is told about a hosted page: to run only its own scripts, and to show it in no other site's frame.

Gradio's page has a few scripts within it: each is admitted by its hash. It makes functions from strings, and styles, at
run time, so 'unsafe-eval' and inline styles must be allowed. This holds for Gradio 6.31; tests/annotation/visits/
test_safe_headers.py says when something else is needed.
"""

import hashlib
import os
import re
from base64 import b64encode
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SOURCE = re.compile(r"'self'|'none'|\*|(https?://)?(\*\.)?[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?")
INLINE = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' data: blob: {socket}; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors {frames}"
)
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors {frames}"
"""For files that people gave: whatever is in them, nothing of it runs."""


def read_ancestors(text: str) -> str:
    """Who may frame the page, as the header has it, from names with spaces or commas.

    Raises:
        ValueError: one is not the address of a site.
    """
    names = text.replace(",", " ").split()
    for name in names:
        if not SOURCE.fullmatch(name):
            raise ValueError(f"who may frame the page looks like https://huggingface.co or 'self', but got {name!r}")
    return " ".join(names) or "'none'"


def chosen_ancestors() -> str:
    """Who may frame the page: those of MATTING_FRAME_ANCESTORS; if unset, on a Space, the hub's page that shows it.

    Raises:
        SystemExit: the variable names something that is not a site; says so in one sentence.
    """
    usual = "'self' https://huggingface.co" if "SPACE_ID" in os.environ else "'self'"
    try:
        return read_ancestors(os.environ.get("MATTING_FRAME_ANCESTORS", usual))
    except ValueError as error:
        raise SystemExit(f"MATTING_FRAME_ANCESTORS: {error}") from error


class SafeHeaders:
    """ASGI middleware, before whatever changes a page: the headers of every answer."""

    def __init__(self, app: ASGIApp, *, frames: str) -> None:
        """`frames` is what `read_ancestors` gives."""
        self.app, self.frames = app, frames

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back with the headers; a page as a whole, for its scripts' hashes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        held: list[Message] = []

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["x-content-type-options"] = "nosniff"
                headers["referrer-policy"] = "same-origin"
                if headers.get("content-type", "").startswith("text/html"):
                    held.append(message)
                    return
                if "/gradio_api/file=" in scope["path"]:
                    headers["content-security-policy"] = FILE_POLICY.format(frames=self.frames)
            elif held:
                held.append(message)
                if not message.get("more_body"):
                    for each in self.page(scope, held):
                        await send(each)
                    held.clear()
                return
            await send(message)

        await self.app(scope, receive, with_headers)

    def page(self, scope: Scope, messages: list[Message]) -> Iterable[Message]:
        """The messages of an HTML page, with the policy that admits its scripts."""
        body = b"".join(message.get("body", b"") for message in messages)
        hashes = [b64encode(hashlib.sha256(script).digest()).decode() for script in INLINE.findall(body)]
        headers = MutableHeaders(scope=messages[0])
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        headers["content-security-policy"] = POLICY.format(
            scripts=" ".join(f"'sha256-{each}'" for each in hashes),
            socket=f"ws://{host} wss://{host}" if SOURCE.fullmatch(host) else "",
            frames=self.frames,
        )
        return messages
