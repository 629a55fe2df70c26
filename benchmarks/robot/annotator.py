"""How many strokes a person needs: a robot that sees the true alpha corrects automatic trimaps, worst place first.

    python -m benchmarks.robot.annotator [FOLDER] [--strokes 20] [--json FILE] [--plot FILE [--against FILE]]

FOLDER holds image/, gt/ and trimap1/ as on alphamatting.com; without it, generated photos are used. The robot begins
with the app's own automatic trimap. In each step it does the one thing that repairs most error, as a person would: with
a brush or a lasso of at most 100 corners it paints sure foreground or background where the alpha is wrong, or unknown
where a soft edge counted as known; or it clicks on the subject, and later on what is missing or too much. The picture
is then solved as a whole, as for a download. A step that made things worse is undone, but counts. The error is the sum
of absolute differences over the whole picture, in thousands, so wrong known pixels of a trimap count, too. The goal is
1.2 × the error with the benchmark's hand-made trimap1 and the same solver.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from annotation.correction.resolving import Solve
from annotation.correction.selecting import clicked, select_clicked
from annotation.correction.session import Session
from annotation.strokes.raster import replay
from annotation.strokes.stroke import Stroke
from benchmarks.robot.clicks import deepest
from benchmarks.robot.strokes import best_stroke, repaired
from matting import load_model
from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Alpha, Image, Trimap
from matting.files import read_alpha, read_image, read_trimap
from matting.metrics import sad
from matting.models.mobile_sam import Point, Selector
from matting.resize import resize, within
from matting.training.augment import photographed
from matting.training.synthetic import synthesise
from matting.trimap import Widths, default_widths, distance_to, make_trimap

SLACK = 1.2
MADE = ("solid", "fur", "hair", "foliage", "rods")
"""Kinds of generated pictures: those of matting.training.synthetic in which most pixels are known."""


@dataclass(frozen=True)
class Subject:
    """A picture to correct, its true alpha, and a hand-made trimap that sets the goal."""

    name: str
    image: Image
    truth: Alpha
    by_hand: Trimap


@dataclass
class Run:
    """The robot's errors after 0, 1, 2 … strokes (an undone stroke repeats the last error), and what it did."""

    name: str
    goal: float
    errors: list[float]
    done: list[str] = field(default_factory=list)

    @property
    def needed(self) -> int | None:
        """The number of strokes until the goal was reached; None if it was not."""
        return next((count for count, error in enumerate(self.errors) if error <= self.goal), None)


def subjects(folder: Path | None, longest: int) -> Iterator[Subject]:
    """The pictures of `folder`, at most `longest` pixels on the long side, or generated ones."""
    if folder is None:
        yield from generated(longest)
        return
    for path in sorted((folder / "image").glob("*.png")):
        image, truth = read_image(path), read_alpha(folder / "gt" / path.name)
        by_hand = read_trimap(folder / "trimap1" / path.name)
        size = within((image.shape[0], image.shape[1]), longest)
        yield Subject(
            path.stem, resize(image, size), np.clip(resize(truth, size), 0, 1), resize(by_hand, size, smooth=False)
        )


def generated(longest: int) -> Iterator[Subject]:
    """Three pictures of each kind of MADE; soft pixels and 1 % of the long side around them are unknown by hand."""
    for seed, kind in enumerate(MADE * 3):
        scene = synthesise(seed, (3 * longest // 4, longest), kind=kind)
        is_soft = distance_to((scene.alpha > 0.01) & (scene.alpha < 0.99)) <= 0.01 * longest
        by_hand = np.where(is_soft, UNKNOWN, np.where(scene.alpha > 0.5, FOREGROUND, BACKGROUND)).astype(np.uint8)
        image = photographed(scene.composite(), np.random.default_rng(seed))
        yield Subject(f"{kind} {seed}", image, scene.alpha, by_hand)


class Robot:
    """Corrects one picture. It sees the alpha of the whole picture, as a download has it."""

    def __init__(self, subject: Subject, trimap: Trimap, solve: Solve, selector: Selector) -> None:
        self.subject, self.solve, self.selector = subject, solve, selector
        self.session = Session(subject.image, trimap)
        self.vain = {label: np.zeros(trimap.shape, bool) for label in ("foreground", "background", "unknown")}
        self.is_clicking = True
        self.solved: tuple[float, Alpha] = self.look()

    def look(self) -> tuple[float, Alpha]:
        """The present error, and the alpha."""
        alpha = self.solve(self.subject.image, self.session.trimap)
        return sad(alpha, self.subject.truth), alpha

    def step(self, name: str) -> float | None:
        """The error after one more stroke or click, which is undone if it made things worse; None if none is left."""
        found = [self.best_click(name), self.best_brush(name)]
        best = max((each for each in found if each), key=lambda each: each[0], default=None)
        if best is None:
            return None
        stroke, before = best[1], self.session.trimap.copy()
        self.session.add(stroke)
        solved = self.look()
        if solved[0] <= self.solved[0]:
            self.solved = solved
            return solved[0]
        if stroke.kind == "start":
            self.is_clicking = False
        else:
            self.vain[stroke.label] |= self.session.trimap != before
        self.session.add(Stroke(f"undo {name}", "undo", target=name))
        return self.solved[0]

    def best_brush(self, name: str) -> tuple[float, Stroke] | None:
        """(error repaired, stroke) of the brush stroke or lasso that repairs most."""
        return best_stroke(self.session.trimap, self.solved[1], self.subject.truth, vain=self.vain, name=name)

    def best_click(self, name: str) -> tuple[float, Stroke] | None:
        """(error repaired, click) where most is wrong, or on the subject if there was no click yet."""
        session, truth = self.session, self.subject.truth
        clicks, error = clicked(session.strokes), np.abs(self.solved[1] - truth)
        region = error > 0.5 if clicks else truth > 0.5
        if not (self.is_clicking and region.any()):
            return None
        x, y = deepest(region)
        try:
            base = select_clicked(self.selector, [*clicks, Point(x, y, bool(truth[y, x] > 0.5))])
        except ValueError:
            return None
        session.starts[name] = base
        label = "foreground" if truth[y, x] > 0.5 else "background"
        stroke = Stroke(name, "start", label, points=((x, y),), target=name)
        after = replay(session.automatic, [*session.strokes, stroke], session.starts)
        gain = repaired(after, session.trimap, error, truth)
        return (gain, stroke) if gain > 0 else None


def correct(subject: Subject, solve: Solve, *, strokes: int, widen: float) -> Run:
    """Let the robot correct one picture with at most `strokes` strokes."""
    alpha = load_model("auto")(subject.image)
    widths = default_widths(alpha)
    trimap = make_trimap(alpha, Widths(round(widths.inner * widen), round(widths.outer * widen)))
    robot = Robot(subject, trimap, solve, Selector(subject.image))
    run = Run(subject.name, SLACK * sad(solve(subject.image, subject.by_hand), subject.truth), [robot.solved[0]])
    while len(run.errors) <= strokes and run.errors[-1] > run.goal:
        error = robot.step(f"{len(run.errors)}")
        if error is None:
            break
        run.errors.append(error)
    run.done = [f"{stroke.kind} {stroke.label} {stroke.radius}" for stroke in robot.session.strokes]
    return run


def main(
    folder: Annotated[Path | None, typer.Argument(help="Folder of image/, gt/, trimap1/.")] = None,
    longest: Annotated[int, typer.Option(help="Long side in pixels that larger pictures are reduced to.")] = 800,
    strokes: Annotated[int, typer.Option(help="The most strokes per picture.")] = 20,
    solver: Annotated[str, typer.Option(help="The model that re-solves.")] = "shared",
    widen: Annotated[
        float, typer.Option(help="Width of the automatic unknown band, as a multiple of the default.")
    ] = 1.0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write all curves here.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Write a chart (SVG) here.")] = None,
    against: Annotated[
        Path | None, typer.Option(help="JSON of runs on the same pictures, whose median is drawn, too.")
    ] = None,
) -> None:
    """Print error against strokes for every picture, and the median."""
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
        others = [Run(**each) for each in json.loads(against.read_text(encoding="utf-8"))] if against else []
        draw(runs, others, strokes, plot, name=against.stem if against else "")


def curves(runs: list[Run], goals: list[float], strokes: int) -> NDArray[np.float64]:
    """(runs, strokes + 1): error divided by that of the hand-made trimap. A run that ended keeps its last error."""
    errors = np.array([(run.errors + [run.errors[-1]] * strokes)[: strokes + 1] for run in runs])
    return errors * SLACK / np.array(goals)[:, None]


def draw(runs: list[Run], others: list[Run], strokes: int, path: Path, *, name: str) -> None:
    """Draw the curves, their median, and the median of `others`, called `name`, relative to the same goals."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    goals = [run.goal for run in runs]
    ratios = curves(runs, goals, strokes)
    axes.plot(ratios.T, color="0.75", linewidth=0.8)
    axes.plot(np.median(ratios, axis=0), color="#0d9488", linewidth=2.2, label="median")
    if others:
        median_of_others = np.median(curves(others, goals, strokes), axis=0)
        axes.plot(median_of_others, color="#0d9488", linewidth=1.4, linestyle=":", label=f"median, {name}")
    axes.axhline(SLACK, color="#dc2626", linestyle="--", linewidth=1, label=f"goal, {SLACK} ×")
    axes.set(yscale="log", xlabel="strokes", ylabel="error / error with a hand-made trimap", xlim=(0, strokes))
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path)


if __name__ == "__main__":
    typer.run(main)
