"""Weights by name → a local file with the right SHA-256."""

import logging
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event
from typing import NamedTuple, TypeAlias

from filelock import FileLock

from matting.weights import folders
from matting.weights.catalogue import WEIGHTS
from matting.weights.downloading import run_download
from matting.weights.record import Weights, sha256_of
from matting.weights.sources import WeightsSource

log = logging.getLogger(__name__)
_is_warned = Event()
"""Whether this process has warned that a source could not be reached."""
OnProgress: TypeAlias = Callable[[str, float], None]
"""on_progress(what is happening, share done from 0 to 1)."""


class Failure(NamedTuple):
    """Why a file is not had."""

    words: str
    is_wrong: bool = True
    """Whether there was a file, but not this one."""


class WeightsError(RuntimeError):
    """Weights that cannot be obtained; the message says what was tried and how to place the file by hand."""


def find_weights(name: str, on_progress: OnProgress | None = None) -> Path:
    """The local file of the weights called `name`, downloaded from the first source that has it if it is not there.

    Offline with the file present, nothing is contacted. If several processes ask at once, one downloads.

    Raises:
        WeightsError: no source gave a file with the right SHA-256; says how to place it by hand.
    """
    weights = WEIGHTS[name]
    if _is_there(weights):
        return weights.path
    if weights.by_hand:
        raise WeightsError(f"{weights.file} must be placed by hand at {weights.path}: get it from {weights.by_hand}")
    try:
        folders.FOLDER.mkdir(parents=True, exist_ok=True)
        with FileLock(folders.FOLDER / f".{weights.file}.lock"):
            if not _is_right(weights.path, weights):
                _download(weights, on_progress or (lambda _text, _share: None))
    except OSError as error:
        raise WeightsError(
            f"{weights.file} cannot be kept at {weights.path} ({error.strerror or error}); "
            f"MATTING_WEIGHTS names another folder"
        ) from error
    return weights.path


def _download(weights: Weights, on_progress: OnProgress) -> None:
    """Try each source in order; put the first right file in place by renaming it, so that half a file is never seen."""
    prefix = f".partial-{weights.file}-"
    for left_behind in folders.FOLDER.glob(f"{prefix}*"):  # by a process that was killed: the lock is ours
        shutil.rmtree(left_behind, ignore_errors=True)
    in_place = [f"{weights.path} has a different SHA-256"] if weights.path.exists() else []
    failures = list[Failure]()
    for source in weights.sources:
        text = f"Downloading {weights.file} from {source}"
        with tempfile.TemporaryDirectory(prefix=prefix, dir=folders.FOLDER) as folder:
            try:
                report = partial(on_progress, text)
                run_download(
                    source.command(Path(folder)), Path(folder), source.size or weights.size, on_progress=report
                )
                fetched = source.fetched(Path(folder))
                if _is_right(fetched, weights):
                    fetched.replace(weights.path)
                    on_progress(text, 1.0)
                    _log(weights, source, failures)
                    return
                kind = "SHA-256" if weights.sha256 else "size"
                wrong = f"{fetched.stat().st_size} bytes came, which are not the file with this {kind}"
                failures.append(Failure(f"{source}: {wrong}"))
            except Exception as error:  # noqa: BLE001 — whatever ails a source, the next is tried and this one named
                cause = str(error).strip().partition("\n")[0] or type(error).__name__
                failures.append(Failure(f"{source}: {cause}", is_wrong=False))
    causes = "; ".join([*in_place, *(failure.words for failure in failures)])
    raise WeightsError(
        f"{weights.file} could not be downloaded ({causes or 'it has no download source'}); "
        f"place the file by hand at {weights.path} ({_identity(weights)})"
    )


def _log(weights: Weights, source: WeightsSource, failures: list[Failure]) -> None:
    """Log where the file came from, and why not from elsewhere; if it came from nowhere, the error says that."""
    for failure in failures:
        level = logging.WARNING if failure.is_wrong else _unreached_level()
        log.log(level, "%s could not be fetched from %s", weights.file, failure.words)
    log.info("%s came from %s", weights.file, source)


def _is_there(weights: Weights) -> bool:
    """Whether the file is in its place; WeightsError if a file is there that this user may not read."""
    try:
        if weights.by_hand and weights.path.is_file():
            weights.path.open("rb").close()
        return _is_right(weights.path, weights)
    except OSError as error:
        raise WeightsError(f"{weights.path} cannot be read: {error.strerror or error}") from error


def _unreached_level() -> int:
    """The level at which a source that cannot be reached is logged: one warning is enough, for whatever file."""
    level = logging.INFO if _is_warned.is_set() else logging.WARNING
    _is_warned.set()
    return level


def _identity(weights: Weights) -> str:
    """What a file must be, in words."""
    return f"SHA-256 {weights.sha256}" if weights.sha256 else f"{weights.size} bytes"


def _is_right(path: Path, weights: Weights) -> bool:
    """Whether `path` holds exactly the wanted bytes; for a file placed by hand, whether it exists.

    If the record states no SHA-256, the size decides.
    """
    if weights.by_hand:
        return path.is_file()
    if not path.is_file() or path.stat().st_size != weights.size:
        return False
    return not weights.sha256 or sha256_of(path) == weights.sha256
