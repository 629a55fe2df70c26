"""`python -m matting curve`: how many samples a model wants, by training it on more and more of them."""

import json
import math
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from matting.environment.terminal import report
from matting.files import write_file
from matting.training.jobs.options import Seed, Start
from matting.training.jobs.progress_bar import StepsBar
from matting.training.jobs.refusals import refused_in_a_sentence
from matting.training.jobs.request import Request
from matting.training.labels.doubts import Doubtful

if TYPE_CHECKING:
    from matting.training.jobs.learning_curve import Point


def curve(
    dataset: Annotated[
        Path, typer.Argument(metavar="DATASET-DIR", help="As for train; it must hold test pictures, six or more.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder for the weights, curve.json and curve.svg.")
    ],
    samples: Annotated[str, typer.Option(metavar="N,N,…", help="Numbers of samples to learn from.")] = "5,10,20,50",
    model: Annotated[str, typer.Option(metavar="NAME", help="The model to train, such as modnet.")] = "studio",
    start: Start = None,
    steps: Annotated[int, typer.Option(min=1, help="How many steps to train, for each number of samples.")] = 120,
    seed: Seed = 0,
    doubtful: Annotated[
        Doubtful, typer.Option(help="What to do with labels that look wrong: stop, keep or leave-out.")
    ] = Doubtful.STOP,
) -> None:
    """Train on 5, 10, 20 … samples of DATASET-DIR and show how much each number taught: are more worth it?

    Each part holds the one before, and all of them are measured on the same test pictures. The same command continues
    after a stop.
    """
    request = Request(dataset, output, output / "runs", model, start, steps=steps, seed=seed, doubtful=doubtful)
    with refused_in_a_sentence():
        points = _train(request, _numbers(samples))
        write_file(output / "curve.json", _as_json(points))
        write_file(output / "curve.svg", _chart(points, model))
    _print(points, output)


def _numbers(text: str) -> list[int]:
    """The numbers in "5,10,20"."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and int(word) for word in words):
        raise ValueError(f"--samples must be numbers such as 5,10,20, but is {text}")
    return [int(word) for word in words]


def _train(request: Request, counts: list[int]) -> "list[Point]":
    """The points of the curve, with progress meanwhile."""
    from matting.training.finetune import TrainingProgress
    from matting.training.jobs.learning_curve import Point, learning_curve

    points = list[Point]()
    with StepsBar(request.steps) as steps:
        for news in learning_curve(request, counts):
            if isinstance(news, TrainingProgress):
                steps.show(news)
            elif isinstance(news, Point):
                points.append(news)
                steps.console.print(f"{news.samples} samples: SAD on test {news.test.words}", soft_wrap=True)
            elif isinstance(news, str):
                report(news)
    return points


def _print(points: "list[Point]", output: Path) -> None:
    """All points as a table."""
    title = f"SAD on test, {points[0].test.before:.3g} before training"
    table = Table(title=title, caption=f"weights, curve.json and curve.svg in {output}")
    for name in ("samples", "share", "SAD", "change", "95 % interval", "generated", "photos"):
        table.add_column(name, justify="right")
    for point in points:
        test, kept = point.test, (point.forgotten, point.photographs)
        table.add_row(
            str(point.samples),
            "all" if point.share is None else f"{100 * point.share:g} %",
            f"{test.after:.3g}",
            test.percent(test.mean),
            f"{test.percent(test.low).removesuffix(' %')} to {test.percent(test.high)}",
            *(change.percent(change.mean) if change else "–" for change in kept),
        )
    Console().print(table)


def _as_json(points: "list[Point]") -> bytes:
    """The points for other programs."""
    kept = ("test", "forgotten", "photographs")
    rows = [
        {"samples": point.samples, "share": point.share}
        | {name: change and change.numbers for name in kept for change in [getattr(point, name)]}
        for point in points
    ]
    return json.dumps(rows, indent=1).encode()


def _chart(points: "list[Point]", model: str) -> bytes:
    """SAD on test against the number of samples, with the interval of its change, as an SVG."""
    from matplotlib.figure import Figure

    before, counts = points[0].test.before, [0, *(point.samples for point in points)]
    low, high = ([before, *(before + getattr(point.test, end) for point in points)] for end in ("low", "high"))
    figure = Figure(figsize=(6.4, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(counts, [before, *(point.test.after for point in points)], marker="o", color="#2f6f9f")
    if all(map(math.isfinite, low + high)):
        axes.fill_between(counts, low, high, alpha=0.2)
    axes.set(title=f"{model}: what so many samples taught", xlabel="samples", ylabel="SAD / 1000 on test")
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file := BytesIO(), format="svg")
    return file.getvalue()
