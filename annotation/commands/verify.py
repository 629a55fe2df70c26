"""`python -m annotation verify`: is everything there and unchanged?"""

from pathlib import Path
from typing import Annotated

import typer

from annotation.commands.open_dataset import DATA, Data, opened
from annotation.store import StoreError
from annotation.store import verify as verify_store
from annotation.transfer.manifest import check_export
from matting.environment.terminal import report, stop


def verify(
    folder: Annotated[Path | None, typer.Argument(help="An export to check instead of the dataset.")] = None,
    data: Data = DATA,
) -> None:
    """Check that every file is there and unchanged, and that the database belongs to these files and is complete.

    Each fault is a line on stderr, and the exit status is then 1.
    """
    if folder:
        try:
            faults = list(check_export(folder))
        except StoreError as error:
            raise stop(error) from error
    else:
        with opened(data, is_there=True) as store:
            faults = list(verify_store(store))
    for fault in faults:
        report(fault)
    if faults:
        raise typer.Exit(1)
    typer.echo("whole")
