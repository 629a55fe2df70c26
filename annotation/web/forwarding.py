"""An app behind a proxy: puts the public address back into each request, whether the proxy strips it or not."""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
RESERVED = {"assets", "correct", "gradio_api", "live", "presence", "static", "svelte"}
"""The first parts of the app's own paths; a sub-path of the same name would be ambiguous."""
ROOT_SCRIPT = """
const root = location.origin + new URL((window.gradio_config?.root ?? "") + "/", location.origin).pathname;
"""
"""JavaScript: `root`, the app's address with a slash at its end; scheme, host and port are those of the page."""


class Forwarded:
    """ASGI middleware: uses the sub-path and the host that the proxy, or `root_path`, gives."""

    def __init__(self, app: ASGIApp, *, root_path: str = "") -> None:
        """`root_path` is what `tidy` gives."""
        self.app = app
        self.prefix = urlsplit(root_path).path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on as if it had come to the public address."""
        await self.app(self.restored(scope) if scope["type"] in ("http", "websocket") else scope, receive, send)

    def restored(self, scope: Scope) -> Scope:
        """A copy of `scope` with the sub-path before its path, and the host in its place."""
        headers = Headers(scope=scope)
        prefix = self.prefix or read_prefix(headers.get("x-forwarded-prefix", ""))
        path = scope["path"]
        is_stripped = path != prefix and not path.startswith(f"{prefix}/")
        restored = {**scope, "root_path": prefix, "path": prefix + path if is_stripped else path}
        restored["headers"] = list(scope["headers"])
        if forwarded := headers.get("x-forwarded-host"):
            changed = MutableHeaders(scope=restored)
            changed["host"] = forwarded.partition(",")[0].strip()
            del changed["x-forwarded-host"]
        return restored


def tidy(root_path: str) -> str:
    """A sub-path with one slash before it and none after it; "" for none. A whole address may stand before it.

    Raises:
        ValueError: it is not a path, or the app's own paths begin with it.
    """
    whole = urlsplit(root_path.strip())
    address = f"{whole.scheme}://{whole.netloc}" if whole.scheme in ("http", "https") and whole.netloc else ""
    given = root_path.strip()[len(address) :]
    path = "/".join(["", *filter(None, given.split("/"))]).rstrip("/")
    if path and not PREFIX.fullmatch(path):
        raise ValueError(f"a sub-path looks like /studio, but got {root_path!r}")
    if path[1:].partition("/")[0] in RESERVED:
        raise ValueError(f"a sub-path may not begin with one of {', '.join(sorted(RESERVED))}, but got {root_path!r}")
    return address + path


def read_prefix(header: str) -> str:
    """The sub-path that a proxy says it has stripped; "" if it gives none or an invalid one."""
    try:
        return tidy(header.partition(",")[0]) if header.startswith("/") else ""
    except ValueError:
        return ""
