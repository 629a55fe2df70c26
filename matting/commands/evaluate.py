"""`python -m matting evaluate`: metrics of a folder of alphas against a folder of true ones."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from matting.files import read_trimap
from matting.files.picture_kinds import read_true_alpha
from matting.metrics import evaluate as measure
from matting.metrics.kept_rows import KeptRows, key_of
from matting.metrics.tables import means, pictures_of, print_table
from matting.training.origin import code_now


def evaluate(
    predicted: Annotated[Path, typer.Argument(metavar="PREDICTED-DIR", help="Folder of alphas to judge.")],
    truth: Annotated[Path, typer.Argument(metavar="TRUTH-DIR", help="Folder of true alphas, paired by file name.")],
    trimap: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of trimaps: only their unknown pixels count; else every pixel."),
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the numbers here.")] = None,
) -> None:
    """Measure SAD, MSE, MAD, Grad and Conn of alphas against the truth. With --json, a run can be continued."""
    errors = Console(stderr=True, markup=False, highlight=False, soft_wrap=True)
    failed = False
    try:
        folders = [pictures_of(folder) for folder in (predicted, truth, *([trimap] if trimap else []))]
        kept = KeptRows(json_file, dataset=truth, trimap=trimap.name if trimap else None)
    except (ValueError, OSError) as error:
        errors.print(error)
        raise typer.Exit(1) from error
    for stem in track(sorted(folders[1]), "Measuring", console=errors, transient=True):
        try:
            _keep_row(stem, folders, predicted.name, kept)
        except (ValueError, OSError) as error:
            errors.print(f"{stem}: {error}")
            failed = True
    rows = kept.rows
    kept.finish(is_complete=not failed)
    if rows:
        print_table([{name: value for name, value in row.items() if name != "model"} for row in rows], truth.name)
        print_table(means(rows), f"mean of {len(rows)} images")
    if failed or not rows:
        raise typer.Exit(1)


def _keep_row(stem: str, folders: list[dict[str, Path]], model: str, kept: KeptRows) -> None:
    """The metrics of one picture; ValueError if a file is missing, unreadable or of a different size."""
    if any(stem not in files for files in folders):
        raise ValueError("has a true alpha, but no predicted alpha or trimap of that name")
    key = key_of([stem, model, code_now(("",))], [files[stem] for files in folders])
    if kept.take_over(key):
        return
    trimap = read_trimap(folders[2][stem]) if len(folders) == 3 else None
    found = measure(read_true_alpha(folders[0][stem]), read_true_alpha(folders[1][stem]), trimap)
    kept.add(key, {"model": model, "image": stem} | found)
