"""What finishing a photo with `studio` costs, stage by stage, as a table: docs/log/models.md shows it.

    python -m benchmarks.engine.finish [--megapixels 0.5 --megapixels 12]

Generated photos of a hairy head, 13 % of the pixels unknown, each in a process of its own. The seconds of a stage are
processor time, because the wall clock says little on a busy machine. Memory is what the solve adds to the loaded model
and photo. The picture is watched, as in the app; "first alpha" is when something was shown first (from 8 MP on, the
whole picture), "its MSE" that of the whole picture shown first. The last column is the factor within which the time
left was right, from the first quarter on; times below a second do not count.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time, thread_time
from typing import Annotated

import numpy as np
import typer

from benchmarks.generated.photo import hair_photo
from matting.arrays import Alpha, Image, Trimap
from matting.metrics import mse, sad
from matting.models.base import impose
from matting.models.studio import StudioModel
from matting.solving.partial_results import Piece, watched
from matting.solving.progress import TimeLeft, reporting_to

SIZES = 0.5, 2.0, 8.0, 12.0
COLUMNS = (
    "MP | unknown MP | regions | their MP | planning s | network s | refinement s | all s | s per MP of unknown | "
    "first alpha s | its MSE | wall s | MB | SAD | MSE | time left"
)


class Stages(StudioModel):
    """The model, with a clock for each of its stages."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = Counter[str]()

    def run(self, image: Image, trimap: Trimap) -> Alpha:
        """See StudioModel.run."""
        with self._clock("both"):
            return super().run(image, trimap)

    def look(self, image: Image, trimap: Trimap) -> Alpha:
        """See StudioModel.look."""
        with self._clock("network"):
            return super().look(image, trimap)

    @contextmanager
    def _clock(self, stage: str) -> Iterator[None]:
        begun = thread_time()
        yield
        self.seconds[stage] += thread_time() - begun


@dataclass
class TimesLeft:
    """The times left that were reported, and the processor time, which other work on the machine does not affect."""

    begun: float = field(default_factory=process_time)
    news: list[tuple[float, float | None, float]] = field(default_factory=list)
    clock: TimeLeft = field(default_factory=lambda: TimeLeft(process_time))

    def __call__(self, share: float) -> None:
        """Record the share, the time left and the time."""
        self.news.append((share, self.clock.after(share), process_time() - self.begun))

    def worst(self) -> float:
        """The largest factor by which a time left of a second or more, from the first quarter on, was wrong."""
        end = self.news[-1][2]
        pairs = [(left, end - seconds) for share, left, seconds in self.news if left and 0.25 <= share < 1]
        return max((max(left / true, true / left) for left, true in pairs if max(left, true) >= 1), default=1.0)


def measured(megapixels: float) -> str:
    """A row of the table."""
    height = round((megapixels * 1e6 * 3 / 4) ** 0.5)
    photo = hair_photo(height, height * 4 // 3)
    image, trimap, truth = photo.image, photo.trimap, photo.alpha
    del photo
    model, small = Stages(), hair_photo(128, 160)
    model(small.image, small.trimap)  # compiles
    model.seconds.clear()
    begun = process_time()
    boxes = model.needs.boxes(trimap)
    planning = process_time() - begun
    held, times, wall, shown, looks = reset_peak(), TimesLeft(), perf_counter(), list[float](), list[Alpha]()

    def see(piece: Piece) -> None:
        if piece.is_first_look:
            looks.append(impose(piece.enlarged(image), trimap))
        shown.append(process_time() - times.begun)

    with reporting_to(times), watched(see):
        alpha = model(image, trimap)
    seconds, wall, memory = process_time() - times.begun, perf_counter() - wall, status("VmHWM") - held
    unknown = np.count_nonzero(trimap == 128) / 1e6
    network, both = model.seconds["network"], model.seconds["both"]
    area = sum(box.area for box in boxes) / 1e6
    sizes = [f"{trimap.size / 1e6:.1f}", f"{unknown:.2f}", f"{len(boxes)}", f"{area:.2f}"]
    stages = [f"{value:.2f}" for value in (planning, network, both - network, seconds, seconds / unknown)]
    look = f"{mse(looks[0], truth, trimap):.4f}" if looks else ""
    errors = [f"{sad(alpha, truth, trimap):.2f}", f"{mse(alpha, truth, trimap):.4f}", f"{times.worst():.2f}"]
    return " | ".join([*sizes, *stages, f"{shown[0]:.2f}", look, f"{wall:.1f}", f"{memory / 1e6:.0f}", *errors])


def reset_peak() -> float:
    """Reset the peak of memory; the bytes held now."""
    Path("/proc/self/clear_refs").write_text("5")
    return status("VmRSS")


def status(name: str) -> float:
    """Bytes that Linux reports for this process under `name`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1000 * float(next(line for line in lines if line.startswith(name)).split()[1])


def main(
    megapixels: Annotated[list[float], typer.Option(help="Sizes of the photos.")] = list(SIZES),  # noqa: B006
    here: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Print the table, each row as soon as it is measured."""
    if here:
        print(json.dumps(measured(megapixels[0])))
        return
    print(COLUMNS)
    program = [sys.executable, "-W", "ignore", "-m", "benchmarks.engine.finish", "--here"]
    for size in megapixels:
        done = subprocess.run([*program, "--megapixels", str(size)], capture_output=True, text=True, check=True)
        print(json.loads(done.stdout.splitlines()[-1]), flush=True)


if __name__ == "__main__":
    typer.run(main)
