"""`python -m matting bench`: models measured on a data set with true alphas."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from matting.files import read_image, read_trimap
from matting.files.locks import InUseError, held
from matting.files.picture_kinds import read_true_alpha
from matting.metrics import METRICS, evaluate
from matting.metrics.kept_rows import KeptRows, key_of
from matting.metrics.tables import Row, means, one_line, pictures_of, print_table
from matting.models import MODELS, load_model
from matting.models.base import Model
from matting.models.classical.compiling import warm_up
from matting.models.classical.solvers import SOLVERS
from matting.training.origin import code_now
from matting.weights import WeightsError

SOLVER_NAMES = [solver.name for solver in SOLVERS]


@dataclass(frozen=True)
class Dataset:
    """Photos, true alphas and trimaps by stem: `image/` or `merged/`, `alpha/` or `gt/`, and a chosen `trimap…/`."""

    images: dict[str, Path]
    truths: dict[str, Path]
    trimaps: dict[str, Path]


def bench(
    dataset: Annotated[
        Path,
        typer.Argument(
            metavar="DATASET-DIR",
            help="Holds image/ (or merged/), alpha/ (or gt/) and trimap folders, paired by name.",
        ),
    ],
    models: Annotated[
        str, typer.Option(metavar="A,B", help="Models to measure, as `models` lists them; the solvers if not given.")
    ] = ",".join(SOLVER_NAMES),
    trimap: Annotated[
        str | None, typer.Option(metavar="NAME", help="Trimap folder to use; the first by name if not given.")
    ] = None,
    exact: Annotated[
        bool, typer.Option("--exact", help="Solve whole pictures at once, not only around what is unknown.")
    ] = False,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the numbers here.")] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the means here, as PNG, SVG or PDF.")] = None,
) -> None:
    """Measure SAD, MSE, MAD, Grad, Conn and seconds of models on a data set, over the unknown pixels of its trimaps.

    Each row is printed, and with --json saved, as it comes. After an interruption the same command continues.
    """
    errors = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
    try:
        name = trimap or _first_trimap(dataset)
        data = read_dataset(dataset, name)
        with alone(json_file):
            kept = KeptRows(json_file, dataset=dataset, trimap=name)
            complete = _measure_all(split_names(models), data, kept, errors, exact=exact)
            kept.finish(is_complete=complete)
    except (ValueError, OSError) as error:
        errors.print(error)
        raise typer.Exit(1) from error
    rows = kept.rows
    if kept.taken_over:
        errors.print(f"{kept.taken_over} of {len(rows)} rows were measured by the interrupted run before this one")
    if rows:
        print_table(means(rows), f"{dataset.name}, {name}: mean of {len(rows) / len(means(rows)):.0f} images")
    if rows and plot:
        try:
            draw(means(rows), plot, title=f"{dataset.name}, {name}, lower is better")
        except (ValueError, OSError) as error:
            errors.print(f"{plot} could not be drawn: {error}")
            complete = False
    if not (rows and complete):
        raise typer.Exit(1)


@contextmanager
def alone(file: Path | None) -> Iterator[None]:
    """Lock `file`, so that no other bench writes its rows; ValueError if one does."""
    if file is None:
        yield
        return
    try:
        with held(file.with_name(f".{file.name}.lock")):
            yield
    except InUseError as error:
        raise ValueError(f"another bench is writing {file}; wait for it or name another file") from error


def read_dataset(folder: Path, trimap: str) -> Dataset:
    """The files of a data set; ValueError naming the folder that is missing or empty."""
    photos, truths = _first_of(folder, "image", "merged"), _first_of(folder, "alpha", "gt")
    return Dataset(pictures_of(photos), pictures_of(truths), pictures_of(folder / trimap))


def split_names(models: str) -> list[str]:
    """The models in a comma-separated list, each once. Parts that do not name a model belong to a path with commas."""
    names: list[str] = []
    for part in models.split(","):
        is_name = part.strip().partition(":")[0] in MODELS
        if names and ":" in names[-1] and not is_name:
            names[-1] += f",{part}"
        else:
            names.append(part.strip())
    return list(dict.fromkeys(names))


def measure(model: Model, data: Dataset, stem: str) -> Row:
    """Metrics and seconds of one model on one picture; ValueError if the model cannot solve it."""
    image, trimap = read_image(data.images[stem]), read_trimap(data.trimaps[stem])
    start = time.perf_counter()
    alpha = model(image, trimap)
    seconds = time.perf_counter() - start
    found = evaluate(alpha, read_true_alpha(data.truths[stem]), trimap)
    return {"model": model.name, "image": stem, **found, "seconds": round(seconds, 3)}


def draw(rows: list[Row], path: Path, *, title: str) -> None:
    """A bar chart of the means in `rows`, one panel per metric, one bar per model, in the format of the suffix."""
    from matplotlib.figure import Figure

    columns = (*METRICS, "seconds")
    figure = Figure(figsize=(9.6, 1.4 + 0.62 * len(rows)), layout="constrained")
    figure.suptitle(title, fontsize=11)
    names = [str(row["model"]) for row in rows][::-1]
    for axes, column in zip(figure.subplots(2, 3, sharey=True).flat, columns, strict=True):
        values = [float(row[column]) for row in rows][::-1]
        colours = ["#2f6f9f" if value == min(values) else "#b9c6d0" for value in values]
        bars = axes.barh(names, values, color=colours, height=0.7)
        axes.bar_label(bars, [f"{value:.3g}" for value in values], padding=3, fontsize=8)
        axes.set_title(column.upper() if column in METRICS[:3] else column.capitalize(), fontsize=10, loc="left")
        axes.set_xlim(0, 1.22 * max(*values, 1e-9))
        axes.tick_params(labelsize=8, length=0)
        axes.set_xticks([])
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)


def _first_of(folder: Path, *names: str) -> Path:
    """The first of the subfolders `names` that exists; if none does, the first, to be named as missing."""
    return next((folder / name for name in names if (folder / name).is_dir()), folder / names[0])


def _first_trimap(folder: Path) -> str:
    """The name of the data set's first trimap folder."""
    names = sorted(path.name for path in folder.glob("trimap*") if path.is_dir())
    if not names:
        raise ValueError(
            f"{folder} holds no trimap folder; wanted image/ or merged/, alpha/ or gt/, and trimap/ or trimap1/ …"
        )
    return names[0]


def _measure_all(names: list[str], data: Dataset, kept: KeptRows, errors: Console, *, exact: bool) -> bool:
    """A row for each model and picture that works, and whether all of them did; the others are named on `errors`."""
    if not set(names).isdisjoint(SOLVER_NAMES):
        warm_up()
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    shows_both = sys.stdout.isatty()  # otherwise rows written to a file would be drawn over the bar
    with Progress(*columns, console=errors, transient=True, redirect_stdout=shows_both) as progress:
        for name in names:
            task = progress.add_task(name, total=len(data.truths))
            try:
                model = load_model(name, exact=exact)
                what = [name, exact, *model.weights_used(), code_now(("",))]
            except (ValueError, OSError, WeightsError) as error:
                errors.print(error)
                continue
            for stem in progress.track(sorted(data.truths), task_id=task):
                try:
                    _measure_one(model, name, what, data, stem, kept)
                except Exception as error:  # noqa: BLE001 — whatever ails one picture, the others are measured
                    errors.print(f"{stem}, {name}: {error}")
    return len(kept.rows) == len(names) * len(data.truths)


def _measure_one(model: Model, name: str, what: list[object], data: Dataset, stem: str, kept: KeptRows) -> None:
    """One row, from the interrupted run if that had it; ValueError if a file is missing or the model fails."""
    for kind, files in (("photo", data.images), ("trimap", data.trimaps)):
        if stem not in files:
            raise ValueError(f"has a true alpha, but no {kind} of that name")
    key = key_of([stem, *what], (data.images[stem], data.trimaps[stem], data.truths[stem]))
    if not kept.take_over(key):
        kept.add(key, measure(model, data, stem) | {"model": name})
    typer.echo(one_line(kept.rows[-1]))
