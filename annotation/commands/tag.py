"""`python -m annotation tag`: tags for samples that are in the dataset already."""

from typing import Annotated

import typer

from annotation.commands.open_dataset import DATA, Data, opened
from annotation.plurals import counted
from annotation.store import Filter, Split, State, add_tags, remove_tags, tidy_tags
from annotation.store.search import find_numbers
from matting.environment.terminal import stop


def tag(
    tags: Annotated[str, typer.Argument(help="Words such as 'hair glass'.")],
    data: Data = DATA,
    sample: Annotated[list[int] | None, typer.Option(help="The number of a sample; may be repeated.")] = None,
    text: Annotated[
        str, typer.Option(help="Part of a name, source, author, licence or tag, a number, or tag:hair.")
    ] = "",
    state: Annotated[list[State] | None, typer.Option(help="Only samples in this state; may be repeated.")] = None,
    split: Annotated[list[Split] | None, typer.Option(help="Only samples of this split; may be repeated.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every sample of the dataset.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Take the tags away instead.")] = False,
) -> None:
    """Give samples tags, by which `list --text tag:hair` and the app find them, or take tags away."""
    words = tidy_tags(tags)
    if not words:
        raise stop(f"Wanted tags, words such as 'hair glass', but got {tags!r}.")
    if not (sample or text or state or split or every):
        raise stop("Wanted the samples: --sample, --text, --state, --split or --all.")
    with opened(data, is_there=True) as store:
        numbers = sample or find_numbers(store, Filter(text=text, states=state or (), splits=split or ()))
        (remove_tags if remove else add_tags)(store, numbers, words)
    typer.echo(f"{counted(len(numbers), 'sample')} {'no longer' if remove else 'now'} tagged {words}")
