"""Drives a running app as a person would: `python .ci/drive.py ADDRESS PID SCREENSHOTS`. Needs Playwright, chromium.

An example is cut out, corrected with a stroke and saved as a sample; then the webcam (a file that chromium plays) goes
live. Status 1 and a sentence if the app ends, a tab is dead, a socket does not open or no live picture comes back.
"""

import os
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Error, Page, WebSocket, sync_playwright

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream"]
INSTALLED = 1500
"""Seconds for the first command to install everything and start the app."""
FIRST = 600_000
"""Milliseconds for what waits until weights are fetched and solvers compiled."""
SOON = 60_000
LIVE_PICTURES = 3


class Sockets:
    """The page's WebSockets by their path, and how many messages came through each since the last `clear`."""

    def __init__(self, page: Page) -> None:
        self.heard: dict[str, int] = {}
        page.on("websocket", self._opened)

    def _opened(self, socket: WebSocket) -> None:
        path = "/" + socket.url.split("/", 3)[3].partition("?")[0]
        socket.on("framereceived", lambda _: self.heard.update({path: self.heard.get(path, 0) + 1}))

    def wait_for(self, path: str, count: int, page: Page) -> None:
        """Return once `count` messages came through the socket at `path`; SystemExit if they do not come."""
        end = time.monotonic() + SOON / 1000
        while self.heard.get(path, 0) < count:
            if time.monotonic() > end:
                raise SystemExit(f"{path} sent {self.heard.get(path, 0)} messages instead of {count} or more")
            page.wait_for_timeout(200)


def wait_for_app(address: str, process: int) -> None:
    """Return once the app answers; SystemExit if its process ends first or it takes too long."""
    end = time.monotonic() + INSTALLED
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            if not Path(f"/proc/{process}").exists():
                raise SystemExit("the app ended before it answered") from None
            time.sleep(1)
    raise SystemExit(f"{address} did not answer within {INSTALLED} s")


def write_camera(path: Path, *, width: int = 320, height: int = 240) -> Path:
    """A Y4M file: a bright disc that moves over a dark grey ground."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F15:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(15):
            centre = width // 4 + number * width // 30
            rows = (
                bytes(210 if (x - centre) ** 2 + (y - height // 2) ** 2 < 3600 else 50 for x in range(width))
                for y in range(height)
            )
            file.write(b"FRAME\n" + b"".join(rows) + bytes([128]) * (width * height // 2))
    return path


def correct(page: Page, sockets: Sockets) -> None:
    """Cut out → Correct → a stroke → a saved sample."""
    page.locator(".gallery-item").first.click()
    page.get_by_text("512 × 512").first.wait_for(timeout=FIRST)
    page.get_by_role("button", name="Correct by hand").click()
    page.locator(".trimap-editor[data-state=open]").wait_for(timeout=SOON)
    box = page.locator(".panes").bounding_box()
    page.keyboard.press("b")
    middle, top = box["x"] + box["width"] / 2, box["y"] + 20
    page.mouse.move(middle - 60, top)
    page.mouse.down()
    page.mouse.move(middle + 60, top, steps=5)
    page.mouse.up()
    page.get_by_text("Stored, 1 stroke").wait_for(timeout=SOON)
    sockets.wait_for("/correct/socket", 1, page)
    page.get_by_role("button", name="Save to the dataset").click()
    page.get_by_text("Saved to the dataset: sample 1, revision 1.").wait_for(timeout=FIRST)
    page.get_by_role("tab", name="Dataset").click()
    page.get_by_text("1 sample").first.wait_for(timeout=SOON)


def go_live(page: Page, sockets: Sockets) -> None:
    """Live: the camera's pictures go out and alphas come back."""
    page.get_by_role("tab", name="Live").click()
    page.locator(".live[data-mounted]").wait_for(timeout=SOON)
    page.get_by_role("button", name="Start camera").click()
    page.locator(".live[data-state=live]").wait_for(timeout=FIRST)
    sockets.wait_for("/live/socket", sockets.heard.get("/live/socket", 0) + LIVE_PICTURES, page)


def look_at_video(page: Page) -> None:
    """Video: the place to drop a file is there."""
    page.get_by_role("tab", name="Video").click()
    page.locator("input[type=file]:visible, [role=tabpanel]:visible input[type=file]").first.wait_for(
        state="attached", timeout=SOON
    )


def look_at_train(page: Page) -> None:
    """Train: it counts the samples, of which none is approved yet."""
    page.get_by_role("tab", name="Train").click()
    page.get_by_text("approve some in the Dataset tab").wait_for(timeout=SOON)


def drive(address: str, shots: Path) -> None:
    """Every tab, in the order of a first visit; SystemExit naming the step that failed."""
    shots.mkdir(parents=True, exist_ok=True)
    camera = write_camera(shots / "camera.y4m")
    with sync_playwright() as playwright:
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera}"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        context = browser.new_context(viewport={"width": 1360, "height": 1000}, permissions=["camera"])
        page, faults = context.new_page(), list[str]()
        page.on("pageerror", lambda error: faults.append(f"the page threw {error}"))
        page.on("response", lambda got: faults.append(f"{got.status} {got.url}") if got.status >= 400 else None)
        sockets = Sockets(page)
        page.goto(address)
        steps = (
            lambda: correct(page, sockets), lambda: go_live(page, sockets), lambda: look_at_video(page),
            lambda: look_at_train(page),
        )  # fmt: skip
        for step in steps:
            try:
                step()
            except (Error, SystemExit) as error:
                page.screenshot(path=shots / "failed.png")
                raise SystemExit(f"{error}\n{page.locator('body').inner_text()[:2000]}\n{faults}") from error
        browser.close()
    if faults:
        raise SystemExit(f"the page met faults: {'; '.join(faults)}")


if __name__ == "__main__":
    given, owner, pictures = sys.argv[1:]
    wait_for_app(given, int(owner))
    drive(given, Path(pictures))
    os.write(1, b"every tab works: example, stroke, saved sample, live, video, train\n")
