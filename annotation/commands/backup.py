"""The commands `backup` and `restore`."""

from pathlib import Path
from typing import Annotated

import typer

from annotation.commands.open_dataset import DATA, Data, opened, progress_bar
from annotation.plurals import counted
from annotation.store import StoreError
from annotation.store.backup.contents import Note
from annotation.store.backup.making import make_backup
from annotation.store.backup.restoring import restore_backup
from matting.environment.terminal import stop

File = Annotated[Path, typer.Argument(help="The backup file, such as dataset.zip.")]


def backup(file: File, data: Data = DATA) -> None:
    """Write the whole dataset to one file: samples, revisions, drafts and every stroke. People can go on working.

    It holds the dataset as it was when the command began. The file appears whole or not at all; an earlier one of
    that name is replaced. Exports and trained weights are not in it.
    """
    with opened(data, is_there=True) as store, progress_bar("copying") as on_progress:
        note = make_backup(store, file, on_progress)
    _tell(file, note)


def restore(file: File, data: Data = DATA) -> None:
    """Put a backup into a new or an empty folder, or into a team's empty database and file store.

    Every byte is checked first. A backup of PostgreSQL can be restored to SQLite, and the other way round.
    """
    try:
        with progress_bar("restoring") as on_progress:
            note = restore_backup(file, data, on_progress=on_progress)
    except StoreError as error:
        raise stop(error) from error
    _tell(file, note)


def _tell(file: Path, note: Note) -> None:
    """One line on what is in a backup."""
    parts = [counted(note.rows("samples"), "sample"), counted(note.rows("works"), "draft"), counted(note.files, "file")]
    typer.echo(f"{file}: {', '.join(parts)}, {note.bytes / 1e6:.1f} MB")
