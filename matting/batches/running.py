"""Shared by all commands over many pictures: which pictures, progress, what is already done, what failed."""

import glob
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from matting.batches.shards import WHOLE, Shard
from matting.environment.terminal import errors, report, stop
from matting.files import list_images
from matting.files.listing import below, composed, unread_in
from matting.files.picture_bytes import with_path


def pictures(arguments: list[Path], output: Path) -> tuple[list[Path], int]:
    """The files meant by files, folders and glob patterns (for shells that do not expand them).

    Also how many kinds of pictures are left out. They are named here, except those in `output`, which are results.
    """
    expanded = []
    for argument in arguments:
        is_pattern = glob.has_magic(str(argument)) and not os.path.exists(argument)  # noqa: PTH110
        expanded += sorted(map(Path, glob.glob(str(argument)))) if is_pattern else [argument]  # noqa: PTH207
    found = list_images(expanded)
    folders = [path for path in expanded if os.path.isdir(path)]  # noqa: PTH112
    left_out = [line for folder in folders for line in (*unread_in(folder), *below(folder, [output, *folders]))]
    for line in left_out:
        report(line)
    if not found:
        raise stop(f"no pictures in {', '.join(map(str, arguments)) or 'an empty list'}")
    return found, len(left_out)


def run(
    paths: list[Path],
    results: Callable[[str], list[Path]],
    process: Callable[[Path], None],
    *,
    overwrite: bool,
    left_out: int = 0,
    shard: Shard = WHOLE,
) -> None:
    """`process` each path of the `shard` unless all `results` of its stem exist. Failures are named; the rest go on.

    Of two paths with one STEM the first counts, whichever shard it is in. The exit status is 1 if any failed, or if
    pictures were `left_out` before.
    """
    failed, skipped, taken = 0, 0, dict[str, Path]()
    for index, path in enumerate(_shown(paths)):
        first = taken.setdefault(composed(path.stem), path)
        if not shard.holds(index):
            continue
        try:
            if first != path:
                raise ValueError(f"would be written to the same file as {first}; rename one of them")
            targets = results(path.stem)
            if path.resolve() in [target.resolve() for target in targets]:
                raise ValueError("would be overwritten by its own result; give another folder to --output")
            if all(target.exists() for target in targets) and not overwrite:
                skipped += 1
            else:
                process(path)
        except Exception as error:  # noqa: BLE001 — whatever ails one picture, the others are done
            failed += 1
            report(_naming(path, error))
    if skipped:
        report(f"{skipped} of {len(paths)} were already done; --overwrite does them again")
    if failed:
        raise stop(f"{failed} of {len(paths)} failed")
    if left_out:
        raise typer.Exit(1)


def _naming(path: Path, error: Exception) -> str:
    """The error with the path as it was given; messages about files begin with the bare name."""
    message = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return with_path(path, message)


def _shown(paths: list[Path]) -> Iterator[Path]:
    """`paths` one by one under a progress bar."""
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task("", total=len(paths))
        for path in paths:
            bar.update(task, description=path.name)
            yield path
            bar.advance(task)
