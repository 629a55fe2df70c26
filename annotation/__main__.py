"""The command line: `python -m annotation COMMAND`. Bad input is one line on stderr and status 1."""

import signal
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C while modules load ends the program without a traceback

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from annotation.commands.backing_up import backup, restore
from annotation.commands.dataset import DATA, Data, opened, progress_bar
from annotation.layouts import LAYOUTS
from annotation.layouts.base import Options
from annotation.plurals import counted
from annotation.store import (
    Filter,
    Provenance,
    Split,
    State,
    StoreError,
    collect_garbage,
    count_states,
    count_tags,
    find_samples,
    list_doubts,
    settle_doubt,
    tidy_tags,
)
from annotation.store import verify as verify_store
from annotation.transfer.exporting import FINISHED
from annotation.transfer.exporting import export as export_layout
from annotation.transfer.hub import push_folder
from annotation.transfer.importing import ImportOptions, parts_of
from annotation.transfer.licences import Use, check_licence
from annotation.transfer.manifest import check_export
from matting.environment.logs import log_options
from matting.environment.terminal import report, run_program, stop

app = typer.Typer(no_args_is_help=True, add_completion=False, help="The growing dataset: import, export and check it.")
app.callback()(log_options)
LayoutName = StrEnum("LayoutName", {name: name for name in LAYOUTS})  # type: ignore[misc]
SHOWN_FILES = 20
"""How many files of a clean-up are listed by name."""


@app.command("list")
def list_samples(
    data: Data = DATA,
    text: Annotated[
        str, typer.Option(help="Part of a name, source, author, licence or tag, a number, or tag:hair.")
    ] = "",
    state: Annotated[list[State] | None, typer.Option(help="Only samples in this state; may be repeated.")] = None,
    split: Annotated[list[Split] | None, typer.Option(help="Only samples of this split; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 1000,
) -> None:
    """List the samples and how far the whole set is."""
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


@app.command("import")
def import_pictures(
    paths: Annotated[list[Path], typer.Argument(help="Folders, zips, tars or videos.")],
    data: Data = DATA,
    layout: Annotated[LayoutName | None, typer.Option(help="The layout, if it is not recognised.")] = None,
    source: Annotated[str, typer.Option(help="Where the photos come from.")] = "",
    author: Annotated[str, typer.Option(help="Who took them.")] = "",
    licence: Annotated[str, typer.Option(help="Their licence, as an SPDX expression such as CC-BY-4.0.")] = "",
    consent: Annotated[str, typer.Option(help="What the people in the photos agreed to.")] = "",
    person: Annotated[bool | None, typer.Option("--person/--no-person", help="Whether people are visible.")] = None,
    tags: Annotated[str, typer.Option(help="Words by which they are found, such as 'hair glass'.")] = "",
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
            typer.echo(f"{name}: {counted(len(done.samples), 'sample')}, {done.new} new")
    if failed:
        raise typer.Exit(1)


@app.command()
def copies(
    pair: Annotated[
        list[int] | None, typer.Argument(metavar="[SAMPLE SAMPLE]", help="Two samples that are listed.")
    ] = None,
    data: Data = DATA,
    same: Annotated[bool | None, typer.Option("--same/--different", help="Whether one is a copy of the other.")] = None,
) -> None:
    """List samples that may be copies of others and so share their split, or say whether two are.

    Copies become one group. A picture that was in no split because of doubts gets a split when none is left.
    """
    if bool(pair) != (same is not None) or (pair and len(pair) != 2):
        raise stop("wanted two samples and --same or --different, or none of these to list the doubtful copies")
    with opened(data, is_there=True) as store:
        if pair and same is not None:
            settle_doubt(store, *pair, is_same=same)
            return
        for doubt in list_doubts(store):
            typer.echo(str(doubt))


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="Where to export; an earlier export there is updated.")],
    layout: Annotated[LayoutName, typer.Option(help="The intended use; see the list above.")],
    data: Data = DATA,
    state: Annotated[
        list[State] | None, typer.Option(help="Samples in this state; default: done and approved.")
    ] = None,
    use: Annotated[
        Use, typer.Option(help="own: not passed on; research or commercial: passed on for that use.")
    ] = Use.OWN,
    leave_out: Annotated[bool, typer.Option("--leave-out", help="Leave out what may not be exported.")] = False,
    bits: Annotated[int, typer.Option(help="Bits per channel of cut-outs: 8 or 16.")] = 8,
    backgrounds: Annotated[Path | None, typer.Option(help="Pictures to compose on, for the layout gca.")] = None,
) -> None:
    """Write the finished samples as a folder that training code reads. It appears whole or not at all."""
    if bits not in (8, 16):
        raise stop(f"--bits is 8 or 16, but got {bits}")
    with opened(data) as store, progress_bar(f"{layout}") as on_progress:
        done = export_layout(
            store,
            folder,
            layout=layout,
            states=state or FINISHED,
            use=use,
            leave_out=leave_out,
            options=Options(bits, backgrounds),
            on_progress=on_progress,
        )
    for warning in done.warnings:
        report(f"warning: {warning}")
    typer.echo(f"{folder}: {done.samples} samples, {done.files} files, {done.written} new")


export.__doc__ = f"{export.__doc__}\n\n" + "\n\n".join(
    f"{layout.name}: {layout.title}. {layout.purpose}" for layout in LAYOUTS.values()
)


@app.command()
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


@app.command()
def verify(
    folder: Annotated[Path | None, typer.Argument(help="An export to check instead of the dataset.")] = None,
    data: Data = DATA,
) -> None:
    """Check that every file is there and unchanged, and that the database belongs to these files and is complete.

    Each fault is a line on stderr, and the status is 1.
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


@app.command()
def gc(
    data: Data = DATA,
    days: Annotated[float, typer.Option(min=0, help="Only files first found unused so many days ago.")] = 1.0,
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


app.command()(backup)
app.command()(restore)

if __name__ == "__main__":
    run_program(app)
