"""Who is logged in, asked of Gradio's real app: its own login gives what access.py reads."""

import gradio as gr
import pytest
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from annotation.web.access import is_logged_in


async def asked(request):
    return JSONResponse(await is_logged_in(request))


def client(*, auth=None, **app):
    """A browser at Gradio's app for an empty page; `auth` are names and passwords."""
    with gr.Blocks() as page:
        page.auth = auth
    routes = {"routes": [Route("/asked", asked)]}
    return TestClient(gr.routes.App.create_app(page, app_kwargs=routes, **app), base_url="http://studio.test")


def test_without_a_login_everybody_may():
    assert client().get("/asked").json() is True


def test_only_who_logged_in_may():
    browser = client(auth=[("ann", "password")])
    assert browser.get("/asked").json() is False
    assert browser.post("/login", data={"username": "ann", "password": "wrong"}).status_code == 400
    assert browser.get("/asked").json() is False
    assert browser.post("/login", data={"username": "ann", "password": "password"}).status_code == 200
    assert browser.get("/asked").json() is True
    browser.get("/logout", follow_redirects=False)
    assert browser.get("/asked").json() is False


@pytest.mark.parametrize("is_async", [False, True])
def test_who_another_system_knows_may(is_async):
    def user(request):
        return request.headers.get("x-user")

    async def user_later(request):
        return user(request)

    browser = client(auth_dependency=user_later if is_async else user)
    assert browser.get("/asked").json() is False
    assert browser.get("/asked", headers={"x-user": "ann"}).json() is True
