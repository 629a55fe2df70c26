"""How many strokes a person needs: a robot that sees the true alpha corrects automatic trimaps, worst place first.

    python -m benchmarks.robot.annotator [FOLDER] [--strokes 20] [--exact] [--order predicted] [--json FILE]
        [--plot FILE [--against FILE]]

FOLDER holds image/, gt/ and trimap1/ as on alphamatting.com; without it, generated photos are used. The robot begins
with the app's own automatic trimap. In each step it does the one thing that repairs most error, as a person would: with
a brush or a lasso of at most 100 corners it paints sure foreground or background where the alpha is wrong, or unknown
where a soft edge counted as known; or it clicks on the subject, and later on what is missing or too much. The picture
is then solved as a whole, as for a download. A step that made things worse is undone, but counts. The error is the sum
of absolute differences over the whole picture, in thousands, so wrong known pixels of a trimap count, too. The goal is
1.2 × the error with the benchmark's hand-made trimap1 and the same solver. Clicks and strokes miss as a person's do
(hand.py); with `--order` it goes where the key `N` points (led.py).
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from annotation.correction.resolving import Solve
from benchmarks.robot.hand import Exact, Person
from benchmarks.robot.led import led_by
from benchmarks.robot.pictures import Subject, subjects
from benchmarks.robot.robot import Robot
from matting import load_model
from matting.metrics import sad
from matting.models.mobile_sam import Selector
from matting.trimap import Widths, default_widths, make_trimap

SLACK = 1.2


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


def correct(subject: Subject, solve: Solve, *, strokes: int, widen: float, hand: Exact, kind: type[Robot]) -> Run:
    """Let the robot of that kind correct one picture with at most `strokes` strokes, or presses of `N`."""
    alpha = load_model("auto")(subject.image)
    widths = default_widths(alpha)
    trimap = make_trimap(alpha, Widths(round(widths.inner * widen), round(widths.outer * widen)))
    robot = kind(subject, trimap, solve, Selector(subject.image), hand)
    robot.begin("first")
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
    each: Annotated[int, typer.Option(help="Generated pictures of each kind.")] = 2,
    seed: Annotated[int, typer.Option(help="Seed of the generated pictures, and of the hand.")] = 0,
    exact: Annotated[bool, typer.Option("--exact", help="A hand that never misses.")] = False,
    order: Annotated[
        str, typer.Option(help="Go where N points, by softness, predicted or truth; without it, where most is wrong.")
    ] = "",
    solver: Annotated[str, typer.Option(help="The model that re-solves.")] = "studio",
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
    solve, kind = load_model(solver), led_by(order) if order else Robot
    console, runs = Console(), []
    for number, subject in enumerate(subjects(folder, longest, each, seed)):
        hand = Exact() if exact else Person(np.random.default_rng([seed, number]))
        run = correct(subject, solve, strokes=strokes, widen=widen, hand=hand, kind=kind)
        curve = " ".join(f"{error / run.goal * SLACK:.2f}" for error in run.errors)
        console.print(f"{run.name:12} strokes {run.needed}  error / trimap1's: {curve}", soft_wrap=True)
        runs.append(run)
        if json_file:
            json_file.write_text(json.dumps([asdict(run) for run in runs], indent=1) + "\n", encoding="utf-8")
    needed = [strokes + 1 if run.needed is None else run.needed for run in runs]
    reached = float(np.mean(np.array(needed) <= strokes))
    console.print(f"{solver}, band × {widen:g}: median strokes {median(needed):g}, reached {reached:.0%}")
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
