"""The way a person goes: an example, a stroke that corrects it, a sample in the dataset, an export to train with."""

import io

import numpy as np
import pytest

from annotation.store import get_revision, open_store
from annotation.strokes.stroke import from_bytes
from annotation.ui.photo_input import EXAMPLES
from matting.files import read_alpha, read_trimap
from tests import browser

ROWS = """selector => {
  const middles = [...document.querySelectorAll(selector)].filter(each => each.checkVisibility()).map(each => {
    const { top, bottom } = each.getBoundingClientRect();
    return Math.round((top + bottom) / 20);
  });
  return new Set(middles).size;
}"""
"""In how many rows the elements stand."""


@pytest.mark.browser
def test_from_an_example_over_a_stroke_to_a_sample(chromium, app, tmp_path):
    with browser.running_app(tmp_path) as address:
        page = chromium.new_context(viewport={"width": 1360, "height": 900}).new_page()
        page.goto(address)
        page.locator(".gallery-item").first.click()
        page.get_by_text("512 × 512").first.wait_for(timeout=60_000)
        page.get_by_role("button", name="Correct by hand").click()
        page.wait_for_selector(".trimap-editor[data-state=open]")
        page.locator(".shelf .card[aria-current]").wait_for()
        assert page.evaluate(ROWS, ".painting > *") == 1
        for name in ("Save to the dataset", "All as ZIP", "Cancel"):  # in sight without scrolling
            last = page.get_by_role("button", name=name).locator("visible=true").bounding_box()
            assert last["y"] + last["height"] <= 900

        box = page.locator(".panes").bounding_box()
        page.keyboard.press("b")
        middle, top = box["x"] + box["width"] / 2, box["y"] + 20  # the wall above her head
        page.mouse.move(middle - 60, top)
        page.mouse.down()
        page.mouse.move(middle + 60, top, steps=5)
        page.mouse.up()
        page.get_by_text("Stored, 1 stroke").wait_for()

        page.get_by_role("button", name="Save to the dataset").click()
        page.get_by_text("Saved to the dataset: sample 1, revision 1.").wait_for(timeout=90_000)
        page.get_by_role("link", name="sample 1").click()
        page.locator(".dataset-name", has_text="1 ·").wait_for()
        page.get_by_role("tab", name="Correct", exact=True).click()
        page.get_by_role("button", name="Back to your photos").click()
        page.get_by_text("Saved to the dataset").wait_for(state="hidden")  # it says nothing of the next photo
        photo = page.get_by_role("tabpanel").locator("visible=true").locator("input[type=file]").first
        photo.set_input_files(EXAMPLES[2])  # it opens by itself
        page.wait_for_selector(".trimap-editor[data-state=open]", timeout=60_000)
        page.close()
    store = open_store(str(tmp_path))
    revision = get_revision(store, 1)
    (stroke,) = from_bytes(store.files.get(revision.scribbles))
    assert (stroke.label, revision.strokes, revision.model) == ("background", 1, "studio")
    trimap, alpha = read_trimap(open_part(store, revision.trimap)), read_alpha(open_part(store, revision.alpha))
    painted = [trimap[y, x] for x, y in stroke.points if 0 <= x < 512 and 0 <= y < 512]
    assert painted and set(painted) == {0}
    assert (alpha[trimap == 0] == 0).all() and (alpha[trimap == 255] == 1).all()
    assert 0.05 < np.mean((alpha > 0.02) & (alpha < 0.98)) / np.mean(trimap == 128) < 0.95


def open_part(store, key):
    """A file of the dataset, to read from."""
    return io.BytesIO(store.files.get(key))
