"""Many visitors to a demo at once: each opens a photo, paints, finishes, downloads, and leaves, and another one comes.

    python -m benchmarks.hosting.visitors [--visitors 50] [--minutes 10] [--pause 2]

They speak to the app as the page's scripts do, without a browser. It prints strokes, and the seconds until each was
acknowledged; downloads and their seconds; what was refused; memory, handles, threads and disk on the way. For a disk
that stays flat within an hour, let visits be forgotten after a few minutes (MATTING_DEMO_KEPT_MINUTES). In the end the
stored strokes of each draft are compared with those that were acknowledged. It needs Linux.
"""

import json
import os
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, Any

import httpx
import numpy as np
import typer
from rich.console import Console
from websockets.sync.client import connect

from annotation.strokes.stroke import Stroke, to_wire
from benchmarks.generated.photo import hair_photo
from benchmarks.hosting.processes import app_process_of, data_in, temporary_folder, used_by
from matting.files import encode_image
from tests.browser import running_app

WAIT_SECONDS = 600
SAMPLE_SECONDS = 5


@dataclass
class Seen:
    """What all visitors saw, together."""

    stroke_seconds: list[float] = field(default_factory=list)
    download_seconds: list[float] = field(default_factory=list)
    acknowledged: dict[str, list[str]] = field(default_factory=dict)
    """Draft → its strokes, in order."""
    kept: dict[str, list[str]] = field(default_factory=dict)
    """Draft → its strokes as the app gives them to whoever opens it again."""
    refusals: Counter[str] = field(default_factory=Counter)


class Visitor(threading.Thread):
    """One place for visitors, who come one after the other, each with a browser and a visit of its own."""

    def __init__(self, address: str, number: int, seen: Seen, end: float, pause: float) -> None:
        super().__init__(name=f"visitor {number}")
        self.address, self.seen, self.end, self.pause = address, seen, end, pause
        self.random = np.random.default_rng(number)

    def run(self) -> None:
        """Visit until the end; failures are counted by their message, and then the next one comes."""
        time.sleep(float(self.random.uniform(0, 10)))
        while time.monotonic() < self.end:
            try:
                self.come()
                self.correct_a_photo()
            except (RuntimeError, httpx.HTTPError, OSError) as error:
                self.seen.refusals[str(error)[:120]] += 1
                time.sleep(5)

    def come(self) -> None:
        """Be somebody new, who opens the page."""
        self.secret, self.page = secrets.token_hex(16), secrets.token_hex(6)
        self.web = httpx.Client(base_url=self.address, timeout=WAIT_SECONDS)
        config = self.web.get("/config").json()
        editors = {each["id"] for each in config["components"] if each["type"] == "html"}
        self.events = {each["api_name"]: each["id"] for each in config["dependencies"]}
        self.download = next(
            each["api_name"] for each in config["dependencies"]
            if str(each["api_name"]).startswith("make") and editors & set(each["inputs"])
        )  # fmt: skip

    def correct_a_photo(self) -> None:
        """From a photo to the downloaded cut-out."""
        photo = hair_photo(360, 480, seed=int(self.random.integers(10_000))).image
        files = {"files": ("photo.png", encode_image(photo, ".png"), "image/png")}
        (path,) = self.answer(self.web.post("/gradio_api/upload", files=files))
        draft = self.ask("open_file", [{"path": path, "meta": {"_type": "gradio.FileData"}}])[0]["work"]
        self.paint(draft, photo.shape[:2], count=20)
        begun = time.monotonic()
        made = self.ask(self.download, [{"work": draft, "secret": self.secret}, "studio", None])[0]
        self.web.get(f"/gradio_api/file={made['path']}").raise_for_status()
        self.seen.download_seconds.append(time.monotonic() - begun)
        self.seen.kept[draft] = self.strokes_of(draft)
        self.web.post(f"/correct/works/{draft}/close", headers={"x-secret": self.secret}).raise_for_status()
        self.web.close()

    def ask(self, event: str, data: list[Any]) -> list[Any]:
        """The values that an event of the page answers with."""
        body = {"fn_index": self.events[event], "session_hash": self.page, "data": data, "event_data": None}
        name = self.answer(self.web.post("/gradio_api/queue/join", json={**body, "trigger_id": None}))["event_id"]
        with self.web.stream("GET", "/gradio_api/queue/data", params={"session_hash": self.page}) as news:
            for line in news.iter_lines():
                told = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                if told.get("msg") == "process_completed" and told.get("event_id") == name:
                    if not told["success"]:
                        raise RuntimeError(told["output"].get("error") or f"{event} failed")
                    return told["output"]["data"]
        raise RuntimeError(f"{event} ended without an answer")

    @staticmethod
    def answer(answer: httpx.Response) -> Any:
        """The JSON of an answer; RuntimeError with its sentence for a refusal."""
        if answer.is_error:
            raise RuntimeError(answer.json().get("detail", answer.status_code))
        return answer.json()

    def opened(self, socket: Any, draft: str, after: int = 0) -> dict[str, Any]:
        """Open the draft on a socket; what the app says about it."""
        socket.send(json.dumps({"type": "open", "work": draft, "secret": self.secret, "tab": "1", "after": after}))
        return self.heard(socket, "opened", lambda _: True)

    def strokes_of(self, draft: str) -> list[str]:
        """The names of the strokes that the app has stored."""
        with self.socket() as socket:
            return [stroke["id"] for stroke in self.opened(socket, draft)["strokes"]]

    def socket(self) -> Any:
        """A new socket of the editor."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.web.cookies.items())
        headers = {"Cookie": cookie, "Origin": self.address}
        address = self.address.replace("http", "ws")
        return connect(f"{address}/correct/socket", additional_headers=headers, max_size=None)

    def paint(self, draft: str, shape: tuple[int, int], *, count: int) -> None:
        """`count` strokes at random places, each waited for."""
        names = self.seen.acknowledged.setdefault(draft, [])
        with self.socket() as socket:
            self.opened(socket, draft)
            for index in range(count):
                points = tuple((int(x), int(y)) for y, x in self.random.integers(0, shape, (6, 2)))
                label = str(self.random.choice(["foreground", "background", "unknown"]))
                stroke = Stroke(f"{draft[:8]}-{index}", "brush", label, 4, points)
                begun = time.monotonic()
                socket.send(json.dumps({"type": "stroke", "stroke": to_wire(stroke)}))
                self.heard(socket, "painted", lambda news, name=stroke.id: news["stroke"]["id"] == name)
                self.seen.stroke_seconds.append(time.monotonic() - begun)
                names.append(stroke.id)
                time.sleep(float(self.random.uniform(0.5, 1.5)) * self.pause)

    @staticmethod
    def heard(socket: Any, kind: str, is_wanted: Any) -> dict[str, Any]:
        """The next message of a kind."""
        while True:
            message = socket.recv(timeout=WAIT_SECONDS)
            news = json.loads(message) if isinstance(message, str) else {}
            if news.get("type") in ("refused", "unsaved"):
                raise RuntimeError(news["reason"])
            if news.get("type") == kind and is_wanted(news):
                return news


def main(
    visitors: Annotated[int, typer.Option(help="Visitors at once.")] = 50,
    minutes: Annotated[float, typer.Option(help="Minutes after which nobody begins another photo.")] = 10,
    pause: Annotated[float, typer.Option(help="Mean seconds between two strokes.")] = 2,
) -> None:
    """Print what they saw."""
    console = Console(width=120)
    os.environ["MATTING_DEMO_VISITS_AN_HOUR"] = "1000000"  # all come from one address
    with temporary_folder() as folder, running_app(data_in(folder), "--demo") as address:
        app = app_process_of(folder)
        while httpx.get(f"{address}/readyz").is_error:
            time.sleep(1)
        seen, begun = Seen(), time.monotonic()
        crowd = [Visitor(address, each, seen, begun + 60 * minutes, pause) for each in range(visitors)]
        for each in crowd:
            each.start()
        while any(each.is_alive() for each in crowd):
            told = time.monotonic() + max(SAMPLE_SECONDS, 6 * minutes)
            while time.monotonic() < told and any(each.is_alive() for each in crowd):
                time.sleep(SAMPLE_SECONDS)
            console.print(
                f"{(time.monotonic() - begun) / 60:.1f} min: {used_by(app, folder)}; "
                f"{len(seen.stroke_seconds)} strokes, {len(seen.download_seconds)} downloads"
            )
        report(console, seen)


def report(console: Console, seen: Seen) -> None:
    """Print times, refusals, and how many acknowledged strokes are lost."""
    for what, seconds in (("strokes", seen.stroke_seconds), ("downloads", seen.download_seconds)):
        if seconds:
            middle, most = np.percentile(seconds, [50, 95])
            console.print(f"{len(seconds)} {what}: {middle:.3f} s median, {most:.3f} s at p95, {max(seconds):.3f}")
    lost = sum(seen.acknowledged[draft] != kept for draft, kept in seen.kept.items())
    console.print(f"{len(seen.kept)} drafts asked for again, {lost} of them without a stroke that was acknowledged")
    for sentence, times in seen.refusals.most_common():
        console.print(f"{times} times: {sentence}")


if __name__ == "__main__":
    typer.run(main)
