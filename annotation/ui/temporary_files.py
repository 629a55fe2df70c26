"""Files that only the running app needs, in the system's temporary folder: gone when it ends.

If it was killed, the next app that needs a folder here removes them: each app holds a lock while it runs.
"""

import atexit
import shutil
import tempfile
import uuid
from functools import cache
from pathlib import Path

from filelock import FileLock, Timeout

from annotation.visits.visit import current

NAME = "matting-studio-"


def scratch_folder() -> Path:
    """A new empty folder with an unguessable name, kept until the app ends; OSError if the disk is full."""
    if visit := current():
        visit.check_disk()
    folder = scratch_home() / uuid.uuid4().hex
    folder.mkdir(mode=0o700)
    return folder


def clear_abandoned() -> None:
    """Remove what apps that no longer run left behind."""
    for path in Path(tempfile.gettempdir()).glob(f"{NAME}*.lock"):
        try:
            with FileLock(path, timeout=0):
                shutil.rmtree(path.with_suffix(""), ignore_errors=True)
                path.unlink(missing_ok=True)
        except (Timeout, OSError):  # in use, or another person's
            continue


def scratch_home() -> Path:
    """The folder that holds all the others: the process's, or the visit's in a demo."""
    visit = current()
    return visit.scratch_home() if visit else process_home()


@cache
def process_home() -> Path:
    """The folder of this process."""
    clear_abandoned()
    folder = Path(tempfile.gettempdir()) / f"{NAME}{uuid.uuid4().hex}"
    lock = FileLock(f"{folder}.lock", thread_local=False)  # the thread that handles a photo ends before the app does
    lock.acquire()
    folder.mkdir(mode=0o700)
    atexit.register(_leave, folder, lock)
    return folder


def _leave(folder: Path, lock: FileLock) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)
