"""Scripts and styles of the page: after an update, a browser that kept old ones fetches the new ones."""

import os

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from annotation.web.fresh_files import FreshFiles


def test_a_kept_copy_is_used_only_while_it_is_the_newest(tmp_path):
    script = tmp_path / "a.js"
    script.write_text("1")
    client = TestClient(Starlette(routes=[Mount("/static", FreshFiles(directory=tmp_path))]))
    first = client.get("/static/a.js")
    assert first.headers["cache-control"] == "no-cache"  # keep it, but ask each time
    asked = {"If-None-Match": first.headers["etag"]}
    assert client.get("/static/a.js", headers=asked).status_code == 304
    script.write_text("2")
    os.utime(script, (1, 1))  # an update may be older than what was there
    assert client.get("/static/a.js", headers=asked).text == "2"
