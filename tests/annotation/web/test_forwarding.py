"""An app behind a proxy: the address people see comes back into each request."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from annotation.web.forwarding import Forwarded, read_prefix, tidy


def where(request: Request):
    return PlainTextResponse(f"{request.url} {request.base_url}")


def client(root_path=""):
    routes = [Route("/page", where), Mount("/below", routes=[Route("/page", where)])]
    app = Starlette(routes=routes, middleware=[Middleware(Forwarded, root_path=tidy(root_path))])
    return TestClient(app, base_url="http://localhost:7860")


@pytest.mark.parametrize("root_path", ["/studio", "studio/", "https://studio.example/studio/"])
@pytest.mark.parametrize("asked", ["/page", "/studio/page", "/below/page", "/studio/below/page"])
def test_a_sub_path_is_there_whether_the_proxy_strips_it_or_not(root_path, asked):
    answer = client(root_path).get(asked)
    assert answer.status_code == 200
    assert answer.text.startswith(f"http://localhost:7860/studio{asked.removeprefix('/studio')} ")


def test_a_sub_path_that_only_begins_alike_is_another():
    assert client("/stud").get("/studio/page").status_code == 404


def test_the_proxys_own_word_is_taken_where_nothing_else_is_said():
    told = {"X-Forwarded-Prefix": "/studio/", "X-Forwarded-Host": "studio.example, inner"}
    assert client().get("/below/page", headers=told).text.startswith("http://studio.example/studio/below/page ")
    assert client("/other").get("/page", headers=told).text.startswith("http://studio.example/other/page ")


@pytest.mark.parametrize("header", ["//evil.example", "https:evil", "/a b", "/<script>", "/..", "/live", "?a", ""])
def test_a_prefix_that_is_no_path_is_left_alone(header):
    assert read_prefix(header) in ("", "/evil.example")
    assert client().get("/page", headers={"X-Forwarded-Prefix": header}).status_code == 200


@pytest.mark.parametrize(
    ("given", "kept"),
    [("", ""), ("/", ""), (" studio ", "/studio"), ("/a//b/", "/a/b"), ("https://x.org:8/a/", "https://x.org:8/a"),
     ("http://x.org/", "http://x.org"), ("/~ann/my.studio", "/~ann/my.studio")],
)  # fmt: skip
def test_a_sub_path_is_tidied(given, kept):
    assert tidy(given) == kept


@pytest.mark.parametrize("given", ["/a b", "ftp://x/a", "/a?b", "/a#b", "https://x/a?b", "/../a", "/live", "correct/x"])
def test_what_is_no_sub_path_is_refused_in_a_sentence(given):
    with pytest.raises(ValueError, match="a sub-path"):
        tidy(given)
