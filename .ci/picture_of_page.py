"""Take the README's picture of the page again: `python .ci/picture_of_page.py`, from the repository's root."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests import browser  # noqa: E402 (the tests are not installed)

with (
    tempfile.TemporaryDirectory() as data,
    browser.running_app(Path(data)) as address,
    sync_playwright() as playwright,
):
    opened = playwright.chromium.launch(executable_path=browser.CHROMIUM, args=browser.FLAGS)
    page = opened.new_page(viewport={"width": 1400, "height": 1040})
    page.goto(f"{address}?__theme=light")
    page.locator("#status").wait_for(state="hidden", timeout=300_000)
    page.locator(".gallery-item").first.click()
    page.locator("#download:enabled").wait_for(timeout=90_000)
    page.get_by_label("Picture", exact=True).check()
    page.locator("#drawn-pictures .gallery-item").nth(3).click()
    page.locator("#download:enabled").wait_for(timeout=90_000)
    page.wait_for_timeout(3000)
    page.evaluate("scrollTo(0, 0)")
    page.mouse.move(2, 2)
    page.wait_for_timeout(500)
    page.screenshot(path=ROOT / "docs/studio.png")
    opened.close()
