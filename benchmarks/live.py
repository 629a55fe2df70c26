"""How many frames per second the live socket answers, how late, and at what cost, for a client that acts like the page.

    python -m benchmarks.live --viewers 1 --viewers 4 --size 640x480 --seconds 20
    python -m benchmarks.live --viewers 4 --minutes 10

Each viewer plays a generated clip at 30 frames per second, with at most two in flight. As in the page, a small copy of
each frame is sent as JPEG, at the size that the server asks for; `--whole` sends the whole frames. Shown frames are
those answered with an alpha; model frames are those on which the model itself ran (for the others, alpha was carried).
The time that a browser needs to draw the composite is not included; benchmarks/live_browser.py has that.
"""

import asyncio
import json
import resource
import struct
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import psutil
import typer
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.generated.clips import Clip, play
from matting.resize import resize
from tests.browser import running_app

RATE = 30


@dataclass
class Seen:
    """What one viewer saw."""

    late: list[float] = field(default_factory=list)
    dropped: int = 0
    skipped: int = 0
    first_runs: int = 0
    last_runs: int = 0


class Player:
    """One viewer."""

    def __init__(self, frames: Sequence[np.ndarray], model: str, whole: bool) -> None:
        self.frames, self.model, self.whole = frames, model, whole
        self.seen = Seen()
        self.flying: dict[int, float] = {}
        self.size: tuple[int, int] | None = None

    async def watch(self, address: str, seconds: float) -> None:
        """Play for `seconds`, after three seconds of settling."""
        async with connect(address, max_size=None) as socket:
            await socket.send(json.dumps({"model": self.model}))
            listening = asyncio.create_task(self.listen(socket))
            began = time.monotonic()
            for number in range(1, round((seconds + 3) * RATE)):
                await asyncio.sleep(max(0.0, began + number / RATE - time.monotonic()))
                if time.monotonic() - began > 3 and self.seen.first_runs == 0:
                    self.seen = Seen(first_runs=self.seen.last_runs or 1)
                if len(self.flying) >= 2:
                    self.seen.skipped += 1
                    continue
                jpeg = await asyncio.to_thread(self.jpeg, number)
                self.flying[number] = time.monotonic()
                await socket.send(struct.pack("<IB3x", number, 1) + jpeg)
            listening.cancel()

    def jpeg(self, number: int) -> bytes:
        """The frame as it is sent."""
        frame = self.frames[number % len(self.frames)]
        if not self.whole:
            frame = resize(frame, self.size or (256, 352))
        return cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()

    async def listen(self, socket: ClientConnection) -> None:
        """Receive answers."""
        async for message in socket:
            if isinstance(message, str):
                news = json.loads(message)
                if news["type"] == "dropped":
                    self.seen.dropped += 1
                    self.flying.pop(news["number"], None)
                elif news["type"] == "size":
                    self.size = (news["height"], news["width"])
                else:
                    raise RuntimeError(news)
                continue
            number, runs = struct.unpack_from("<II", message)
            sent = self.flying.pop(number, None)
            self.seen.last_runs = runs
            if sent is not None and len(message) > 16:
                self.seen.late.append(time.monotonic() - sent)


def server() -> psutil.Process:
    """The app's process, which this one started."""
    return next(child for child in psutil.Process().children() if "app.py" in child.cmdline())


async def measure(address: str, players: list[Player], seconds: float) -> dict[str, object]:
    """Run all players at once; the row of the table."""
    app = server()
    before, client, began = app.cpu_times(), resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    watching = asyncio.gather(*(player.watch(f"ws{address[4:]}/live/socket", seconds) for player in players))
    await asyncio.sleep(min(20.0, seconds / 2))
    settled = app.memory_info().rss
    await watching
    after, wall = app.cpu_times(), time.monotonic() - began
    own = resource.getrusage(resource.RUSAGE_SELF)
    late = np.array([one for player in players for one in player.seen.late]) * 1000
    fps = [len(player.seen.late) / seconds for player in players]
    runs = sum(player.seen.last_runs - player.seen.first_runs for player in players) / seconds
    busy = after.user + after.system - before.user - before.system
    return {
        "viewers": len(players),
        "shown fps, each": " ".join(f"{value:.1f}" for value in fps),
        "model fps, all": f"{runs:.1f}",
        "size": "x".join(map(str, (players[0].size or (0, 0))[::-1])),
        **{f"p{share} ms": f"{np.percentile(late, share):.0f}" for share in (50, 95, 99)},
        "dropped": sum(player.seen.dropped for player in players),
        "skipped": sum(player.seen.skipped for player in players),
        "server cores": f"{busy / wall:.2f}",
        "client cores": f"{(own.ru_utime + own.ru_stime - client.ru_utime - client.ru_stime) / wall:.2f}",
        "server MB, settled and at the end": f"{settled / 1e6:.0f} {app.memory_info().rss / 1e6:.0f}",
    }


async def watch_memory(address: str, players: list[Player], minutes: float) -> None:
    """Run all players at once for `minutes` minutes; print the server's memory at the beginning and every minute."""
    app, began = server(), time.monotonic()
    watching = asyncio.gather(*(player.watch(f"ws{address[4:]}/live/socket", 60 * minutes) for player in players))
    while not watching.done():
        at = (time.monotonic() - began) / 60
        print(f"{at:4.1f} min: {app.memory_info().rss / 1e6:.0f} MB", flush=True)
        await asyncio.wait([watching], timeout=10 if at < 0.9 else 60)
    await watching
    shown = " ".join(f"{len(player.seen.late) / 60 / minutes:.1f}" for player in players)
    print(f"end: {app.memory_info().rss / 1e6:.0f} MB; {shown} fps shown, each")


def main(
    viewers: Annotated[list[int] | None, typer.Option(help="Number of viewers at once; may be repeated.")] = None,
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT of the camera.")] = "640x480",
    seconds: Annotated[float, typer.Option(help="How long each row is measured.")] = 20,
    model: Annotated[str, typer.Option(help="modnet or rvm.")] = "modnet",
    minutes: Annotated[
        float, typer.Option(help="Instead of the table, measure the server's memory for this many minutes.")
    ] = 0,
    whole: Annotated[bool, typer.Option(help="Send the frames at the camera's size.")] = False,
) -> None:
    """Print a table, one row for each number of viewers."""
    width, height = map(int, size.split("x"))
    frames = [frame for frame, _ in play(Clip(60, (height, width)))]
    rows = []
    with tempfile.TemporaryDirectory() as data, running_app(Path(data)) as address:
        time.sleep(5)
        if minutes:
            count = max(viewers or [4])
            asyncio.run(watch_memory(address, [Player(frames, model, whole) for _ in range(count)], minutes))
            return
        for count in viewers or [1, 2, 4]:
            players = [Player(frames, model, whole) for _ in range(count)]
            rows.append(asyncio.run(measure(address, players, seconds)))
            time.sleep(1)
    print("| " + " | ".join(rows[0]) + " |")
    print("|" + " --- |" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(map(str, row.values())) + " |")


if __name__ == "__main__":
    typer.run(main)
