"""What all commands over the dataset share: opening it, its option, and a progress bar."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from annotation.store import Store, StoreError, open_store
from matting.environment.terminal import errors, stop

Data = Annotated[Path, typer.Option("--data", help="Folder of the dataset. Teams set MATTING_DATABASE, MATTING_FILES.")]
DATA = Path("data")


@contextmanager
def opened(data: Path, *, is_there: bool = False) -> Iterator[Store]:
    """The store, closed afterwards. An error in the block is printed in one line and ends the program with status 1.

    With `is_there`, no dataset is created: a maintenance command does nothing in a wrong folder.
    """
    is_shared = bool(os.environ.get("MATTING_DATABASE") or os.environ.get("MATTING_FILES"))
    if is_there and not is_shared and not any((data / name).exists() for name in ("dataset.db", "files")):
        raise stop(f"{data} holds no dataset")
    try:
        store = open_store(data)
        try:
            yield store
        finally:
            store.close()
    except (StoreError, ValueError, OSError) as error:
        raise stop(error) from error


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A function (done, in all) that moves a progress bar on stderr."""
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
