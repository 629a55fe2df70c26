"""Cut-outs of large photos, asked for all at once: whether each gets its answer, when, and the app's highest memory.

    python -m benchmarks.hosting.at_once [--count 30] [--megapixels 12] [--edges as-found]

First, one is asked for alone, twice. The fair share is `--count` times the seconds of the second: what the last would
wait if they were done one by one. Memory is the proportional set size of the app, and of the processes it started. It
needs Linux.
"""

import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import httpx
import psutil
import typer
from gradio_client import Client, handle_file
from rich.console import Console

from benchmarks.generated.photo import hair_photo
from benchmarks.hosting.processes import app_process_of, gigabytes
from matting.files import write_image
from tests.browser import running_app


class Asker(threading.Thread):
    """A program that asks for one cut-out."""

    def __init__(self, address: str, photo: Path, edges: str) -> None:
        super().__init__()
        self.client, self.photo, self.edges = Client(address, verbose=False, download_files=False), photo, edges
        self.told = "done"
        self.seconds = 0.0

    def run(self) -> None:
        """Ask, and note the seconds and the answer."""
        begun = time.monotonic()
        try:
            self.client.predict(handle_file(self.photo), "modnet", self.edges, api_name="/cut_out")
        except Exception as error:  # noqa: BLE001 - whatever the app answers is what is counted
            self.told = str(error)[:120]
        self.seconds = time.monotonic() - begun


def main(
    count: Annotated[int, typer.Option(help="Cut-outs at once.")] = 30,
    megapixels: Annotated[float, typer.Option(help="Size of each photo.")] = 12,
    edges: Annotated[str, typer.Option(help="As the endpoint takes it: as-found, or a model.")] = "as-found",
) -> None:
    """Print what each was told, the seconds, and the memory."""
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as folder:
        photo, data = Path(folder) / "photo.jpg", Path(folder) / "data"
        data.mkdir()
        height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
        write_image(photo, hair_photo(height, round(height * 4 / 3)).image)
        with running_app(data) as address:
            app = app_process_of(data)
            while httpx.get(f"{address}/readyz").is_error:
                time.sleep(1)
            _, alone = (ask(console, app, [Asker(address, photo, edges)]) for _ in range(2))
            crowd = [Asker(address, photo, edges) for _ in range(count)]
            slowest = ask(console, app, crowd)
            console.print(f"the slowest took {slowest / (alone * count):.2f} of the fair share")


def ask(console: Console, app: psutil.Process, crowd: list[Asker]) -> float:
    """Let all of them ask at once; the seconds of the slowest that got its answer."""
    highest = [0.0, 0.0]
    for each in crowd:
        each.start()
    while any(each.is_alive() for each in crowd):
        highest = [max(pair) for pair in zip(highest, gigabytes(app), strict=True)]
        time.sleep(0.3)
    done = sorted(each.seconds for each in crowd if each.told == "done")
    console.print(f"{len(crowd)} at once: {dict(Counter(each.told for each in crowd))}")
    console.print(f"memory at most: app {highest[0]:.2f} GB, its processes {highest[1]:.2f} GB")
    if done:
        console.print(f"seconds: first {done[0]:.1f}, median {done[len(done) // 2]:.1f}, slowest {done[-1]:.1f}")
    return done[-1] if done else float("nan")


if __name__ == "__main__":
    typer.run(main)
