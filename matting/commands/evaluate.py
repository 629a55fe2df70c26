"""`python -m matting evaluate`: metrics of a folder of alphas against a folder of true ones."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from matting.commands.report import Row, by_stem, means, print_table, write_json
from matting.files import read_alpha, read_trimap
from matting.metrics import evaluate as measure


def evaluate(
    predicted: Annotated[Path, typer.Argument(metavar="PREDICTED-DIR", help="Folder of alphas to judge.")],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH-DIR", help="Folder of true alphas, paired by file name.")],
    trimap: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of trimaps: only their unknown pixels count. Else every pixel."),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the numbers here.")] = None,
) -> None:
    """Measure SAD, MSE, MAD, Grad and Conn of alphas against the truth."""
    errors = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
    failed = False
    rows: list[Row] = []
    try:
        folders = [by_stem(folder) for folder in (predicted, truth, *([trimap] if trimap else []))]
    except ValueError as error:
        errors.print(error)
        raise typer.Exit(1) from error
    for stem in track(sorted(folders[1]), "Measuring", console=errors, transient=True):
        try:
            rows.append(_row(stem, folders, predicted.name))
        except ValueError as error:
            errors.print(f"{stem}: {error}")
            failed = True
    if rows:
        print_table([{name: value for name, value in row.items() if name != "model"} for row in rows], truth.name)
        print_table(means(rows), f"mean of {len(rows)} images")
    if json_file and rows:
        write_json(json_file, rows, dataset=truth, trimap=trimap.name if trimap else None)
    if failed or not rows:
        raise typer.Exit(1)


def _row(stem: str, folders: list[dict[str, Path]], model: str) -> Row:
    """The metrics of one picture; ValueError if a file is missing, unreadable or of another size."""
    if any(stem not in files for files in folders):
        raise ValueError("has a true alpha, but no predicted alpha or trimap of that name")
    trimap = read_trimap(folders[2][stem]) if len(folders) == 3 else None
    return {"model": model, "image": stem} | measure(read_alpha(folders[0][stem]), read_alpha(folders[1][stem]), trimap)
