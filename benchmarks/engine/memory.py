"""The memory of the app and all of its processes while a large photo is finished and saved in the page.

    python -m benchmarks.engine.memory [--megapixels 12] [--unknown 0.38]

A small photo is saved first, so that every model is loaded; the large photo's memory comes on top of that. Memory is
the proportional set size, summed over the app and its processes, without the browser. It needs Linux.
"""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import numpy as np
import psutil
import typer
from playwright.sync_api import Page, sync_playwright
from rich.console import Console

from annotation.correction.workspace import Workspace
from annotation.store import Drafts, open_store
from benchmarks.generated.photo import hair_photo
from benchmarks.hosting.processes import app_process_of, gigabytes
from matting.arrays import UNKNOWN
from matting.resize import resize
from matting.trimap import distance_to
from tests.browser import CHROMIUM, FLAGS, running_app

SMALL = 0.3
"""Megapixels of the photo that loads the models."""
WAIT = 900_000


def take_in(data: Path, megapixels: float, unknown: float) -> str:
    """A draft of an enlarged photo of hair with that share of it unknown; the draft's id."""
    small = hair_photo(600, 900)
    reach = distance_to(small.trimap == UNKNOWN)
    wide = np.where(reach <= np.quantile(reach, unknown), UNKNOWN, small.trimap).astype(np.uint8)
    scale = np.sqrt(megapixels * 1e6 / wide.size)
    size = round(600 * scale), round(900 * scale)
    workspace = Workspace(Drafts(open_store(data)), None)
    return workspace.begin(resize(small.image, size), resize(wide, size, smooth=False), name=f"{megapixels}")


@contextmanager
def watched(app: psutil.Process) -> Iterator[list[tuple[float, float]]]:
    """What `gigabytes` gives, ten times a second."""
    seen, ended = [gigabytes(app)], threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            seen.append(gigabytes(app))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join()


def save(page: Page, draft: str) -> None:
    """Open the draft in the Correct tab, and save it."""
    page.evaluate("draft => document.querySelector('.trimap-editor').editor.open(draft)", draft)
    page.wait_for_selector(".trimap-editor[data-state=open]", timeout=WAIT)
    page.get_by_role("button", name="Save to the dataset").click()
    page.get_by_text("Saved to the dataset: sample").wait_for(timeout=WAIT)


def main(
    megapixels: Annotated[float, typer.Option(help="Size of the photo.")] = 12,
    unknown: Annotated[float, typer.Option(help="Share of it that is unknown, 0 to 1.")] = 0.38,
) -> None:
    """Print the memory before, at its peak, and after."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        data = Path(folder)
        drafts = [take_in(data, size, unknown) for size in (SMALL, megapixels)]
        with running_app(data) as address:
            app = app_process_of(data)
            page = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS).new_page()
            for draft, size in zip(drafts, (SMALL, megapixels), strict=True):
                page.goto(address)
                page.get_by_role("tab", name="Correct").click()
                page.wait_for_function("document.querySelector('.trimap-editor')?.editor")
                page.locator("#status").wait_for(state="hidden", timeout=WAIT)  # compiling does not count
                begun = time.monotonic()
                with watched(app) as seen:
                    save(page, draft)
                totals = [sum(each) for each in seen]
                own, others = max(seen, key=sum)
                console.print(
                    f"{size:g} MP, {unknown:.0%} unknown: {totals[0]:.2f} GB before, {max(totals):.2f} GB at most "
                    f"(the app {own:.2f}, its processes {others:.2f}), "
                    f"{totals[-1]:.2f} GB after; {time.monotonic() - begun:.0f} s"
                )


if __name__ == "__main__":
    typer.run(main)
