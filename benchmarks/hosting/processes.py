"""The app's processes and their memory. It needs Linux."""

from contextlib import suppress
from pathlib import Path

import psutil


def app_process_of(data: Path) -> psutil.Process:
    """The app that this program started on the data folder `data`."""
    return next(each for each in psutil.Process().children() if str(data) in each.cmdline())


def gigabytes(app: psutil.Process) -> tuple[float, float]:
    """The proportional set size of the app's own process, and of the processes it started."""
    own, others = 0.0, 0.0
    for each in [app, *app.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            size = each.memory_full_info().pss / 1e9
            own, others = (own + size, others) if each.pid == app.pid else (own, others + size)
    return own, others
