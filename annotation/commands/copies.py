"""`python -m annotation copies`: samples that may be copies of others."""

from typing import Annotated

import typer

from annotation.commands.open_dataset import DATA, Data, opened
from annotation.store import list_doubts, settle_doubt
from matting.environment.terminal import stop


def copies(
    pair: Annotated[
        list[int] | None, typer.Argument(metavar="[SAMPLE SAMPLE]", help="Two samples that are listed.")
    ] = None,
    data: Data = DATA,
    same: Annotated[bool | None, typer.Option("--same/--different", help="Whether one is a copy of the other.")] = None,
) -> None:
    """List samples that may be copies of others and so share their split, or decide about two of them.

    Copies become one group. A picture that was in no split because of doubts gets a split when no doubt is left.
    """
    if bool(pair) != (same is not None) or (pair and len(pair) != 2):
        raise stop("wanted two samples and --same or --different, or none of these to list the doubtful copies")
    with opened(data, is_there=True) as store:
        if pair and same is not None:
            settle_doubt(store, *pair, is_same=same)
            return
        for doubt in list_doubts(store):
            typer.echo(str(doubt))
