"""How smooth the Correct tab is on a large photo: frame times in chromium while a person moves, zooms and paints.

    python -m benchmarks.large_photo [--megapixels 50] [--ratio 1]

The app runs beside the browser, which draws without a graphics card, so both share the processor. A frame time is the
time from one picture on the screen to the next while something moves; 17 ms is the screen's own pace.
"""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from annotation.correction.workspace import Workspace
from annotation.store import Drafts, open_store
from benchmarks.generated.photo import hair_photo
from matting.resize import resize
from tests.browser import CHROMIUM, FLAGS, running_app

EDITOR = "document.querySelector('.trimap-editor')?.editor"
WATCH = """() => {
  window.drawn = [];
  const note = now => { window.drawn.push(now); window.watching = requestAnimationFrame(note); };
  window.watching = requestAnimationFrame(note);
}"""
SEEN = "() => { cancelAnimationFrame(window.watching); return window.drawn; }"


def take_in(data: Path, megapixels: float) -> str:
    """A draft of an enlarged photo of hair; the draft's id."""
    small = hair_photo(1000, 1500)
    scale = np.sqrt(megapixels * 1e6 / small.trimap.size)
    size = int(1000 * scale), int(1500 * scale)
    workspace = Workspace(Drafts(open_store(data)), lambda *_: small.alpha)
    return workspace.begin(resize(small.image, size), resize(small.trimap, size, smooth=False), name="large")


def frames(page: Page, act: Callable[[int], None], *, steps: int) -> list[float]:
    """Milliseconds of each frame while `act` is done `steps` times, 60 times per second if the page keeps up."""
    page.evaluate(WATCH)
    for step in range(steps):
        began = time.monotonic()
        act(step)
        time.sleep(max(0.0, 1 / 60 - time.monotonic() + began))
    return np.diff(page.evaluate(SEEN)).tolist()


def acts(page: Page) -> dict[str, Callable[[int], None]]:
    """Name → what a person does, step by step, in the middle of the picture."""
    box = page.locator(".pane canvas").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def around(step: int) -> None:
        page.mouse.move(x + 200 * np.cos(step / 12), y + 150 * np.sin(step / 8))

    def wheel(step: int) -> None:
        page.mouse.wheel(0, -60 if step % 80 < 40 else 60)

    return {"drag": around, "wheel": wheel}


def measure(page: Page, console: Console) -> None:
    """Print a line for every act at every zoom and in every view."""
    does, mouse = acts(page), page.mouse
    for zoom in ("fit", "actual"):
        for view in ("trimap", "alpha", "cutout"):
            page.evaluate(f"{EDITOR}.actions.do('{zoom}'); {EDITOR}.actions.do('show', '{view}')")
            for name, button in (("move", "middle"), ("paint", "left")):
                does["drag"](0)
                mouse.down(button=button)  # type: ignore[arg-type]
                report(console, f"{name} {zoom} {view}", frames(page, does["drag"], steps=120))
                mouse.up(button=button)  # type: ignore[arg-type]
                time.sleep(1)
            report(console, f"zoom {zoom} {view}", frames(page, does["wheel"], steps=80))
    page.evaluate(f"{EDITOR}.actions.do('fit'); {EDITOR}.actions.do('show', 'trimap')")
    for key in ("Control+z", "Control+Shift+z", "d", "n"):
        page.focus(".panes")
        press = partial(page.keyboard.press, key)
        report(console, key, frames(page, lambda step, press=press: press() if step == 5 else None, steps=40))


def report(console: Console, name: str, milliseconds: list[float]) -> None:
    """Print median, p95 and the longest frame."""
    median, late = np.percentile(milliseconds, [50, 95])
    console.print(f"{name:24} {median:4.0f} ms (p95 {late:4.0f}, longest {max(milliseconds):4.0f})")


def main(
    megapixels: Annotated[float, typer.Option(help="Size of the photo.")] = 50,
    ratio: Annotated[float, typer.Option(help="Device pixels per CSS pixel.")] = 1,
) -> None:
    """Print a line for everything measured."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        draft = take_in(Path(folder), megapixels)
        with running_app(Path(folder)) as address:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            page = browser.new_page(viewport={"width": 1360, "height": 900}, device_scale_factor=ratio)
            page.goto(address)
            page.get_by_role("tab", name="Correct").click()
            page.wait_for_function(EDITOR)
            began = time.monotonic()
            page.evaluate(f"{EDITOR}.open('{draft}')")
            page.wait_for_selector(".trimap-editor[data-state=open]", timeout=120_000)
            console.print(f"open after {time.monotonic() - began:.1f} s")
            measure(page, console)
            browser.close()


if __name__ == "__main__":
    typer.run(main)
