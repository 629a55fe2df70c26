"""`python -m matting train`: fine-tune a network on a folder as the dataset exports it."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from matting.commands.batch import report, stop
from matting.weights import WeightsError, find_weights, sha256_of
from matting.weights.trained import licence_in_words

if TYPE_CHECKING:
    from matting.training.finetune import Progress as State
    from matting.training.measure import Score
    from matting.training.settings import Settings
    from matting.training.sources import Sources
    from matting.training.trainees import Trainee

LINES = 20
"""Told of a run where no bar can be drawn."""


def train(
    dataset: Annotated[
        Path,
        typer.Argument(metavar="DATASET-DIR", help="Holds train/fg, train/alpha, perhaps train/bg, validation, test."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The .safetensors file to write.")],
    model: Annotated[str, typer.Option(metavar="NAME", help="studio, gca-studio, gca or modnet.")] = "studio",
    start: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Weights to start from; if not said, the shipped ones.")
    ] = None,
    from_nothing: Annotated[bool, typer.Option("--from-nothing", help="Start from random weights instead.")] = False,
    steps: Annotated[int, typer.Option(min=1, help="How many steps to train.")] = 1000,
    batch: Annotated[int | None, typer.Option(min=1, help="Crops a step, over all processes: 8; of modnet 2.")] = None,
    crop: Annotated[int | None, typer.Option(help="Side of a crop, a multiple of 32: 256; of modnet 512.")] = None,
    rate: Annotated[float | None, typer.Option(help="Learning rate once warmed up: 2e-4; of modnet 1e-4.")] = None,
    synthetic: Annotated[float, typer.Option(min=0, max=1, help="Share of generated crops; 1 needs no pairs.")] = 0.0,
    cached: Annotated[int, typer.Option(min=1, help="Crops kept on disk and varied, if a solver must see them.")] = 100,
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 0,
    minutes: Annotated[float, typer.Option(help="Stop after so long; the same command goes on.")] = 1e6,
    workers: Annotated[int, typer.Option(min=0, help="Extra processes that make crops.")] = 0,
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="Checkpoints and logs; else runs/OUTPUT.")] = None,
    freeze_norms: Annotated[
        bool | None, typer.Option(help="Keep batch norms' statistics; if not said, when starting from weights.")
    ] = None,
    bf16: Annotated[bool | None, typer.Option(help="Mixed precision; if not said, where the hardware has it.")] = None,
    licence: Annotated[str, typer.Option(metavar="SPDX", help="Of what you add, for the weights' card.")] = "",
    unlabelled: Annotated[bool, typer.Option("--unlabelled", help="Photographs without alphas, for modnet.")] = False,
    anew: Annotated[bool, typer.Option("--anew", help="Give up the run that is there and begin anew.")] = False,
) -> None:
    """Train on DATASET-DIR and write weights. Stopped at any time, the same command goes on where it was.

    The pictures of validation choose among the states of the run, its start among them; those of test are looked at
    once, at its end. A run goes on only with the same dataset, start and options, but for --steps, which may grow.
    """
    from matting.training.settings import Settings, has_bf16
    from matting.training.trainees import trainee

    try:
        learner = trainee(model, unlabelled=unlabelled)
        if unlabelled and synthetic:
            raise ValueError("--unlabelled learns from photographs as they are; leave --synthetic out")
        start = start_of(learner, start, from_nothing=from_nothing)
        asked = {"batch": batch, "crop": crop, "rate": rate}
        said = {name: value for name, value in asked.items() if value is not None}
        settings = Settings(
            steps=steps, warm_up=min(100, steps // 10), seed=seed,
            workers=workers, minutes=minutes, validate_every=min(250, -(-steps // 4)),
            bf16=has_bf16() if bf16 is None else bf16,
            freeze_norms=start is not None if freeze_norms is None else freeze_norms,
            **{**learner.settings, **said},
        )  # fmt: skip
        folder = run or Path("runs") / output.stem
        plan = Plan(dataset, output, folder, learner, start, synthetic, cached, licence, anew)
        check_files(dataset, output, start)
        _run(plan, settings)
    except (WeightsError, ValueError, OSError, RuntimeError) as error:
        raise stop(_sentence(error)) from error


def start_of(learner: "Trainee", start: Path | None, *, from_nothing: bool) -> Path | None:
    """The weights to start from: those named, else the shipped ones, if there are any; None for none."""
    if start and from_nothing:
        raise ValueError(f"--from-nothing and --start {start} exclude each other; leave one out")
    if start or from_nothing or not learner.start:
        return start
    return find_weights(learner.start)


@dataclass(frozen=True)
class Plan:
    """What the command was asked for, besides the settings of the loop."""

    dataset: Path
    output: Path
    folder: Path
    learner: "Trainee"
    start: Path | None
    synthetic: float
    cached: int
    licence: str
    anew: bool


def check_files(dataset: Path, output: Path, start: Path | None) -> None:
    """ValueError where a training on the folder `dataset` cannot be done, before anything is read."""
    if output.suffix != ".safetensors":
        raise ValueError(f"the output must end in .safetensors, but is {output}")
    if output.is_dir():
        raise ValueError(f"the output must be a file, but {output} is a folder")
    if not dataset.is_dir():
        raise ValueError(f"{dataset} must be a folder, but is not there")
    if start is None:
        return
    if not start.is_file():
        raise ValueError(f"{start} must be a file of weights, but is not there")
    if output.exists() and output.samefile(start):
        raise ValueError(f"the output must be another file than the start, but both are {output}")


def _run(plan: Plan, settings: "Settings") -> None:
    from accelerate import PartialState

    from matting.training.card import licence_after
    from matting.training.checkpoint import CROPS, alone, claim, load_checkpoint
    from matting.training.finetune import finetune
    from matting.training.sources import open_sources

    processes, learner, model = PartialState(), plan.learner, plan.learner.name
    is_main, licence = processes.is_main_process, licence_after(plan.start, model, plan.licence)
    with alone(plan.folder, plan.output) if is_main else nullcontext():
        sources = open_sources(
            plan.dataset, learner, settings,
            synthetic=plan.synthetic, cached=plan.cached, cache=plan.folder / CROPS, start=plan.start,
        )  # fmt: skip
        which: dict[str, Any] = {"settings": settings, "origin": sources.origin}
        if is_main and claim(plan.folder, model=model, anew=plan.anew, **which):
            report(
                f"what was in {plan.folder} was begun on something else (the dataset or an option changed); begun anew"
            )
        processes.wait_for_everyone()
        before = load_checkpoint(plan.folder, model=model, **which)
        if is_main:
            _begin(plan, settings, before, sources)
        states = finetune(
            learner, sources.crops, held_out=sources.validation, folder=plan.folder, start=plan.start, **which
        )
        _follow(states, settings.steps, is_shown=is_main)
        if is_main:
            _write(plan, settings, sources, licence)


def _begin(plan: Plan, settings: "Settings", before: dict[str, Any] | None, sources: "Sources") -> None:
    """Say where the run stands and what chooses."""
    if before and before["format"] == 1:
        report(f"{plan.folder} was begun by an earlier version, which did not record its dataset: taken to be this one")
    if before and before["step"] >= settings.steps:
        report(f"{plan.folder} has finished already, after {settings.steps} steps: nothing is learned")
        return
    if before:
        report(f"{plan.folder} goes on after step {before['step']} of {settings.steps}")
    report(sources.told)


def _write(plan: Plan, settings: "Settings", sources: "Sources", licence: str) -> None:
    """Write the weights with their card, and tell what came of the run."""
    from matting.training.card import card_of
    from matting.training.checkpoint import export_weights, load_checkpoint
    from matting.training.finetune import best_weights
    from matting.training.measure import test_split_score
    from matting.training.trainees import exported

    state = load_checkpoint(plan.folder, model=plan.learner.name, settings=settings, origin=sources.origin)
    assert state is not None  # the run has just saved it
    weights, test = best_weights(state), None
    if state["step"] < settings.steps:
        report(f"time was up after step {state['step']} of {settings.steps}; the same command goes on")
    elif sources.test:
        test = test_split_score(weights, plan.learner, sources.test, plan.folder, steps=state["step"])
    card = card_of(
        state, plan.learner.name, settings, sources.origin,
        licence=licence, test=test, chosen_by=sources.chosen_by, data=sources.counts,
    )  # fmt: skip
    export_weights(plan.output, exported(weights), card=card)
    scores = card["held_out"]
    for name, text in (("before", "step 0"), ("validation", f"step {card['step_chosen']}, chosen"), ("test", "test")):
        if scores[name]:
            typer.echo(f"{text}: SAD {scores[name]['sad']:.2f}, MSE {scores[name]['mse']:.4f}")
    if scores["validation"] and card["step_chosen"] == 0:
        report(f"on pictures held out no step was better than the start, so {plan.output} holds the weights of step 0")
    size, digest = plan.output.stat().st_size, sha256_of(plan.output)
    typer.echo(f"{plan.output} {size / 1e6:.1f} MB, {licence_in_words(licence)}, SHA-256 {digest}")


def _sentence(error: Exception) -> str:
    """What went wrong in one sentence; that of a worker process comes with its whole traceback."""
    text = str(error).strip()
    if "DataLoader worker" in text:
        text = text.rpartition("\n")[2].partition(": ")[2] or text.partition("\n")[0]
    if isinstance(error, OSError) and error.filename and error.strerror:
        text = f"{error.filename}: {error.strerror}"
    return text


def _follow(states: "Iterator[State]", steps: int, *, is_shown: bool) -> None:
    """Show each state until the run ends, as a bar or, in a log, a line now and then."""
    score, console, between = None, Console(), max(1, steps // LINES)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, disable=not (is_shown and console.is_terminal)) as bars:
        bar = bars.add_task("making the first crops", total=steps)
        for state in states:
            score = state.score or score
            bars.update(bar, completed=state.step, description=_told(state, score))
            if is_shown and not console.is_terminal and (state.step % between == 0 or state.step == steps):
                console.print(f"{state.step}/{steps} · {_told(state, score)}")


def _told(state: "State", score: "Score | None") -> str:
    """The loss, the last SAD, and the time left in words: no seconds when there are hours."""
    minutes = round(state.seconds_left / 60)
    left = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
    parts: list[Any] = [f"loss {state.loss:.4f}", f"{left} left"]
    return " · ".join(parts + ([f"held-out SAD {score.sad:.2f}"] if score else []))
