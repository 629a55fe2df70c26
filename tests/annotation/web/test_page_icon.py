"""A page names its icon, and nothing else is touched."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from annotation.web.forwarding import Forwarded
from annotation.web.page_icon import PageIcon

PAGE = "<!doctype html><html><head><title>ü</title></head><body><head></body></html>"


def client(root_path=""):
    routes = [Route("/", lambda _: HTMLResponse(PAGE)), Route("/text", lambda _: PlainTextResponse(PAGE))]
    chain = [Middleware(Forwarded, root_path=root_path), Middleware(PageIcon)]
    return TestClient(Starlette(routes=routes, middleware=chain))


@pytest.mark.parametrize("root_path", ["", "/studio", "/a/b"])
def test_a_page_names_its_icon_once(root_path):
    answer = client(root_path).get("/")
    assert answer.text == PAGE.replace("<head>", f'<head><link rel="icon" href="{root_path}/favicon.ico" />', 1)
    assert int(answer.headers.get("content-length", len(answer.content))) == len(answer.content)


def test_what_is_no_page_stays_as_it_is():
    assert client().get("/text").text == PAGE


def test_the_length_of_an_empty_answer_is_right():
    assert client().head("/").content == b""
