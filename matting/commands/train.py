"""`python -m matting train`: fine-tune a network on a folder as the dataset exports it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matting.environment.terminal import report
from matting.training.jobs.options import Anew, FromNothing, Output, RunFolder, Seed, Start, run_folder
from matting.training.jobs.progress_bar import StepsBar
from matting.training.jobs.refusals import refused_in_a_sentence
from matting.training.jobs.request import Request
from matting.training.labels.doubts import Doubtful
from matting.weights import sha256_of
from matting.weights.trained import licence_in_words

if TYPE_CHECKING:
    from matting.training.jobs.running import Done


def train(
    dataset: Annotated[
        Path,
        typer.Argument(metavar="DATASET-DIR", help="Holds train/fg, train/alpha, perhaps train/bg, validation, test."),
    ],
    output: Output,
    model: Annotated[str, typer.Option(metavar="NAME", help="The model to train, such as modnet.")] = "studio",
    start: Start = None,
    from_nothing: FromNothing = False,
    steps: Annotated[int, typer.Option(min=1, help="How many steps to train.")] = 1000,
    batch: Annotated[
        int | None, typer.Option(min=1, help="Crops per step, over all processes; default: studio 4, modnet 2, else 8.")
    ] = None,
    crop: Annotated[
        int | None, typer.Option(help="Side of a crop, a multiple of 32; default: 256, for modnet 512.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Learning rate after warm-up; default: 2e-4, for modnet 1e-4.")
    ] = None,
    synthetic: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Share of rehearsal crops; default: if starting from weights, 0.5."),
    ] = None,
    cached: Annotated[int, typer.Option(min=1, help="Crops kept on disk, for models that need solvers.")] = 100,
    seed: Seed = 0,
    minutes: Annotated[
        float, typer.Option(show_default="no limit", help="Stop after this many minutes; the same command continues.")
    ] = 1e6,
    workers: Annotated[int, typer.Option(min=0, help="Extra processes that make crops.")] = 0,
    run: RunFolder = None,
    freeze_norms: Annotated[
        bool | None, typer.Option(help="Keep batch norms' statistics; default: if starting from weights.")
    ] = None,
    bf16: Annotated[bool | None, typer.Option(help="Mixed precision; default: if the hardware has it.")] = None,
    licence: Annotated[str, typer.Option(metavar="SPDX", help="Licence of your data, for the weights' card.")] = "",
    unlabelled: Annotated[bool, typer.Option("--unlabelled", help="Photographs without alphas, for modnet.")] = False,
    doubtful: Annotated[
        Doubtful, typer.Option(help="What to do with labels that look wrong: stop, keep or leave-out.")
    ] = Doubtful.STOP,
    anew: Anew = False,
) -> None:
    """Train on DATASET-DIR and write weights. A run can be stopped at any time; the same command resumes it.

    The best weights of the run, or those it started from, are chosen by the pictures in validation; the pictures in
    test are used once, at the end. A run resumes only with the same dataset, starting weights and options; only --steps
    may be higher.
    """
    with refused_in_a_sentence():
        _work(Request(
            dataset, output, run_folder(run, output), model, start, from_nothing, steps, batch, crop, rate,
            synthetic, cached, seed, minutes, workers, freeze_norms, bf16, licence, unlabelled, doubtful, anew,
        ))  # fmt: skip


def _work(request: Request) -> None:
    """Train, showing the progress and then the result."""
    from matting.training.finetune import TrainingProgress
    from matting.training.jobs.running import Done, training

    with StepsBar(request.steps) as steps:
        for news in training(request):
            if isinstance(news, TrainingProgress):
                steps.show(news)
            elif isinstance(news, Done):
                steps.end()
                _print_result(news)
            else:
                report(news)


def _print_result(done: "Done") -> None:
    """Print the scores, the share of the new weights, the proof and the file."""
    card = done.card
    scores, steps = card["held_out"], f"step {card['step_chosen']}, chosen"
    for name, text in (("before", "step 0"), ("validation", steps)):
        if scores[name]:
            typer.echo(f"{text}: SAD {scores[name]['sad']:.2f}, MSE {scores[name]['mse']:.4f}")
    for tried in card["shares_tried"]:
        kinds = ("validation", "rehearsal", "photographs")
        sads = [f"{name} SAD {tried[name]:.3f}" for name in kinds if tried[name] is not None]
        chosen = ", chosen" if tried["share"] == card["share"] else ""
        typer.echo(f"{100 * tried['share']:g} % of the new weights{chosen}: {', '.join(sads)}")
    for line in done.proof.sentences if done.proof else ():
        typer.echo(line)
    if card["is_start"]:
        report(
            f"no step improved on the starting weights on the held-out pictures, so {done.path} holds those of step 0"
        )
    size, digest = done.path.stat().st_size, sha256_of(done.path)
    typer.echo(f"{done.path} {size / 1e6:.1f} MB, {licence_in_words(card['licence'])}, SHA-256 {digest}")
