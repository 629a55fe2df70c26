"""A batch of small photos under Ray against as many plain processes: rate, processor time, and whether memory grows.

    python -m benchmarks.batches [--count 600] [--rounds 3] [--model poisson]

The rounds alternate, since other work on the machine changes the rate. The rate is that of the photos between the first
and the last tenth, by the times of their files, so without what starting costs. Processor time leaves out the first
tenth; it is that of the processes that do the photos, and beside it that of the others that Ray has. Memory is that of
the former. It needs Linux.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console

from benchmarks.generated.photo import hair_photo
from matting.files import write_image

EDGE = 10
"""The part of the photos at each end that is left out of the rate: a tenth."""


@dataclass
class Measured:
    """One batch."""

    rate: float = 0.0
    """Photos a second."""
    seconds: float = 0.0
    """From the command's start to its end."""
    processor: float = 0.0
    """Milliseconds of processor time for each photo."""
    others: float = 0.0
    """Share of a core that Ray's other processes take."""
    memory: list[float] = field(default_factory=list)
    """Megabytes, once 10 %, 40 %, 70 % and 98 % were done."""


def draw(folder: Path, count: int, height: int, width: int) -> None:
    """`count` photos with trimaps: a few different ones, by many names."""
    for number in range(count):
        for kind in ("photos", "trimaps"):
            place = folder / kind / f"{number:06}.png"
            if number < 8:
                photo = hair_photo(height, width, seed=number)
                write_image(place, photo.image if kind == "photos" else photo.trimap)
            else:
                place.hardlink_to(folder / kind / f"{number % 8:06}.png")


def measure(folder: Path, output: Path, model: str, count: int, *, on_ray: bool) -> Measured:
    """Run the batch into `output`: by Ray, or by as many shards as there are cores."""
    cores = os.cpu_count() or 1
    command = [sys.executable, "-m", "matting", "alpha", str(folder / "photos"), "-o", str(output), "--model", model]
    command += ["--trimap", str(folder / "trimaps")] if model != "u2netp" else []
    each = [["--ray"]] if on_ray else [["--shard", f"{number}/{cores}"] for number in range(1, cores + 1)]
    settings = os.environ | {"RAY_ADDRESS": "local", "OMP_NUM_THREADS": "1"}
    found, began = Measured(), time.monotonic()
    at_end = None
    running = [psutil.Popen([*command, *more], env=settings) for more in each]
    spent, at_tenth, marks = {True: {}, False: {}}, None, [0.1, 0.4, 0.7, 0.98]
    while any(process.poll() is None for process in running):
        memory = 0.0
        for process in [every for one in running for every in family(one)]:
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                is_worker = not on_ray or "MapWorker" in " ".join(process.cmdline())
                spent[is_worker][process.pid] = times.user + times.system
                memory += process.memory_info().rss / 1e6 if is_worker else 0
        done = sum(1 for _ in output.glob("*.png")) / count if output.exists() else 0
        sums = {is_worker: sum(each.values()) for is_worker, each in spent.items()}
        if at_tenth is None and done >= 1 / EDGE:
            at_tenth = sums, done, time.monotonic()
        if marks and done >= marks[0]:
            found.memory.append(memory)
            marks.pop(0)
        if done < 1 or at_end is None:
            at_end = sums, done, time.monotonic()
        time.sleep(0.3)
    found.seconds = time.monotonic() - began
    if any(process.returncode for process in running) or at_tenth is None:
        raise SystemExit("a batch failed")
    times = sorted(path.stat().st_mtime for path in output.iterdir())
    first, last = len(times) // EDGE, len(times) - len(times) // EDGE - 1
    found.rate = (last - first) / (times[last] - times[first])
    found.processor = 1000 * (at_end[0][True] - at_tenth[0][True]) / (count * (at_end[1] - at_tenth[1]))
    found.others = (at_end[0][False] - at_tenth[0][False]) / (at_end[2] - at_tenth[2])
    return found


def family(process: psutil.Process) -> list[psutil.Process]:
    """The process and all that it started."""
    with suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []


def main(
    count: Annotated[int, typer.Option(help="Photos.")] = 600,
    rounds: Annotated[int, typer.Option(help="How often each way is measured.")] = 3,
    model: Annotated[str, typer.Option(help="A model for trimaps, or u2netp.")] = "poisson",
    size: Annotated[int, typer.Option(help="The long side of a photo, in pixels.")] = 320,
) -> None:
    """Print both ways, round by round, and whether the files are equal."""
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        draw(folder, count, size * 3 // 4, size)
        for number in range(rounds):
            for on_ray in (False, True):
                way = "ray" if on_ray else "plain"
                found = measure(folder, folder / f"{way}{number}", model, count, on_ray=on_ray)
                memory = ", ".join(f"{each:.0f}" for each in found.memory)
                console.print(
                    f"{way:5}: {found.rate:6.1f} photos a second, {found.processor:5.1f} ms of processor time each, "
                    f"others {found.others:.2f} of a core, {found.seconds:5.1f} s in all; {memory} MB"
                )
        same = subprocess.run(["diff", "-rq", folder / "plain0", folder / "ray0"], check=False).returncode == 0
        console.print("the files are equal" if same else "the files differ")


if __name__ == "__main__":
    typer.run(main)
