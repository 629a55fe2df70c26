"""Running a command line on whatever terminal, pipe or full disk its output goes to."""

import io
import signal
import sys

import typer
from rich.console import Console

errors = Console(stderr=True, soft_wrap=True, highlight=False, emoji=False)


def report(message: object) -> None:
    """One line on stderr, never wrapped or coloured: other programs read it."""
    errors.print(str(message).replace("\n", " "), markup=False)


def stop(message: object) -> typer.Exit:
    """The exception to raise when nothing can be done: the reason on stderr, status 1."""
    report(message)
    return typer.Exit(1)


def interrupts_raise() -> None:
    """From now on Ctrl+C raises KeyboardInterrupt; until the program's modules are loaded, it ends the program."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def run_program(app: typer.Typer) -> None:
    """Run the command line and exit. If the output cannot be written, it says so in one line, with status 1.

    A character that the terminal's encoding does not have is printed as "?".
    """
    interrupts_raise()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace" if stream is sys.stdout else "backslashreplace")
    try:
        app()
    except OSError as error:
        report(f"{error.filename or 'the output'} cannot be written: {error.strerror or error}")
        sys.exit(1)
