"""`python -m matting compare`: which of the models that are here suits these photos?"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from matting.arrays import Alpha, Image, Trimap
from matting.batches.running import pictures
from matting.batches.shards import EVERYTHING, WHOLE, read_shard
from matting.environment.machine import machine_in_words
from matting.environment.terminal import report, stop
from matting.files import read_alpha, read_image, read_trimap, write_file
from matting.files.listing import by_stem, composed
from matting.metrics.comparing import Entry, Measured, entries, measure
from matting.metrics.model_table import model_table
from matting.resize import resize, within
from matting.solving.separate_process import apart
from matting.trimap import make_trimap, shrink_trimap

Row = dict[str, Any]
"""What the JSON says about one model on one photo."""


@dataclass(frozen=True)
class Given:
    """A photo, and what is known about it."""

    image: Image
    trimap: Trimap | None
    truth: Alpha | None


def compare(
    images: Annotated[list[Path], typer.Argument(help="Photos, folders of photos, or glob patterns.")],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", help="Folder for the sheets, as STEM.png, for compare.json and compare.md."),
    ],
    truth: Annotated[
        Path | None, typer.Option(metavar="DIR", help="True alphas, named like the photos: errors are shown, too.")
    ] = None,
    trimap: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Trimaps, named like the photos, for models that need one; errors count only their unknown pixels.",
        ),
    ] = None,
    models: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only these models; by default every one that needs no download.")
    ] = None,
    longest: Annotated[
        int,
        typer.Option(min=0, metavar="PX", help="Shrink photos to this long side, in pixels; 0 keeps them as they are."),
    ] = 1600,
    shard: Annotated[
        str,
        typer.Option(
            metavar="I/N",
            help="Do only every N-th photo, from the I-th on. Their numbers go to compare-I-of-N.json and .md.",
        ),
    ] = EVERYTHING,
) -> None:
    """Try every model that needs no download on each photo, and draw a sheet of cut-outs with time, memory and errors.

    compare.md is a table of the means over all photos, with the machine they were measured on.
    """
    part = read_shard(shard)
    paths, left_out = pictures(images, output)
    try:
        truths, trimaps = (by_stem(folder) if folder else {} for folder in (truth, trimap))
        wanted = _chosen(models)
    except ValueError as error:
        raise stop(error) from error
    rows, failed = list[Row](), left_out
    for path in part.of(paths):
        try:
            given = _read(path, truths if truth else None, trimaps if trimap else None, longest)
            rows += _compare(given, wanted, path, output)
        except (ValueError, OSError) as error:
            report(f"{path}: {error}")
            failed += 1
        name = "compare" if part == WHOLE else f"compare-{part.number}-of-{part.count}"
        content = {"longest": longest, "results": rows}
        write_file(output / f"{name}.json", json.dumps(content, indent=2, ensure_ascii=False).encode() + b"\n")
        write_file(output / f"{name}.md", model_table(rows, machine_in_words()).encode())
    if failed or any("failed" in row for row in rows):
        raise typer.Exit(1)


def _chosen(models: str | None) -> list[Entry]:
    """The entries of the named models; ValueError if one is not here."""
    present = entries()
    if models is None:
        return present
    names = [name.strip() for name in models.split(",")]
    by_name = {entry.model: entry for entry in present}
    if missing := [name for name in names if name not in by_name]:
        raise ValueError(f"{', '.join(missing)} cannot be compared here; there are {', '.join(by_name)}")
    return [by_name[name] for name in dict.fromkeys(names)]


def _read(path: Path, truths: dict[str, Path] | None, trimaps: dict[str, Path] | None, longest: int) -> Given:
    """The photo at `path` and what belongs to it; ValueError if a file is missing, damaged or of a different size."""
    image, stem = read_image(path), composed(path.stem)
    size = (image.shape[0], image.shape[1])
    for kind, files in (("truth", truths), ("trimap", trimaps)):
        if files is not None and stem not in files:
            raise ValueError(f"the folder of --{kind} holds no picture called {path.stem}")
    truth = read_alpha(truths[stem]) if truths is not None else None
    trimap = read_trimap(trimaps[stem]) if trimaps is not None else None
    for kind, picture in (("truth", truth), ("trimap", trimap)):
        if picture is not None and picture.shape != size:
            wanted, given = (f"{width} × {height}" for height, width in (size, picture.shape))
            raise ValueError(f"the {kind} must be {wanted} like the photo, but is {given}")
    small = within(size, longest) if longest else size
    return Given(
        resize(image, small),
        None if trimap is None else shrink_trimap(trimap, small),
        None if truth is None else resize(truth, small),
    )


def _compare(given: Given, wanted: list[Entry], path: Path, output: Path) -> list[Row]:
    """A row for each model; the sheet is written when all have answered."""
    from matting.metrics.contact_sheet import contact_sheet, cut_out_panel, photo_panel

    trimap = given.trimap
    if trimap is None and any(entry.edges for entry in wanted):
        trimap = make_trimap(apart(_found, given.image))
    panels = [photo_panel(given.image, "the photo")]
    if given.truth is not None:
        panels.append(cut_out_panel(given.image, given.truth, "the truth"))
    rows = list[Row]()
    for entry in wanted:
        row: Row = {"photo": str(path), "model": entry.model, "needs_trimap": bool(entry.edges)}
        try:
            found = measure(entry, given.image, trimap, given.truth, region=given.trimap)
        except (ValueError, OSError, RuntimeError) as error:
            report(f"{path.name}, {entry.model}: {error}")
            rows.append(row | {"failed": str(error)})
            continue
        rows.append(row | _numbers(found))
        panels.append(cut_out_panel(given.image, found.alpha, entry.title, found.words))
        typer.echo(f"{path.name}, {entry.model}: {found.words}")
    write_file(output / f"{path.stem}.png", contact_sheet(panels))
    return rows


def _numbers(found: Measured) -> Row:
    memory = None if found.memory_gb is None else round(found.memory_gb, 3)
    spent = {"seconds": round(found.seconds, 3), "processor_seconds": round(found.processor_seconds, 3)}
    return {**spent, "memory_gb": memory, **found.errors}


def _found(image: Image) -> Alpha:
    """The subject as `auto` finds it; runs in the other process."""
    from matting.models import load_model

    return load_model("auto")(image)
