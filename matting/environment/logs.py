"""What all programs of the studio log, and how much of it: Python's logging, on stderr."""

import logging
import os
from enum import StrEnum
from typing import Annotated

import typer

from matting.environment.terminal import errors

OURS = ("matting", "annotation")
"""The loggers that a level sets. Libraries log from `warning` on, or from `error` on if that is the level."""
VARIABLE = "MATTING_LOG_LEVEL"


class LogLevel(StrEnum):
    """How serious something must be to be logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def number(self) -> int:
        """As `logging` counts."""
        return logging.getLevelNamesMapping()[self.name]


LevelOption = Annotated[LogLevel, typer.Option(envvar=VARIABLE, help="Log this, and whatever is more serious.")]


class OnStderr(logging.Handler):
    """Writes each record as lines on stderr, above a progress bar if there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write it; what cannot be written is reported as `logging` does."""
        try:
            errors.print(self.format(record), markup=False)
        except Exception:  # noqa: BLE001 (no fault of the log ends the program)
            self.handleError(record)


def start_logging(level: LogLevel, *, is_server: bool = False) -> None:
    """Log from `level` on, in this process and in those that it starts; a server's lines also say when and where.

    If the program that uses this as a library has set up logging, only the level changes.
    """
    of_server = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(format=of_server if is_server else "%(levelname)s: %(message)s", handlers=[OnStderr()])
    logging.getLogger().setLevel(max(level.number, logging.WARNING))
    for name in OURS:
        logging.getLogger(name).setLevel(level.number)
    os.environ[VARIABLE] = level


def log_options(log_level: LevelOption = LogLevel.WARNING) -> None:
    """The options before the name of a command."""
    start_logging(log_level)
