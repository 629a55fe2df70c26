"""What a person sees in the Live tab: frames per second and their delay, as the page itself counts them, in chromium.

    python -m benchmarks.live_browser --size 640x480 --size 1280x720 --seconds 20

The browser's camera plays a generated clip at 30 frames per second. Browser and server share the cores. Without a
graphics card, chromium also draws WebGL on them, in its graphics process.
"""

import tempfile
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import psutil
import typer
from playwright.sync_api import Page, sync_playwright

from benchmarks.generated.clips import Clip, write_camera
from tests.browser import CHROMIUM, camera_flags, running_app

FIGURES = ("fps", "late", "worst", "model")
"""The page's figures for the last two seconds: frames shown per second, median and 95 % of their delay, model runs per
second.
"""


def start(page: Page, lines: int, kind: str, model: str) -> None:
    """Go live with those choices, and wait ten seconds for it to settle."""
    page.get_by_role("tab", name="Live").click()
    page.locator(".live[data-mounted]").wait_for()
    page.locator(f".live-kinds label:has(input[value={kind}])").click()
    page.locator(".live-model").select_option(model)
    page.locator(".live-lines").select_option(str(lines))
    page.get_by_role("button", name="Start camera").click()
    page.locator(".live[data-fps]").wait_for()
    page.wait_for_timeout(10_000)


def figures(page: Page, seconds: float) -> list[float]:
    """The median of each of FIGURES over `seconds`, then the times of `busy` in milliseconds per frame shown."""
    rows, before, began = [], busy(), time.monotonic()
    while time.monotonic() < began + seconds:
        page.wait_for_timeout(2000)
        rows.append([float(page.locator(".live").get_attribute(f"data-{name}") or "nan") for name in FIGURES])
    shown = np.mean(rows, axis=0)[0] * (time.monotonic() - began)
    return [*np.median(rows, axis=0), *(1000 * (busy() - before) / shown)]


def busy() -> np.ndarray:
    """(2,) processor seconds that chromium has used so far: for graphics, and for everything else."""
    spent = np.zeros(2)
    for process in psutil.Process().children(recursive=True):
        command = " ".join(process.cmdline())
        if "chromium" in command:
            times = process.cpu_times()
            spent[0 if "--type=gpu-process" in command else 1] += times.user + times.system
    return spent


def main(
    size: Annotated[list[str] | None, typer.Option(help="WIDTHxHEIGHT of the camera; may be repeated.")] = None,
    seconds: Annotated[float, typer.Option(help="How long each row is measured.")] = 20,
    kind: Annotated[str, typer.Option(help="The background: blur, colour, cutout or green.")] = "blur",
    model: Annotated[str, typer.Option(help="modnet or rvm.")] = "modnet",
) -> None:
    """Print a table, one row for each size."""
    print("| camera | shown a second | p50, p95 ms late | model runs a second | processor ms a frame: graphics, rest |")
    print("|" + " --- |" * 5)
    for each in size or ["640x480", "1280x720"]:
        width, height = map(int, each.split("x"))
        with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright, running_app(Path(data)) as address:
            camera = write_camera(Path(data) / "camera.y4m", Clip(60, (height, width)))
            opened = playwright.chromium.launch(executable_path=CHROMIUM, args=camera_flags(camera))
            page = opened.new_page(permissions=["camera"], viewport={"width": 1280, "height": 900})
            page.goto(address)
            start(page, height, kind, model)
            fps, late, worst, runs, graphics, other = figures(page, seconds)
            opened.close()
        print(f"| {each} | {fps:.1f} | {late:.0f}, {worst:.0f} | {runs:.1f} | {graphics:.0f}, {other:.0f} |")


if __name__ == "__main__":
    typer.run(main)
