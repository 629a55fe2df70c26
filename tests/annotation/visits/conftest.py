"""A demo without a server: its own routes and Gradio's, behind what every request of a demo passes."""

from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest
from gradio.routes import App
from starlette.testclient import TestClient

from annotation.studio import Studio
from annotation.ui import page as whole_page
from annotation.ui.getting_ready import Warmup
from annotation.visits.limits import Limits
from annotation.visits.visits import Visits
from annotation.web.demo_page import VisitorsPage
from tests.annotation.editor.app import quick_solve


@dataclass
class Demo:
    """The app, and how to visit it."""

    studio: Studio
    visits: Visits
    app: App
    stack: ExitStack

    def visitor(self):
        """A new browser that has opened the page."""
        client = self.stack.enter_context(TestClient(self.app))
        assert client.get("/config").status_code == 200
        return client

    def visit_of(self, client):
        """The visit of a browser."""
        return self.visits.find(client.cookies["matting-visit"])

    def limit(self, client, **numbers):
        """Other limits for one visit."""
        visit = self.visit_of(client)
        visit.limits = replace(visit.limits, **numbers)
        return visit


@pytest.fixture
def demo(tmp_path, monkeypatch):
    """A demo whose page has only what all its tests need of it."""
    cache = tmp_path / "cache"
    cache.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(cache))
    visits = Visits(tmp_path / "data" / "visits", tmp_path / "scratch", cache, Limits())
    studio = Studio.open_demo(tmp_path / "data", visits)
    studio.workspace.solve = quick_solve
    blocks = whole_page.build(studio, Warmup())
    assert isinstance(blocks, VisitorsPage)
    blocks.max_file_size = None  # as launch() would
    app = App.create_app(
        blocks, app_kwargs={"routes": whole_page.routes(studio), "middleware": whole_page.inner_middleware(studio)}
    )
    visits.ending.append(lambda visit: whole_page.end_pages(visits, visit))
    with ExitStack() as stack:
        yield Demo(studio, visits, app, stack)
    if studio.owner:
        studio.owner.close()
