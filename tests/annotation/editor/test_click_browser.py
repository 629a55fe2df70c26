"""A real click in a real browser on a real photo, answered by the real network."""

import numpy as np
import pytest
from skimage import data

from annotation.store import Drafts, open_store
from matting.arrays import BACKGROUND, FOREGROUND
from matting.files import encode_image
from tests.annotation.editor.conftest import App
from tests.annotation.editor.test_browser import DIGEST, Person
from tests.browser import free_port
from tests.outlines import CUP, outlined, overlap

pytestmark = pytest.mark.browser
PLACE = """([x, y]) => {
  const { view } = document.querySelector(".trimap-editor").editor;
  const { left, top } = document.querySelector(".pane canvas").getBoundingClientRect();
  return [left + (x + 0.5) * view.zoom + view.x, top + (y + 0.5) * view.zoom + view.y];
}"""
TRIMAP = """() => {
  const { width, height, pixels } = document.querySelector(".trimap-editor").editor.history.trimap;
  return { width, height, pixels: Array.from(pixels) };
}"""
DOTS = "[...document.querySelectorAll('.pane:first-child .points circle')].map(dot => dot.dataset.label)"


@pytest.fixture
def cup_app(tmp_path, mobile_sam):
    """The editor on skimage's coffee, its weights in place."""
    photo = tmp_path / "coffee.png"
    photo.write_bytes(encode_image(data.coffee(), ".png"))
    running = App(tmp_path, free_port(), str(photo))
    running.start()
    yield running
    running.stop()


class Clicker(Person):
    """Somebody who clicks on pixels of the photo."""

    def choose(self):
        self.press("s")
        self.page.wait_for_selector(".clicking[data-state=ready]", state="attached", timeout=120_000)

    def click(self, x, y, *, number, **how):
        self.page.mouse.click(*self.page.evaluate(PLACE, [x, y]), **how)
        self.page.wait_for_function(
            f"document.querySelector('.trimap-editor').dataset.saved === '{number}'", timeout=120_000
        )

    def trimap(self):
        told = self.page.evaluate(TRIMAP)
        return np.array(told["pixels"], np.uint8).reshape(told["height"], told["width"])


def test_a_click_on_the_cup_makes_its_trimap_and_a_restart_finds_it_again(browser, cup_app):
    context = browser.new_context(viewport={"width": 1200, "height": 860})
    person = Clicker(context, cup_app.address, 0, False)
    person.begin()
    before = person.page.evaluate(DIGEST)
    person.choose()
    person.click(330, 310, number=1)
    truth, first = outlined(CUP, (400, 600)), person.trimap()
    assert overlap(first == FOREGROUND, truth) > 0.8
    assert truth[first == FOREGROUND].mean() > 0.98
    assert not truth[first == BACKGROUND].mean() > 0.02
    person.click(120, 180, number=2, button="right")
    second = person.trimap()
    assert second[180, 120] == BACKGROUND != first[180, 120]
    assert person.page.evaluate(DOTS) == ["foreground", "background"]

    shown = person.page.evaluate(DIGEST)
    assert shown == cup_app.get(f"/test/trimap/{person.draft}") != before
    strokes = Drafts(open_store(cup_app.folder)).strokes(person.draft)
    assert [(stroke.kind, stroke.label, stroke.points) for stroke in strokes] == [
        ("start", "foreground", ((330, 310),)),
        ("start", "background", ((120, 180),)),
    ]

    cup_app.stop(number=9)
    cup_app.start()
    person.reload()
    assert person.page.evaluate(DIGEST) == cup_app.get(f"/test/trimap/{person.draft}") == shown
    person.undo()
    person.settle()
    assert np.array_equal(person.trimap(), first)
    person.undo()
    person.settle()
    assert person.page.evaluate(DIGEST) == cup_app.get(f"/test/trimap/{person.draft}") == before
    assert person.errors == []
    context.close()


def test_without_the_weights_the_page_asks_and_painting_goes_on(browser, tmp_path, monkeypatch):
    monkeypatch.setenv("MATTING_WEIGHTS", str(tmp_path / "weights"))
    running = App(tmp_path, free_port())
    running.start()
    context = browser.new_context(viewport={"width": 1200, "height": 860})
    person = Clicker(context, running.address, 0, False)
    person.begin()
    person.press("s")
    notice = person.page.locator(".clicking")
    notice.get_by_text("Selecting by click needs MobileSAM, 41 MB, Apache-2.0. Download?").wait_for()
    person.page.mouse.click(*person.page.evaluate(PLACE, [160, 120]))
    person.page.get_by_role("button", name="Not now").click()
    assert notice.is_hidden()
    assert person.page.get_attribute(".tools [data-value=brush]", "aria-pressed") == "true"
    person.click(160, 120, number=1)
    strokes = Drafts(open_store(tmp_path)).strokes(person.draft)
    assert [stroke.kind for stroke in strokes] == ["brush"]
    assert not list(tmp_path.glob("weights/*.pt"))
    assert person.errors == []
    context.close()
    running.stop()
