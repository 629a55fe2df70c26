"""`python -m annotation export`: the finished samples as a folder that training code reads."""

from pathlib import Path
from typing import Annotated

import typer

from annotation.commands.layout_names import LayoutName
from annotation.commands.open_dataset import DATA, Data, opened, progress_bar
from annotation.layouts import LAYOUTS
from annotation.layouts.base import Options
from annotation.store import State
from annotation.transfer.exporting import FINISHED
from annotation.transfer.exporting import export as export_layout
from annotation.transfer.licences import Use
from matting.environment.terminal import report, stop


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
