"""What the app uses: memory, handles, threads, disk. It needs Linux."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import psutil


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is removed afterwards; processes that are started meanwhile keep their temporary files there."""
    with TemporaryDirectory() as folder, patch.dict(os.environ, TMPDIR=folder):
        yield Path(folder)


def data_in(folder: Path) -> Path:
    """A new data folder in `folder`."""
    (data := folder / "data").mkdir()
    return data


def app_process_of(folder: Path) -> psutil.Process:
    """The app that this program started on a data folder that is, or is in, `folder`."""
    return next(each for each in psutil.Process().children() if any(str(folder) in word for word in each.cmdline()))


def gigabytes(app: psutil.Process) -> tuple[float, float]:
    """The proportional set size of the app's own process, and of the processes it started."""
    own, others = 0.0, 0.0
    for each in [app, *app.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            size = each.memory_full_info().pss / 1e9
            own, others = (own + size, others) if each.pid == app.pid else (own, others + size)
    return own, others


def used_by(app: psutil.Process, folder: Path) -> str:
    """What the app uses now, in words; `folder` holds its data and its temporary files.

    What it has in memory with what it shares is told, too: it does not change when other programs come and go.
    """
    own, others = gigabytes(app)
    megabytes = 0.0
    for inner, _, names in os.walk(folder):  # it skips folders that are gone meanwhile
        for name in names:
            with suppress(FileNotFoundError):
                megabytes += (Path(inner) / name).lstat().st_size / 1e6
    resident = app.memory_info().rss / 1e9
    return (
        f"app {own:.3f} GB ({resident:.3f} with what it shares), its processes {others:.3f} GB, "
        f"{app.num_fds()} handles, {app.num_threads()} threads, {megabytes:.1f} MB on disk"
    )
