"""`python -m matting video`: one video file in, one out."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from matting.models import MODELS, kind_of
from matting.video import SMOOTHINGS
from matting.video.files import FORMS, READABLE_FORMATS
from matting.video.rendering import GREEN, SEQUENCES, Settings, form_for, render
from matting.weights import WeightsError

FORM_NAMES = ", ".join([*FORMS, *SEQUENCES])


def video(
    source: Annotated[Path, typer.Argument(metavar="FILE", help=f"The video: {READABLE_FORMATS}.")],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help="What to write: .mp4, .mov or .webm, or a new folder for pictures."),
    ],
    *,
    model: Annotated[str, typer.Option(help=f"One of {', '.join(MODELS)}.")] = "modnet",
    background: Annotated[
        str | None,
        typer.Option(
            help=f"#RRGGBB, a picture, or blur. Without one, .mov and .webm carry alpha and .mp4 is laid over {GREEN}."
        ),
    ] = None,
    form: Annotated[str | None, typer.Option(help=f"{FORM_NAMES}. By default what suits the output's name.")] = None,
    smoothing: Annotated[
        str, typer.Option(help=f"How flicker is reduced: {', '.join(SMOOTHINGS)}. Both is the steadiest.")
    ] = "both",
    corrected: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FRAME=ALPHA",
            help="A frame's number, from 0, and a picture of its correct alpha, which its neighbours follow, too. "
            "May be repeated.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep finished work when interrupted, and continue from it next time.")
    ] = False,
) -> None:
    """Give a video a new background, or an alpha channel. Sound, frame times and colours stay; it comes out upright."""
    try:
        kind_of(model)
        chosen = form or form_for(output, background is not None)
        settings = Settings(form=chosen, model=model, background=background or GREEN, smoothing=smoothing,
                            corrected=tuple(map(_numbered, corrected or ())))  # fmt: skip
        _render_with_bar(source, output, settings, resume)
    except (ValueError, OSError, WeightsError) as error:
        _refuse(str(error))


def _numbered(correction: str) -> tuple[int, str]:
    """120=alpha.png → (120, "alpha.png"); ValueError for any other form."""
    number, sign, alpha = correction.partition("=")
    if not (number.isdecimal() and sign and alpha):
        raise ValueError(f"a corrected frame is written FRAME=ALPHA, as in 120=alpha.png, but got {correction!r}")
    return int(number), alpha


def _render_with_bar(source: Path, output: Path, settings: Settings, resume: bool) -> None:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as bar:
        task = bar.add_task(source.name, total=None)
        for progress in render(source, output, settings, resume=resume):
            bar.update(task, completed=progress.done, total=progress.frames)


def _refuse(reason: str) -> None:
    """One line on stderr, and the status of a failure."""
    typer.echo(reason, err=True)
    raise typer.Exit(1)
