"""What a batch does to one picture, in whichever process: work on it, leave it, or say why it failed."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

from matting.files.picture_bytes import with_path


class Work(Protocol):
    """What a command does to its pictures. It can be sent to another process, which loads the models there."""

    def files(self, stem: str) -> list[Path]:
        """Those that say that the picture of that stem is done."""

    def load(self) -> Callable[[Path], None]:
        """Load the models. Returns what works on one picture and writes its files, the last one of `files` last."""


class Outcome(NamedTuple):
    """What became of one picture."""

    was_done: bool = False
    """Whether its files existed already, so that nothing was done."""
    failure: str = ""
    """Why it failed, in a sentence with its path; "" if it did not."""


def attempt(path: Path, work: Work, process: Callable[[Path], None], *, overwrite: bool) -> Outcome:
    """`process`, which `work` has loaded, the picture at `path`, unless all its files exist. Nothing is raised."""
    try:
        files = work.files(path.stem)
        if path.resolve() in [file.resolve() for file in files]:
            raise ValueError("would be overwritten by its own result; give another folder to --output")
        if not overwrite and all(file.exists() for file in files):
            return Outcome(was_done=True)
        process(path)
    except Exception as error:  # noqa: BLE001 — whatever ails one picture, the others are done
        return Outcome(failure=naming(path, error))
    return Outcome()


def naming(path: Path, error: Exception) -> str:
    """The error with the path as it was given; messages about files begin with the bare name."""
    message = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return with_path(path, message)
