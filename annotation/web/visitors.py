"""Who asks, in a demo: a cookie proves the visit, and a visit gets nothing that belongs to another.

Every request passes here before Gradio or a route of ours sees it, and runs inside its visit.
"""

import json
from collections.abc import Iterator
from http import HTTPStatus
from math import ceil
from pathlib import Path
from urllib.parse import parse_qs

import anyio
import anyio.lowlevel
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from annotation.visits.limits import LimitError
from annotation.visits.meter import Meters
from annotation.visits.visit import OVER, Visit, inside
from annotation.visits.visits import Visits
from annotation.web.gate import read_address
from annotation.web.visit_rules import Rule, rule_of

COOKIE = "matting-visit"
KINDS = {"session_hash": "page", "event_id": "event", "upload_id": "upload"}
"""What Gradio's requests name a page, an event and an upload by."""
MAX_BODY_BYTES = 4_000_000
"""The longest description of an event; photos travel as uploads."""
MANY_VISITORS = 10
"""How many visitors' requests one address may send."""
NOT_THERE = "There is nothing here for you."


class NotYoursError(Exception):
    """The request names what is another visitor's, or nobody's: which of the two is not revealed."""


class Visitors:
    """ASGI middleware, inside of Forwarded: finds the visit of each request and checks what it asks for."""

    def __init__(self, app: ASGIApp, *, visits: Visits) -> None:
        self.app, self.visits, self.meters = app, visits, Meters()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on inside its visit, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        rule, names = rule_of(scope["path"].removeprefix(scope.get("root_path", ""))) or (Rule.CLOSED, {})
        if rule is Rule.OPEN:
            await self.app(scope, receive, send)
            return
        visit = self.visits.find(HTTPConnection(scope).cookies.get(COOKIE, ""))
        limit, seconds = self.too_many(scope, visit, begins=rule is Rule.PAGE and visit is None)
        if seconds:
            sentence = str(self.visits.limits.reached(limit))
            await refuse(scope, send, HTTPStatus.TOO_MANY_REQUESTS, sentence, {"retry-after": str(ceil(seconds))})
            return
        if rule is Rule.PAGE:
            with inside(visit):
                await self.app(scope, receive, send if visit else self.beginning(scope, send))
        elif rule is Rule.CLOSED or visit is None:
            await refuse(scope, send, HTTPStatus.NOT_FOUND, NOT_THERE if rule is Rule.CLOSED else OVER)
        else:
            await self.admit(visit, rule, names, scope, receive, send)

    def too_many(self, scope: Scope, visit: Visit | None, *, begins: bool) -> tuple[str, float]:
        """(the limit that a request reaches, the seconds until it may come again); 0 seconds for one that may come."""
        limits, address, name = self.visits.limits, address_of(scope), "requests_a_minute"
        if seconds := self.meters.wait_for(name, MANY_VISITORS * limits.requests_a_minute, address):
            return name, seconds
        if visit:
            return name, visit.wait_for(name)
        return "visits_an_hour", self.meters.wait_for("visits_an_hour", limits.visits_an_hour, address) if begins else 0

    def beginning(self, scope: Scope, send: Send) -> Send:
        """`send`, with the cookie of a new visit."""
        secret, _ = self.visits.begin()

        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", cookie(scope, secret))
            await send(message)

        return with_cookie

    async def admit(
        self, visit: Visit, rule: Rule, names: dict[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Pass the request on if all that it names belongs to the visit."""
        try:
            if rule is Rule.FILE:
                self.check(visit, {}, [names.get("file", "")])
            elif rule is Rule.NAMED:
                receive = await self.checked(visit, names, scope, receive)
        except NotYoursError:
            await refuse(scope, send, HTTPStatus.NOT_FOUND, NOT_THERE)
            return
        except LimitError as error:
            await refuse(scope, send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error))
            return
        if scope.get("method") == "POST":
            visit.touch()
        with inside(visit):
            if scope["type"] == "websocket":
                await self.connected(visit, scope, receive, send)
            else:
                await self.app(scope, receive, self.claiming(visit, scope, send) if rule is Rule.NAMED else send)

    async def checked(self, visit: Visit, names: dict[str, str], scope: Scope, receive: Receive) -> Receive:
        """`receive`, once all that path, query and body name is found to be the visit's.

        Raises:
            NotYoursError: something is not.
            LimitError: it is more than the visit may send.
        """
        headers = Headers(scope=scope)
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        names |= {kind: asked[key][-1] for key, kind in KINDS.items() if key in asked}
        if scope.get("method") != "POST":
            self.check(visit, names)
            return receive
        names.pop("event", None)  # a POST begins one, and its /call/v2/NAME looks like /call/NAME/EVENT
        if scope["path"].rstrip("/").endswith("/gradio_api/upload"):
            self.check(visit, names)
            size = int(headers.get("content-length", "0") or 0)
            visit.check("upload_megabytes", size / 1e6)
            visit.check_disk(size)
            return counted(receive, visit)
        body = await whole_body(receive)
        try:
            sent = json.loads(body or b"{}")
        except ValueError as error:
            raise NotYoursError from error
        if isinstance(sent, dict):
            names |= {kind: str(sent[key]) for key, kind in KINDS.items() if sent.get(key) is not None}
        self.check(visit, names, files_in(sent))
        return replayed(body, receive)

    def check(self, visit: Visit, names: dict[str, str], files: Iterator[str] | list[str] = ()) -> None:  # type: ignore[assignment]
        """NotYoursError unless all `names`, by their kind, and all `files` are the visit's."""
        if not all(self.visits.owns(visit, kind, name) for kind, name in names.items()):
            raise NotYoursError
        if not all("\0" not in file and self.visits.may_see(visit, Path(file)) for file in files):
            raise NotYoursError

    def claiming(self, visit: Visit, scope: Scope, send: Send) -> Send:
        """`send`, which notes that the uploads and events an answer names are the visit's."""
        if scope.get("method") != "POST":
            return send
        body = bytearray()

        async def with_claim(message: Message) -> None:
            body.extend(message.get("body", b""))
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self.claim(visit, bytes(body))
            await send(message)

        return with_claim

    def claim(self, visit: Visit, answer: bytes) -> None:
        """What an upload or a new event is answered with: a list of paths, or the event's name."""
        try:
            told = json.loads(answer)
        except ValueError:
            return
        if isinstance(told, list):
            for path in told:
                self.visits.claim(visit, Path(str(path)))
        elif isinstance(told, dict) and told.get("event_id"):
            self.visits.give_event(visit, str(told["event_id"]))

    async def connected(self, visit: Visit, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a socket until it ends, or the visit does."""
        token = anyio.lowlevel.current_token()
        is_presence = "/presence/" in scope["path"]

        async def used() -> Message:
            message = await receive()
            if not is_presence:
                visit.touch()
            return message

        with anyio.CancelScope() as serving:

            def end() -> None:
                anyio.from_thread.run_sync(serving.cancel, token=token)

            visit.ends.add(end)
            try:
                await self.app(scope, used, send)
            finally:
                visit.ends.discard(end)
        if serving.cancelled_caught:
            await send({"type": "websocket.close", "code": 1008, "reason": "the visit is over"})


def address_of(scope: Scope) -> str:
    """Whose request it is: the nearest public address of those that proxies name, or who is connected."""
    peer = str((scope.get("client") or ("",))[0])
    told = ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")
    addresses = [read_address(each.strip()) for each in (peer, *reversed(told))]
    return next((str(each) for each in addresses if each and each.is_global), peer)


def cookie(scope: Scope, secret: str) -> str:
    """The Set-Cookie header of a visit; where the page is another's frame over TLS, it is that frame's alone."""
    is_safe = scope.get("scheme") == "https" or Headers(scope=scope).get("x-forwarded-proto", "").startswith("https")
    where = "SameSite=None; Secure; Partitioned" if is_safe else "SameSite=Lax"
    return f"{COOKIE}={secret}; Path={scope.get('root_path', '') or '/'}; HttpOnly; {where}"


async def refuse(
    scope: Scope, send: Send, status: HTTPStatus, sentence: str, headers: dict[str, str] | None = None
) -> None:
    """Answer with a sentence, under each name by which a browser's side looks for it; a socket is closed unopened."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    answer = JSONResponse(dict.fromkeys(("detail", "error", "text"), sentence), status, headers)

    async def unread() -> Message:
        return {"type": "http.disconnect"}

    await answer(scope, unread, send)


async def whole_body(receive: Receive) -> bytes:
    """The body of a request; NotYoursError if it is longer than any event."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES or message["type"] == "http.disconnect":
            raise NotYoursError
        if not message.get("more_body"):
            return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives `body` once more, then what else comes."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return left.pop() if left else await receive()

    return again


def counted(receive: Receive, visit: Visit) -> Receive:
    """`receive` of an upload, which ends once more has come than the visit may send, whatever length was stated."""
    size = 0

    async def counting() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        return {"type": "http.disconnect"} if size > 1e6 * visit.limits.upload_megabytes else message

    return counting


def files_in(value: object) -> Iterator[str]:
    """The paths and addresses of the files that an event's values name."""
    if isinstance(value, dict):
        named = [value.get("path") or value.get("url")]
        yield from (each for each in named if isinstance(each, str) and not each.startswith("data:"))
        for each in value.values():
            yield from files_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from files_in(each)
