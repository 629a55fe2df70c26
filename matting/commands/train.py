"""`python -m matting train`: fine-tune a network on a folder as the dataset exports it."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from matting.commands.batch import stop

if TYPE_CHECKING:
    from matting.training.finetune import Progress as State
    from matting.training.measure import Score
    from matting.training.settings import Settings

LINES = 20
"""Told of a run where no bar can be drawn."""


def train(
    dataset: Annotated[
        Path, typer.Argument(metavar="DATASET-DIR", help="Holds train/fg, train/alpha, perhaps train/bg and test.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The .safetensors file to write.")],
    model: Annotated[str, typer.Option(metavar="NAME", help="What to train: gca-studio or gca.")] = "gca-studio",
    start: Annotated[Path | None, typer.Option(metavar="FILE", help="Weights to start from.")] = None,
    steps: Annotated[int, typer.Option(min=1, help="How many steps to train.")] = 1000,
    batch: Annotated[int, typer.Option(min=1, help="Crops a step, over all processes.")] = 8,
    crop: Annotated[int, typer.Option(help="Side of a crop in pixels, a multiple of 32.")] = 256,
    rate: Annotated[float, typer.Option(help="Learning rate once warmed up.")] = 2e-4,
    synthetic: Annotated[float, typer.Option(min=0, max=1, help="Share of generated crops; 1 needs no pairs.")] = 0.0,
    cached: Annotated[
        int, typer.Option(min=1, help="Crops kept on disk and varied, if a solver must see them.")
    ] = 2000,
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 0,
    minutes: Annotated[float, typer.Option(help="Stop after so long; the same command goes on.")] = 1e6,
    workers: Annotated[int, typer.Option(min=0, help="Extra processes that make crops.")] = 0,
    run: Annotated[Path | None, typer.Option(metavar="DIR", help="Checkpoints and logs; else runs/OUTPUT.")] = None,
    freeze_norms: Annotated[
        bool | None, typer.Option(help="Keep batch norms' statistics; if not said, when starting from weights.")
    ] = None,
    bf16: Annotated[bool | None, typer.Option(help="Mixed precision; if not said, where the hardware has it.")] = None,
) -> None:
    """Train on DATASET-DIR and write weights. Stopped at any time, the same command goes on where it was."""
    from matting.training.settings import Settings, has_bf16

    if output.suffix != ".safetensors":
        raise stop(f"the output must end in .safetensors, but is {output}")
    try:
        settings = Settings(
            steps=steps, batch=batch, crop=crop, rate=rate, warm_up=min(100, steps // 10), seed=seed,
            workers=workers, minutes=minutes,
            bf16=has_bf16() if bf16 is None else bf16,
            freeze_norms=start is not None if freeze_norms is None else freeze_norms,
        )  # fmt: skip
        _run(dataset, output, run or Path("runs") / output.stem, settings, model, start, synthetic, cached)
    except (ValueError, OSError) as error:
        raise stop(error) from error


def _run(
    dataset: Path, output: Path, folder: Path, settings: "Settings", model: str, start: Path | None,
    synthetic: float, cached: int,
) -> None:  # fmt: skip
    from accelerate import PartialState

    from matting.training.checkpoint import export_weights
    from matting.training.finetune import averaged_weights, finetune
    from matting.training.sources import open_sources
    from matting.training.trainees import trainee

    learner, is_main = trainee(model), PartialState().is_main_process
    source, held_out = open_sources(
        dataset, learner, settings, synthetic=synthetic, cached=cached, cache=folder / "crops"
    )
    states = finetune(learner, source, settings, folder=folder, held_out=held_out, start=start)
    score = _follow(states, settings.steps, is_shown=is_main)
    if is_main:
        card = {"model": model, "steps": settings.steps, "synthetic": synthetic, "settings": asdict(settings)}
        card["held_out"] = {"sad": score.sad, "mse": score.mse} if score else None
        export_weights(output, averaged_weights(folder, learner, settings), card=card)
        digest = hashlib.sha256(output.read_bytes()).hexdigest()
        typer.echo(f"{output} {output.stat().st_size / 1e6:.1f} MB, SHA-256 {digest}")


def _follow(states: "Iterator[State]", steps: int, *, is_shown: bool) -> "Score | None":
    """Show each state until the run ends, as a bar or, in a log, a line now and then; the last score."""
    score, console, between = None, Console(), max(1, steps // LINES)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, disable=not (is_shown and console.is_terminal)) as bars:
        bar = bars.add_task("making the first crops", total=steps)
        for state in states:
            score = state.score or score
            bars.update(bar, completed=state.step, description=_told(state, score))
            if is_shown and not console.is_terminal and (state.step % between == 0 or state.step == steps):
                console.print(f"{state.step}/{steps} · {_told(state, score)}")
    return score


def _told(state: "State", score: "Score | None") -> str:
    """The loss, the last SAD, and the time left in words: no seconds when there are hours."""
    minutes = round(state.seconds_left / 60)
    left = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
    parts: list[Any] = [f"loss {state.loss:.4f}", f"{left} left"]
    return " · ".join(parts + ([f"held-out SAD {score.sad:.2f}"] if score else []))
