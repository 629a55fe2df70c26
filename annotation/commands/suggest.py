"""`python -m annotation suggest`: which photos to correct next."""

from typing import Annotated

import typer

from annotation.commands.open_dataset import DATA, Data, opened, progress_bar
from annotation.labelling.suggesting import TAG, suggest
from annotation.plurals import counted
from matting.environment.terminal import stop
from matting.weights import WeightsError


def suggestions(
    data: Data = DATA, count: Annotated[int, typer.Option(min=1, help="How many samples to suggest.")] = 10
) -> None:
    """Tag as `suggested` the samples to do whose edges are most likely wrong.

    Two models see them differently, and they are unlike each other and what is labelled already. Only the training
    split is looked at, up to 300 photos.
    """
    try:
        with opened(data, is_there=True) as store, progress_bar("Looking") as follow:
            found = suggest(store, count, follow)
    except WeightsError as error:
        raise stop(error) from error
    typer.echo(f"{counted(len(found), 'sample')} tagged {TAG}: {', '.join(map(str, found)) or 'the models agree'}")
