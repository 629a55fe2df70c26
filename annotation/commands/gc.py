"""`python -m annotation gc`: files that nothing uses are shown, and removed on request."""

from typing import Annotated

import typer

from annotation.commands.open_dataset import DATA, Data, opened
from annotation.plurals import counted
from annotation.store import collect_garbage, count_states

SHOWN_FILES = 20
"""How many files of a clean-up are listed by name."""


def gc(
    data: Data = DATA,
    days: Annotated[float, typer.Option(min=0, help="Only files first found unused this many days ago.")] = 1.0,
    yes: Annotated[bool, typer.Option("--yes", help="Remove them; without it they are only shown.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show them, as without --yes.")] = False,
) -> None:
    """Show files that no sample, revision or draft uses; remove them with --yes.

    A file's age counts from the first clean-up that found it unused: run this once to note the files, and again --days
    later. With --days 0, nobody else should be using the dataset. Nothing is removed if the database does not belong to
    the files.
    """
    removes = yes and not dry_run
    with opened(data, is_there=True) as store:
        done = collect_garbage(store, older_than=days * 24 * 3600, dry_run=not removes)
        samples, place = sum(count_states(store).values()), store.files.place
    verb = "removed" if removes else "would be removed (--yes removes them)"
    typer.echo(f"{len(done.names)} files and {done.partial} unfinished ones {verb}")
    for name in done.names[:SHOWN_FILES]:
        typer.echo(f"  {name}")
    if len(done.names) > SHOWN_FILES:
        typer.echo(f"  and {len(done.names) - SHOWN_FILES} more")
    typer.echo(
        f"{place}: {counted(samples, 'sample')}; {done.waiting} more unused files, found too recently to be removed"
    )
