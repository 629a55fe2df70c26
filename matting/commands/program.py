"""Running a command line on whatever terminal, pipe or full disk its output goes to."""

import io
import sys

import typer

from matting.commands.batch import report


def run_program(app: typer.Typer) -> None:
    """Run the command line and exit. Where the output cannot be written, it says so in one line, with status 1.

    A character that the terminal's encoding does not have is printed as "?".
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace" if stream is sys.stdout else "backslashreplace")
    try:
        app()
    except OSError as error:
        report(f"{error.filename or 'the output'} cannot be written: {error.strerror or error}")
        sys.exit(1)
