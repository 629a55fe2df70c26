"""The time from a stroke to its acknowledgement, first new alpha and finer alpha, for photos of several sizes.

    python -m benchmarks.live_resolve [--strokes 40] [--model studio]

One workspace in this process, as in the app: strokes are stored, published, and re-solved by its own threads with a
model that is loaded beforehand. The finer alpha is complete once everything unknown around the stroke has been solved
again in steps of up to 0.15 megapixels. A stroke comes every second, along the hair of a generated photo; idle work
goes on between strokes.
"""

import tempfile
import time
from pathlib import Path
from queue import SimpleQueue
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from annotation.correction.open_draft import News
from annotation.correction.resolving import Patch
from annotation.correction.workspace import Workspace
from annotation.store import Drafts, open_store
from annotation.strokes.stroke import Stroke
from annotation.studio import FOLLOWING
from benchmarks.generated.photo import hair_photo
from matting import load_model
from matting.arrays import UNKNOWN

SIZES = ((600, 800), (1200, 1600), (2000, 3000), (3000, 4000))
SECRET = "the secret of a benchmark"


def time_strokes(workspace: Workspace, size: tuple[int, int], strokes: int) -> tuple[list[float], ...]:
    """Seconds to the acknowledgement, to the first new alpha and to the finer one, of each stroke."""
    photo = hair_photo(*size)
    open_draft = workspace.open(workspace.begin(photo.image, photo.trimap, name="hair"), SECRET)
    news: SimpleQueue[tuple[float, News]] = SimpleQueue()
    workspace.join(open_draft, "tab", lambda item: news.put((time.monotonic(), item)))
    random = np.random.default_rng(0)
    rows, columns = np.nonzero(photo.trimap == UNKNOWN)
    acknowledged: list[float] = []
    answered: list[float] = []
    refined: list[float] = []
    for number in range(1, strokes + 1):
        time.sleep(1)
        at = int(random.integers(len(rows)))
        steps = random.integers(-25, 26, (6, 2)).cumsum(axis=0)
        points = tuple((int(columns[at] + x), int(rows[at] + y)) for x, y in steps)
        label = str(random.choice(["foreground", "background", "unknown"]))
        started = time.monotonic()
        workspace.paint(open_draft, Stroke(f"{number}", "brush", label, max(3, size[0] // 150), points), "tab")
        acknowledged.append(time.monotonic() - started)
        left = None
        while left is None or left.any():
            moment, item = news.get()
            if not isinstance(item, Patch) or item.number != number or item.quality == "idle":
                continue
            if left is None:
                answered.append(moment - started)
                left = np.zeros(photo.trimap.shape, bool)
                left[item.box.slices] = open_draft.session.trimap[item.box.slices] == UNKNOWN
                if item.quality == "coarse":
                    continue
            left[item.box.slices] = False
        refined.append(moment - started)
    workspace.leave(open_draft, "tab")
    return acknowledged, answered, refined


def main(
    strokes: Annotated[int, typer.Option(help="Strokes per photo.")] = 40,
    model: Annotated[str, typer.Option(help="The model that re-solves.")] = FOLLOWING,
) -> None:
    """Print median and p95 for each size."""
    console = Console()
    solve, first = load_model(model), hair_photo(120, 160)
    solve(first.image, first.trimap)
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Drafts(open_store(Path(folder))), lambda image, trimap: solve(image, trimap))
        for size in SIZES:
            parts = []
            timed = time_strokes(workspace, size, strokes)
            for name, seconds in zip(("acknowledged", "first", "finer"), timed, strict=True):
                median, late = 1000 * np.percentile(seconds, [50, 95])
                parts.append(f"{name} {median:4.0f} ms (p95 {late:4.0f})")
            console.print(f"{size[0] * size[1] / 1e6:4.1f} MP  {'  '.join(parts)}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
