"""Which requests are admitted: those that use one of the app's own names, and none from pages of other sites.

Any site can point a name at this computer (DNS rebinding), and its page could then read and write here as if it were
ours. But it cannot choose the Host and Origin that its browser sends.
"""

import logging
import re
import socket
from collections.abc import Collection, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

ANY = "*"
"""In the list of names: admits every host and every page."""
HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?)\.?)(?::([0-9]{1,5}))?")
DEFAULT_PORTS = {"http": "80", "https": "443"}
MAX_LOGGED_REFUSALS = 100
"""Refusals that are logged, each once; whoever tries more names is an attacker."""

log = logging.getLogger(__name__)


class Host(NamedTuple):
    """The host of an address: a name in lower case or an IP address, and a port or ""."""

    name: str
    port: str


class Refusal(Exception):  # noqa: N818 — an answer, not an error
    """A request that is not admitted; the sentence says why."""


class Gate:
    """ASGI middleware before everything the app serves, Gradio's own addresses and sockets included."""

    def __init__(self, app: ASGIApp, *, listens: str, names: Collection[str] = ()) -> None:
        """`listens` is the address that the server listens on, `names` its other names, as `read_names` gives them."""
        self.app = app
        self.names = set(names)
        self.is_open = is_wildcard(listens)
        self.own = {"localhost", *self.names, *map(plain_name, machine_names() if self.is_open else [listens])}
        self.logged: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 403; a socket is closed before it is open."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        try:
            self.check(scope)
        except Refusal as refusal:
            self.log(str(refusal))
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            else:
                await PlainTextResponse(f"{refusal}\n", status_code=403)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def check(self, scope: Scope) -> None:
        """Refusal unless every host name in the request is the app's own, and so is the page that sends it."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1:
            raise Refusal(f"a request must name one host, but got {len(hosts)}")
        forwarded = [part.strip() for value in headers.getlist("x-forwarded-host") for part in value.split(",")]
        for text in [*hosts, *forwarded]:
            if not self.is_own(read_host(text), scope):
                raise Refusal(
                    f"{text!r} is not a name of this app; whoever runs it can add it with --allow-hosts "
                    "or MATTING_ALLOWED_HOSTS"
                )
        for origin in headers.getlist("origin"):
            if not self.is_own_page(origin, hosts[0]):
                raise Refusal(
                    f"a page of {origin!r} may not talk to the app at {hosts[0]!r}; whoever runs it can add "
                    "its host with --allow-hosts or MATTING_ALLOWED_HOSTS"
                )

    def is_own(self, host: Host | None, scope: Scope) -> bool:
        """Whether the app has that name. No page can redirect an IP address: any will do if it listens on all."""
        if ANY in self.names:
            return True
        if host is None:
            return False
        if host.name in self.own:
            return True
        address = read_address(host.name)
        return address is not None and (self.is_open or address.is_loopback or address == server_address(scope))

    def is_own_page(self, origin: str, text: str) -> bool:
        """Whether a page of `origin` is one that the host `text` serves, or one of a name that was added."""
        if ANY in self.names:
            return True
        scheme, _, rest = origin.partition("://")
        page, host = read_host(rest), read_host(text)
        if page is None or host is None or scheme not in DEFAULT_PORTS:
            return False
        port = DEFAULT_PORTS[scheme]
        return page.name in self.names or (page.name, page.port or port) == (host.name, host.port or port)

    def log(self, refusal: str) -> None:
        """Log, once, who was not admitted."""
        if refusal not in self.logged and len(self.logged) < MAX_LOGGED_REFUSALS:
            self.logged.add(refusal)
            log.warning("not let in: %s", refusal)


def read_host(text: str) -> Host | None:
    """The name and port of `text`, as in a Host header or an address; None if it is malformed."""
    matched = HOST.fullmatch(text)
    if matched is None:
        return None
    return Host(plain_name(matched[1] or matched[2]), matched[3] or "")


def read_names(text: str) -> set[str]:
    """Names from a list with commas or spaces; whole addresses and ports are fine, * is every name.

    Raises:
        ValueError: one is not a host name.
    """
    names = set()
    for part in text.replace(",", " ").split():
        host = Host(ANY, "") if part == ANY else read_host(urlsplit(part).netloc if "://" in part else part)
        if host is None:
            raise ValueError(f"a name of a host looks like studio.example or 192.168.1.7, but got {part!r}")
        names.add(host.name)
    return names


def plain_name(name: str) -> str:
    """A name in lower case without the dot at its end; an IP address as Python writes it, without brackets."""
    address = read_address(name)
    return str(address) if address else name.lower().rstrip(".")


def read_address(name: str) -> IPv4Address | IPv6Address | None:
    """The IP address that `name` is, if it is one; an IPv4 address mapped to IPv6 is unwrapped."""
    try:
        address = ip_address(name.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def server_address(scope: Scope) -> IPv4Address | IPv6Address | None:
    """The address of this computer at which the request came in."""
    server = scope.get("server")
    return read_address(str(server[0])) if server else None


def is_wildcard(listens: str) -> bool:
    """Whether a server that `listens` there is reached at every address of the computer."""
    address = read_address(listens)
    return listens == "" or (address is not None and address.is_unspecified)


def machine_names() -> Iterable[str]:
    """The names that other computers of the same network use for this one."""
    name = socket.gethostname()
    return name, name.partition(".")[0], f"{name.partition('.')[0]}.local"
