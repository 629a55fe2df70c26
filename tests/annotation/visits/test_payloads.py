"""What attackers send to every route of a demo, as path, query or header.

It brings nothing of another visitor and nothing of the machine, and no answer blames the server.
CI draws 300 payloads and 300 guesses at ids; MATTING_FULL=1 draws 4,000 and 10,000.
"""

import itertools
import os
import random
import re
from urllib.parse import quote

import pytest

from annotation.visits.visit import inside
from tests.annotation.editor.app import picture
from tests.annotation.visits.test_visitors import SECRET, every_route, join

FULL = bool(os.environ.get("MATTING_FULL"))
MARK = b"pixels that only their owner may see"
OF_THE_MACHINE = (b"root:x:0", b"SQLite format 3", b"HOME=", b"[project]")
TARGETS = ("etc/passwd", "proc/self/environ", "pyproject.toml")
CLIMBS = ("../" * 12, "..%2f" * 12, "%2e%2e/" * 12, "..%252f" * 12, "....//" * 12, "..\\" * 12, "..%5c" * 12, "/", "//",
          "file:///", "%00/", "..;/" * 12, "%c0%ae%c0%ae/" * 12, "．．／" * 12, "~root/../")  # fmt: skip
PARAMETERS = ("session_hash", "event_id", "upload_id", "path", "file", "url", "__theme", "fn_index")
ENDLESS = re.compile("heartbeat|queue/data|upload_progress|startup-events")
"""Answers that go on for as long as the page is open; test_visitors.py asks for another visitor's."""
LAUNCHED = {"", "/", "/theme.css", "/gradio_api/theme.css"}
"""Only a launched app has them; they are the same for everybody."""
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS")


@pytest.fixture
def two(demo):
    """A visitor who has uploaded and painted, another one who attacks, and all names that are the first one's."""
    mine, other = demo.visitor(), demo.visitor()
    (path,) = mine.post("/gradio_api/upload?upload_id=u1", files={"files": ("a.png", MARK)}).json()
    event = join(mine, "page1", [{"path": path}]).json()["event_id"]
    image, alpha, trimap = picture(48, 64)
    with inside(demo.visit_of(mine)):
        draft = demo.studio.workspace.begin(image, trimap, name=MARK.decode(), alpha=alpha)
        demo.studio.workspace.open(draft, SECRET)
    visit = demo.visit_of(mine)
    files = [str(each) for each in visit.folder.rglob("*") if each.is_file()]
    return mine, other, {"files": [path, *files], "ids": [event, draft, "page1", "u1", visit.name]}


def forms(path):
    """A path with {} for each of its placeholders."""
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


def payloads(paths, names):
    """(method, address, headers) of every attack, in an order that a seed fixes."""
    wanted = [*(climb + target for climb in CLIMBS for target in TARGETS), *names["files"], *names["ids"]]
    written = [*wanted, *map(quote, wanted), *(quote(each, safe="") for each in wanted)]
    for path, value in itertools.product(paths, written):
        filled = forms(path).replace("{}", value) if "{" in path else f"{path}/{value}"
        yield "GET", filled, {}
        yield "GET", forms(path).replace("{}", "some") + f"?{random.choice(PARAMETERS)}={quote(value)}", {}
    strange = [
        *(("X-Original-URL", value) for value in written),
        *(("X-Rewrite-URL", value) for value in written),
        *(("Cookie", f"matting-visit={quote(value)}") for value in written),
        *(("X-Secret", quote(value)) for value in [*wanted, SECRET]),
        *(("X-Forwarded-Prefix", quote(value)) for value in wanted),
        ("X-Forwarded-For", "127.0.0.1, ::1"),
        ("X-Forwarded-Proto", "https, javascript:"),
        ("X-Forwarded-Host", "127.0.0.1@attacker.example"),
        ("Range", "bytes=0-,1-,2-,3-,4-"),
        ("Range", "bytes=99999999999999999999-"),
        ("Content-Length", "-1"),
        ("Content-Type", "multipart/form-data; boundary="),
        ("Content-Encoding", "gzip"),
        ("Accept-Language", "x" * 8000),
        ("If-None-Match", "*"),
        ("Upgrade", "websocket"),
        ("Authorization", "Basic ////"),
        ("Referer", "javascript:alert(1)"),
    ]
    for path, (name, value), method in itertools.product(paths, strange, METHODS):
        yield method, forms(path).replace("{}", "some"), {name: value.encode("utf-8", "ignore")}


def is_hit(answer, address):
    """Whether the answer gives away what it must not."""
    is_draft = answer.is_success and "/correct/works/" in address and answer.request.method != "OPTIONS"
    return is_draft or any(mark in answer.content for mark in (MARK, *OF_THE_MACHINE))


def test_no_path_query_or_header_reaches_what_is_anothers_or_the_machines(demo, two):
    _, other, names = two
    demo.limit(other, requests_a_minute=10**9)
    found = {path for path, is_socket in every_route(demo.app) if not is_socket and not ENDLESS.search(path)}
    paths = sorted(found - LAUNCHED)
    random.seed(0)
    every = list(payloads(paths, names))
    for method, address, headers in random.sample(every, 4000 if FULL else 300):
        answer = other.request(method, quote(address, safe="/%?=&:#;~\\"), headers=headers)
        what = f"{method} {address} {headers}: {answer.status_code}"
        assert not is_hit(answer, address), what
        assert answer.status_code < 500, what


def guesses(names, count):
    """Ids near those that exist, and ids drawn at random."""
    digits = "0123456789abcdef"
    near = [name[:at] + digit + name[at + 1 :] for name in names["ids"] for at in range(len(name)) for digit in digits]
    drawn = ("".join(random.choices(digits, k=32)) for _ in itertools.count())
    return list(
        itertools.islice(itertools.chain(names["ids"], random.sample(near, min(count // 2, len(near))), drawn), count)
    )


def test_no_guess_finds_anothers_draft_file_or_page(demo, two):
    _, other, names = two
    demo.limit(other, requests_a_minute=10**9)
    random.seed(0)
    addresses = [
        "/correct/works/{}/photo", "/correct/works/{}/alpha", "/correct/works/{}/thumbnail",
        "/correct/works/{}/start/automatic", "/gradio_api/file={}", "/gradio_api/call/some/{}",
    ]  # fmt: skip
    for name in guesses(names, 10_000 if FULL else 300):
        address = random.choice(addresses).format(name)
        answer = other.get(address, headers={"x-secret": SECRET})
        assert answer.status_code in (400, 403, 404), f"{address}: {answer.status_code}"
        assert not is_hit(answer, address), address
