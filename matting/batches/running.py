"""Shared by all commands over many pictures: which pictures, progress, what is already done, what failed."""

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from matting.batches.one_picture import Outcome, Work, attempt, naming
from matting.batches.ray_run import on_cluster
from matting.batches.shards import WHOLE, Shard
from matting.environment.terminal import errors, report, stop
from matting.files import list_images
from matting.files.listing import below, composed, is_folder, unread_in
from matting.files.places import is_remote, place

Item = TypeVar("Item")
Photos = Annotated[
    list[Path],
    typer.Argument(
        parser=place,
        metavar="IMAGES",
        help="Photos, folders of photos, or glob patterns; or folders and files in object storage, as s3://….",
    ),
]


def pictures(arguments: list[Path], output: Path) -> tuple[list[Path], int]:
    """The files meant by files, folders and glob patterns (for shells that do not expand them).

    Also how many kinds of pictures are left out. They are named here, except those in `output`, which are results.
    """
    expanded = []
    for argument in arguments:
        is_pattern = glob.has_magic(str(argument)) and not (is_remote(argument) or os.path.exists(argument))  # noqa: PTH110
        expanded += sorted(map(Path, glob.glob(str(argument)))) if is_pattern else [argument]  # noqa: PTH207
    try:
        found = list_images(expanded)
        folders = [path for path in expanded if is_folder(path)]
        left_out = [line for folder in folders for line in (*unread_in(folder), *below(folder, [output, *folders]))]
    except Exception as error:  # whatever the client of an object storage raises
        raise stop(f"{', '.join(map(str, arguments))} cannot be listed: {error}") from error
    for line in left_out:
        report(line)
    if not found:
        raise stop(f"no pictures in {', '.join(map(str, arguments)) or 'an empty list'}")
    return found, len(left_out)


def run(
    paths: list[Path],
    work: Work,
    *,
    overwrite: bool,
    left_out: int = 0,
    shard: Shard = WHOLE,
    on_ray: bool = False,
) -> None:
    """Do the `work` on each path of the `shard`, unless its files exist. Failures are named; the rest go on.

    Of two paths with one STEM the first counts, whichever shard it is in. The exit status is 1 if any failed, or if
    pictures were `left_out` before.
    """
    mine, failed = _without_doubles(paths, shard)
    skipped = 0
    for outcome in (_on_cluster if on_ray else _here)(mine, work, overwrite):
        skipped += outcome.was_done
        if outcome.failure:
            failed += 1
            report(outcome.failure)
    if skipped:
        report(f"{skipped} of {len(paths)} were already done; --overwrite does them again")
    if failed:
        raise stop(f"{failed} of {len(paths)} failed")
    if left_out:
        raise typer.Exit(1)


def _without_doubles(paths: list[Path], shard: Shard) -> tuple[list[Path], int]:
    """The paths of the shard, without those that would be written to the file of another; and how many those are."""
    mine, doubles, taken = list[Path](), 0, dict[str, Path]()
    for index, path in enumerate(paths):
        first = taken.setdefault(composed(path.stem), path)
        if not shard.holds(index):
            continue
        if first == path:
            mine.append(path)
        else:
            doubles += 1
            report(naming(path, ValueError(f"would be written to the same file as {first}; rename one of them")))
    return mine, doubles


def _here(paths: list[Path], work: Work, overwrite: bool) -> Iterator[Outcome]:
    """In this process, one after the other."""
    process = work.load()
    return (attempt(path, work, process, overwrite=overwrite) for path in _shown(paths, len(paths)))


def _on_cluster(paths: list[Path], work: Work, overwrite: bool) -> Iterator[Outcome]:
    """On the machines that Ray has."""
    return _shown(on_cluster(paths, work, overwrite=overwrite), len(paths))


def _shown(items: Iterable[Item], count: int) -> Iterator[Item]:
    """`items`, of which there are `count`, one by one under a progress bar, which names those that have a name."""
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("", total=count)
        for item in items:
            bar.update(task, description=getattr(item, "name", ""))
            yield item
            bar.advance(task)
