"""How many strokes a person needs: a robot that sees the true alpha corrects automatic trimaps, worst place first.

    python -m benchmarks.robot_annotator FOLDER [--strokes 20] [--json FILE] [--plot FILE]

FOLDER holds image/, gt/ and trimap1/ as of alphamatting.com; without it, generated photos are used. The robot starts
from the app's own automatic trimap. Each step it paints the one stroke that repairs most error, as a person would:
sure foreground or background where the alpha is wrong, unknown where a soft edge was taken for known, with a brush or
a lasso. The app re-solves; a stroke that made things worse is undone, and counts all the same. The error is the sum of
absolute differences over the whole picture, in thousands, so a trimap that is wrong where it claims to know pays too.
The goal is 1.2 × the error that the benchmark's hand-made trimap1 gives with the same solver.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

import numpy as np
import typer
from rich.console import Console

from annotation.resolve import Solve, step
from annotation.scribbles import Stroke
from annotation.session import Session
from benchmarks.photo import hair_photo
from benchmarks.robot_strokes import best_stroke
from matting import load_model
from matting.arrays import Alpha, Image, Trimap
from matting.files import read_alpha, read_image, read_trimap
from matting.metrics import sad
from matting.resize import resize, within
from matting.trimap import Widths, default_widths, make_trimap

SLACK = 1.2


@dataclass(frozen=True)
class Subject:
    """A picture to correct, and the error to come down to."""

    name: str
    image: Image
    truth: Alpha
    by_hand: Trimap


@dataclass
class Run:
    """What the robot reached: the error after 0, 1, 2 … strokes, undone ones not giving a new one."""

    name: str
    goal: float
    errors: list[float]

    @property
    def needed(self) -> int | None:
        """Strokes until the goal was reached; None if it was not."""
        return next((count for count, error in enumerate(self.errors) if error <= self.goal), None)


def subjects(folder: Path | None, longest: int) -> Iterator[Subject]:
    """The pictures of `folder`, at most `longest` pixels on the long side, or generated ones."""
    if folder is None:
        for seed in range(6):
            photo = hair_photo(480, 640, seed=seed)
            yield Subject(f"generated {seed}", photo.image, photo.alpha, photo.trimap)
        return
    for path in sorted((folder / "image").glob("*.png")):
        image, truth = read_image(path), read_alpha(folder / "gt" / path.name)
        by_hand = read_trimap(folder / "trimap1" / path.name)
        size = within((image.shape[0], image.shape[1]), longest)
        yield Subject(
            path.stem, resize(image, size), np.clip(resize(truth, size), 0, 1), resize(by_hand, size, smooth=False)
        )


def settle(session: Session, solve: Solve) -> None:
    """Do all re-solving there is to do."""
    while step(session, solve) is not None:
        pass


def correct(subject: Subject, solve: Solve, *, strokes: int, widen: float) -> Run:
    """Let the robot correct one picture with at most `strokes` strokes."""
    alpha = load_model("auto")(subject.image)
    widths = default_widths(alpha)
    trimap = make_trimap(alpha, Widths(round(widths.inner * widen), round(widths.outer * widen)))
    session = Session(subject.image, trimap)
    settle(session, solve)
    run = Run(subject.name, SLACK * sad(solve(subject.image, subject.by_hand), subject.truth), [])
    run.errors.append(sad(session.alpha, subject.truth))
    avoid = np.zeros(trimap.shape, bool)
    while len(run.errors) <= strokes and run.errors[-1] > run.goal:
        stroke = best_stroke(session.trimap, session.alpha, subject.truth, avoid=avoid, name=f"{len(run.errors)}")
        if stroke is None:
            break
        box = session.add(stroke)
        settle(session, solve)
        error = sad(session.alpha, subject.truth)
        if error > run.errors[-1]:
            session.add(Stroke(f"undo {stroke.id}", "undo", target=stroke.id))
            settle(session, solve)
            avoid[box.slices] = True
        run.errors.append(min(error, run.errors[-1]))
    return run


def main(
    folder: Annotated[Path | None, typer.Argument(help="Folder of image/, gt/, trimap1/.")] = None,
    longest: Annotated[int, typer.Option(help="Long side in pixels that larger pictures are reduced to.")] = 800,
    strokes: Annotated[int, typer.Option(help="Most strokes a picture.")] = 20,
    solver: Annotated[str, typer.Option(help="Model that re-solves.")] = "shared",
    widen: Annotated[float, typer.Option(help="Times the default width of the automatic unknown band.")] = 1.0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all curves here.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Write a chart (SVG) here.")] = None,
) -> None:
    """Strokes against error for every picture, and in the median."""
    solve = load_model(solver)
    console, runs = Console(), []
    for subject in subjects(folder, longest):
        run = correct(subject, solve, strokes=strokes, widen=widen)
        curve = " ".join(f"{error / run.goal * SLACK:.2f}" for error in run.errors)
        console.print(f"{run.name:12} strokes {run.needed}  error / trimap1's: {curve}", soft_wrap=True)
        runs.append(run)
    needed = [strokes + 1 if run.needed is None else run.needed for run in runs]
    reached = float(np.mean(np.array(needed) <= strokes))
    console.print(f"{solver}, band × {widen:g}: median strokes {median(needed):g}, reached {reached:.0%}")
    if json_file:
        json_file.write_text(json.dumps([asdict(run) for run in runs], indent=1) + "\n", encoding="utf-8")
    if plot:
        draw(runs, strokes, plot, title=f"{solver}, automatic band × {widen:g}")


def draw(runs: list[Run], strokes: int, path: Path, *, title: str) -> None:
    """The curves as a chart: error over that of the hand-made trimap, against strokes."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    ratios = np.array([(run.errors + [run.errors[-1]] * strokes)[: strokes + 1] for run in runs])
    ratios = ratios / np.array([[run.goal / SLACK] for run in runs])
    axes.plot(ratios.T, color="0.75", linewidth=0.8)
    axes.plot(np.median(ratios, axis=0), color="#0d9488", linewidth=2.2, label="median")
    axes.axhline(SLACK, color="#dc2626", linestyle="--", linewidth=1, label=f"goal, {SLACK} × trimap1")
    axes.set(yscale="log", xlabel="strokes", ylabel="error / error with trimap1", title=title, xlim=(0, strokes))
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path)


if __name__ == "__main__":
    typer.run(main)
