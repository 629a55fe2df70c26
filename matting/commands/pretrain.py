"""`python -m matting pretrain`: train studio as a whole on generated pictures, within a given time."""

import os
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matting.environment.terminal import report, stop
from matting.training.jobs.options import Anew, FromNothing, Output, RunFolder, Seed, Start, run_folder
from matting.weights import WeightsError, sha256_of
from matting.weights.trained import licence_in_words

if TYPE_CHECKING:
    from matting.training.pretraining.descent import TrainingReport
    from matting.training.pretraining.settings import Descent


def pretrain(
    photos: Annotated[
        Path, typer.Argument(metavar="PHOTOS-DIR", help="Photographs for textures and backgrounds; may be empty.")
    ],
    output: Output,
    minutes: Annotated[float, typer.Option(help="Time for this command, including start-up.")] = 9.0,
    total: Annotated[
        float | None, typer.Option(help="Time for the whole run if several commands share it; default: MINUTES.")
    ] = None,
    start: Start = None,
    from_nothing: FromNothing = False,
    batch: Annotated[int, typer.Option(min=1, help="Windows per step.")] = 96,
    crop: Annotated[int, typer.Option(help="Side of a window in pixels, a multiple of 32.")] = 320,
    canvas: Annotated[int, typer.Option(help="Side of the drawn canvases in pixels, a multiple of 16.")] = 512,
    pool: Annotated[int, typer.Option(min=1, help="Canvases kept on the device.")] = 10000,
    held_out: Annotated[int, typer.Option(min=1, help="Generated pictures for choosing the best weights.")] = 160,
    rate: Annotated[
        float, typer.Option(help="Learning rate after warm-up; take half of it when starting from good weights.")
    ] = 1.2e-3,
    seed: Seed = 0,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that draw pictures; default: one fewer than there are cores.")
    ] = max(1, (os.cpu_count() or 2) - 1),
    run: RunFolder = None,
    licence: Annotated[
        str, typer.Option(metavar="SPDX", help="Licence of the photographs, for the weights' card.")
    ] = "",
    anew: Anew = False,
) -> None:
    """Train studio on pictures generated from PHOTOS-DIR and write weights. The same command resumes a run.

    The learning rate falls to zero within TOTAL minutes, on any machine. The averaged weights that do best on generated
    pictures held out from training are written; the starting weights compete too.
    """
    begun = monotonic()
    from matting.training.jobs.request import check_files, start_of
    from matting.training.pretraining.settings import Descent
    from matting.training.settings import has_bf16

    try:
        descent = Descent(
            total=total or minutes, minutes=minutes, batch=batch, crop=crop, canvas=canvas, pool=pool,
            least=min(pool, 12 * batch), held_out=held_out, rate=rate, seed=seed, workers=workers, bf16=has_bf16(),
        )  # fmt: skip
        start = start_of("studio", start, from_nothing=from_nothing)
        check_files(photos, output, start)
        folder = run_folder(run, output)
        _run(photos, output, folder, start, descent, begun, licence=licence, anew=anew)
    except (WeightsError, ValueError, OSError, RuntimeError) as error:
        raise stop(error) from error


def _run(
    photos: Path, output: Path, folder: Path, start: Path | None, descent: "Descent", begun: float, *,
    licence: str, anew: bool,
) -> None:  # fmt: skip
    from matting.training.checkpoint import alone, best_weights, claim, export_weights, load_checkpoint
    from matting.training.pretraining.descent import MODEL, Clock, descend
    from matting.training.pretraining.opening import card_of, opened, origin_of
    from matting.training.results.card import licence_after
    from matting.training.sources import photographs
    from matting.training.trainees import exported

    licence = licence_after(start, MODEL, licence)
    with alone(folder, output):
        pictures = photographs(photos)
        which: dict[str, Any] = {"model": MODEL, "settings": descent, "origin": origin_of(photos, pictures, start)}
        if claim(folder, anew=anew, **which):
            report(f"starting over: the run in {folder} had other inputs")
        state = load_checkpoint(folder, **which)
        if state and state["spent"] >= descent.whole:
            report(f"{folder} has already finished, after {state['spent'] / 60:.1f} minutes, so nothing is trained")
        else:
            with opened(pictures, descent, start=start, state=state) as run:
                clock = Clock(begun, run.spent)
                report(f"starting {clock.elapsed:.0f} s into the run, with {run.canvases} canvases drawn")
                for now in descend(run, clock, folder=folder, origin=which["origin"]):
                    _print(now, clock.elapsed, run.canvases)
        state = load_checkpoint(folder, **which)
        if state is None:
            raise ValueError(f"the {descent.minutes:g} minutes were over before the first measurement; allow more")
        export_weights(output, exported(best_weights(state)), card=card_of(state, descent, which["origin"], licence))
    size, digest = output.stat().st_size, sha256_of(output)
    typer.echo(f"{output} {size / 1e6:.1f} MB, {licence_in_words(licence)}, SHA-256 {digest}")


def _print(now: "TrainingReport", seconds: float, canvases: int) -> None:
    """Print a report as one line."""
    score = f" · held-out error {now.score['error']:.4f}, MSE {now.score['mse']:.4f}" if now.score else ""
    typer.echo(
        f"{seconds:.0f} s · step {now.step} · loss {now.loss:.4f} · rate {now.rate:.1e} · "
        f"{now.steps_a_second:.2f} steps/s · {canvases} canvases{score}"
    )
