"""`python -m annotation list`: the samples, and how far along the whole set is."""

from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from annotation.commands.open_dataset import DATA, Data, opened
from annotation.store import Filter, Split, State, count_states, count_tags, find_samples


def list_samples(
    data: Data = DATA,
    text: Annotated[
        str, typer.Option(help="Part of a name, source, author, licence or tag, a number, or tag:hair.")
    ] = "",
    state: Annotated[list[State] | None, typer.Option(help="Only samples in this state; may be repeated.")] = None,
    split: Annotated[list[Split] | None, typer.Option(help="Only samples of this split; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 1000,
) -> None:
    """List the samples and how far along the whole set is."""
    with opened(data) as store:
        samples = find_samples(store, Filter(text=text, states=state or (), splits=split or ()), limit=limit)
        counts, tags = count_states(store), count_tags(store)
    columns: dict[str, list[object]] = {
        "sample": [sample.id for sample in samples],
        "name": [sample.name for sample in samples],
        "size": [f"{sample.width}×{sample.height}" for sample in samples],
        "state": [sample.state for sample in samples],
        "split": [sample.split for sample in samples],
        "revision": [sample.current for sample in samples],
        "licence": [sample.licence for sample in samples],
        "tags": [sample.tags for sample in samples],
        "assigned to": [sample.assignee for sample in samples],
    }
    filled = {name: cells for name, cells in columns.items() if any(cells)}
    table = Table(box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for name in filled:
        table.add_column(name, no_wrap=name not in ("name", "licence", "tags"), overflow="fold")
    for row in zip(*filled.values(), strict=True):
        table.add_row(*map(str, row))
    Console(markup=False, emoji=False).print(table)
    typer.echo(" · ".join(f"{count} {name}" for name, count in counts.items()))
    if tags:
        typer.echo("tags: " + " · ".join(f"{count} {name}" for name, count in tags.items()))
