"""A tool is one file and one line in tools/all_tools.js: button, key, help and pointer follow from it."""

import pytest

from tests.annotation.conftest import STATIC
from tests.annotation.editor.test_browser import Person

pytestmark = pytest.mark.browser

DOT = """
import { Tool } from "./tool.js";

export class Dot extends Tool {
  static label = "Dot";
  static help = "Dot: a click is a brush stroke of one point";
  static key = "K";
  static icon = "•";
  takesRightButton = true;

  release(pixel, press, isClick) {
    if (isClick) this.editor.painting.finish(this.stroke("brush", [pixel], press));
  }
}
"""


def with_line(table):
    return 'import { Dot } from "./dot.js";' + table.replace(
        "export const TOOLS = {", "export const TOOLS = { dot: Dot,"
    )


def answer(script):
    return lambda route: route.fulfill(body=script, content_type="text/javascript")


@pytest.fixture
def person(browser, app):
    """Somebody whose editor has one more tool."""
    scripts = {"/tools/all_tools.js": with_line((STATIC / "tools" / "all_tools.js").read_text()), "/tools/dot.js": DOT}
    context = browser.new_context(viewport={"width": 1000, "height": 760})
    for path, script in scripts.items():
        context.route(f"**{path}", answer(script))
    person = Person(context, app.address, 0, False)
    person.begin()
    yield person
    context.close()
    assert person.errors == []


def test_a_file_and_a_line_are_a_tool(person):
    hint = person.page.locator("footer .hint")  # what a finger, which sees no titles, learns about the chosen tool
    assert "for hair, choose Unknown" in hint.inner_text()
    person.press("u")
    assert hint.inner_text().startswith("Unknown: hair")
    button = person.page.get_by_role("button", name="Dot", exact=True)
    assert button.get_attribute("title") == "Dot: a click is a brush stroke of one point  (K)"
    assert button.get_attribute("aria-pressed") == "false"
    person.press("k")
    assert button.get_attribute("aria-pressed") == "true"
    assert hint.inner_text() == "Dot: a click is a brush stroke of one point"
    box = person.page.locator(".pane canvas").first.bounding_box()
    person.page.mouse.click(box["x"] + 200, box["y"] + 200, button="right")
    person.page.mouse.click(box["x"] + 300, box["y"] + 200)
    person.settle()
    strokes = person.page.evaluate("document.querySelector('.trimap-editor').editor.history.saved")
    assert [(stroke["kind"], len(stroke["points"])) for stroke in strokes] == [("brush", 1)] * 2
    person.press("?")
    assert person.page.locator("dialog dd", has_text="a brush stroke of one point").is_visible()
    person.page.keyboard.press("Escape")
    person.page.set_viewport_size({"width": 390, "height": 844})
    box = hint.bounding_box()
    assert hint.is_visible() and box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_no_two_keys_are_the_same(scripts):
    keys = scripts.evaluate(
        "async () => { const { KEYS } = await import('/controls/keys.js'); return KEYS.flatMap(row => row.keys) }"
    )
    assert {"P", "L", "S", "G", "Escape"} <= set(keys)
    assert len(keys) == len(set(keys))
