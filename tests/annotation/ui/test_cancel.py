"""Cancel and a closed page, as a person has them: a large finish stops within a second and the cores are free."""

import time
from contextlib import suppress

import numpy as np
import psutil
import pytest

from annotation.correction.workspace import Workspace
from annotation.store import Drafts, open_store
from tests import browser
from tests.annotation.editor.app import picture

pytestmark = pytest.mark.browser
SECONDS = 1.0


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """(address, the app's process, the folder of its data)."""
    data = tmp_path_factory.mktemp("data")
    with browser.running_app(data) as address:
        app = next(each for each in psutil.Process().children() if str(data) in each.cmdline())
        yield address, app, data


def take_large(data):
    """Put a photo of 3 megapixels, unknown but for a rim and a dot, into work; its id."""
    image, _, _ = picture(1500, 2000)
    noise = np.random.default_rng(0).integers(-20, 20, image.shape)
    image = np.clip(image.astype(int) + noise, 0, 255).astype(np.uint8)
    trimap = np.full(image.shape[:2], 128, np.uint8)
    trimap[:10], trimap[700:720, 1000:1020] = 0, 255
    return Workspace(Drafts(open_store(data)), None).begin(image, trimap, name="large")


def busy(app):
    """The app's processes that solve and take a core."""
    found = []
    for each in app.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # a zombie too
            if "matting.solving.separate_process" in " ".join(each.cmdline()) and each.cpu_percent(0.3) > 20:
                found.append(each)
    return found


@pytest.fixture
def page(chromium, running):
    """The page with a large photo open in the Correct tab, being finished."""
    address, app, data = running
    page = chromium.new_context(viewport={"width": 1360, "height": 1000}).new_page()
    page.goto(address)
    draft = take_large(data)
    page.get_by_role("tab", name="Correct").click()
    page.wait_for_function("document.querySelector('.trimap-editor')?.editor")
    page.evaluate("work => document.querySelector('.trimap-editor').editor.open(work)", draft)
    page.wait_for_selector(".trimap-editor[data-state=open]", timeout=60_000)
    page.locator("#finish-with input").click()
    page.get_by_role("option", name="Closed-form matting").click()
    page.get_by_role("button", name="↓ Alpha", exact=True).and_(page.locator(".md")).locator("visible=true").click()
    browser.wait_until(lambda: bool(busy(app)), seconds=90)
    yield page
    page.close()


def test_cancel_stops_a_solve_within_a_second(page, running):
    assert page.get_by_role("button", name="Save to the dataset").is_disabled()
    start = time.monotonic()
    page.locator("#cancel-finishing").click()
    page.locator("button:enabled", has_text="Save to the dataset").wait_for(timeout=10_000)
    assert time.monotonic() - start < SECONDS
    browser.wait_until(lambda: not busy(running[1]), seconds=1)  # it has 0.3 s to end by itself
    page.get_by_text("Cancelled.").wait_for(timeout=5_000)
    assert page.locator("#cancel-finishing").is_disabled()


def test_a_closed_page_stops_its_solve(page, running):
    page.close()
    browser.wait_until(lambda: not busy(running[1]), seconds=5)
