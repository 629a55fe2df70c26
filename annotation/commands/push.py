"""`python -m annotation push`: an export goes to the Hugging Face Hub."""

from pathlib import Path
from typing import Annotated

import typer

from annotation.store import StoreError
from annotation.transfer.hub import push_folder
from matting.environment.terminal import stop


def push(
    folder: Annotated[Path, typer.Argument(help="An export, preferably in the layout imagefolder.")],
    repository: Annotated[str, typer.Argument(help="The dataset on the Hub: NAME/DATASET.")],
    public: Annotated[bool, typer.Option("--public", help="Make it public; otherwise it is private.")] = False,
) -> None:
    """Upload an export to a dataset repository of the Hugging Face Hub. Run it again to resume."""
    try:
        typer.echo(push_folder(folder, repository, is_private=not public))
    except (StoreError, ValueError, OSError) as error:
        raise stop(error) from error
