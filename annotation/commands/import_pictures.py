"""`python -m annotation import`: photos, with their alphas if there are any, become samples."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from annotation.commands.layout_names import LayoutName
from annotation.commands.open_dataset import DATA, Data, opened, progress_bar
from annotation.plurals import counted
from annotation.store import Provenance, StoreError, tidy_tags
from annotation.transfer.importing import ImportOptions, parts_of
from annotation.transfer.licences import check_licence
from matting.environment.terminal import report


def import_pictures(
    paths: Annotated[list[Path], typer.Argument(help="Folders, zips, tars or videos.")],
    data: Data = DATA,
    layout: Annotated[LayoutName | None, typer.Option(help="The layout, if it is not recognised.")] = None,
    source: Annotated[str, typer.Option(help="Where the photos come from.")] = "",
    author: Annotated[str, typer.Option(help="Who took them.")] = "",
    licence: Annotated[str, typer.Option(help="Their licence, as an SPDX expression such as CC-BY-4.0.")] = "",
    consent: Annotated[str, typer.Option(help="What the people in the photos agreed to.")] = "",
    person: Annotated[bool | None, typer.Option("--person/--no-person", help="Whether people are visible.")] = None,
    tags: Annotated[str, typer.Option(help="Words for finding them, such as 'hair glass'.")] = "",
    group: Annotated[str, typer.Option(help="Keep all of them in one split: the name of a shoot.")] = "",
    trust_alphas: Annotated[
        bool, typer.Option("--trust-alphas", help="Also accept alphas that look like label maps.")
    ] = False,
) -> None:
    """Import photos as samples, with their alphas if there are any."""
    failed = False
    with opened(data) as store:
        provenance = Provenance(
            source=source,
            author=author,
            licence=check_licence(licence),
            consent=consent,
            person_visible=person,
            tags=tidy_tags(tags),
        )
        options = ImportOptions(layout or "", provenance, group, trust_alphas)
        for name, bring in parts_of(paths):
            try:
                with progress_bar(name) as on_progress:
                    done = bring(store, replace(options, on_progress=on_progress))
            except (StoreError, ValueError, OSError) as error:
                report(f"{name}: {error}")
                failed = True
                continue
            for line in (*done.revised, *done.problems, *done.left_out, *done.doubtful, *done.notes):
                report(line)
            failed |= bool(done.problems or done.left_out)
            alphas = f", {done.alphas} with an alpha" if done.alphas else ""
            typer.echo(f"{name}: {counted(len(done.samples), 'sample')}, {done.new} new{alphas}")
    if failed:
        raise typer.Exit(1)
