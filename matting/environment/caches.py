"""Where libraries keep their caches: in a temporary folder if the person's own cache can't be written.

numba compiles nothing if it can write neither beside a package nor below the home folder: in a container with a
read-only file system, under a user without a home. matplotlib, the Hub and Gradio have such caches too. What a person
sets stays unchanged.
"""

import os
import tempfile
from pathlib import Path

VARIABLES = {
    "NUMBA_CACHE_DIR": "numba",
    "MPLCONFIGDIR": "matplotlib",
    "HF_HOME": "huggingface",
    "XDG_CACHE_HOME": "cache",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
}
"""Each library's variable, and its folder below the temporary one."""
SHARED_MEMORY = Path("/dev/shm")
"""Where a container can write if it has no other place."""


def settle_caches() -> None:
    """Point every library whose cache can't be written to a temporary folder. Call before any of them is imported."""
    if not has_temporary_folder() and is_writable(SHARED_MEMORY):
        os.environ["TMPDIR"], tempfile.tempdir = str(SHARED_MEMORY), None
    if not has_temporary_folder():
        return
    if not is_writable(cache_home()):
        own = own_folder()
        for name, folder in VARIABLES.items():
            os.environ.setdefault(name, str(own / folder))
        if not is_writable(home()):
            os.environ["HOME"] = str(own)
    if "GRADIO_TEMP_DIR" not in os.environ and not is_writable(Path(tempfile.gettempdir()) / "gradio"):
        os.environ["GRADIO_TEMP_DIR"] = str(own_folder() / "gradio")  # it belongs to another person, or is a file


def cache_home() -> Path:
    """The folder that programs keep their caches in."""
    return Path(os.environ.get("XDG_CACHE_HOME") or home() / ".cache")


def home() -> Path:
    """The person's home folder; a path that does not exist if the system knows none."""
    found = Path(os.path.expanduser("~"))  # noqa: PTH111 — Path.home raises if there is none
    return found if found.is_absolute() else Path("/nonexistent")


def is_writable(folder: Path) -> bool:
    """Whether files can be made in `folder`, or the folder itself if it does not exist."""
    there = next(place for place in (folder, *folder.absolute().parents) if os.access(place, os.F_OK))
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def has_temporary_folder() -> bool:
    """Whether there is any folder for temporary files."""
    try:
        return bool(tempfile.gettempdir())
    except FileNotFoundError:
        return False


def own_folder() -> Path:
    """A folder for this person alone, because code is kept in it; the same at each start unless its name is taken."""
    number = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"matting-studio-{number}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return Path(tempfile.mkdtemp(prefix="matting-studio-"))
    is_private = found.st_uid == number and found.st_mode & 0o077 == 0 and not folder.is_symlink()
    return folder if is_private or os.name == "nt" else Path(tempfile.mkdtemp(prefix="matting-studio-"))
