"""Weights that a person trained, by name: `studio:FILE`. The card inside a file says what it is.

In Python and on the command line FILE is a path, or the name of a file in the weights folder, with or without
`.safetensors`. The app knows the files of that folder alone, by name: what a browser sends is never taken for a path.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matting.files import write_file
from matting.weights import folders
from matting.weights.catalogue import WEIGHTS
from matting.weights.record import WeightsUsed, sha256_of

SUFFIX = ".safetensors"
UNKNOWN = "LicenseRef-unknown"
"""The licence of weights that state none, as an SPDX expression."""


@dataclass(frozen=True)
class Trained:
    """A file of trained weights, and the model that it is for."""

    model: str
    path: Path
    licence: str

    @property
    def name(self) -> str:
        """The model's name in records: without the folder, which is private."""
        return f"{self.model}:{self.path.stem}"

    def used(self) -> WeightsUsed:
        """What a record keeps of it; OSError if it cannot be read."""
        return WeightsUsed(self.path.name, sha256_of(self.path), self.licence)


def find_trained(model: str, file: str) -> Trained:
    """The weights that `model:file` means.

    Raises:
        ValueError: there is no such file, or it is not a safetensors file; says so.
    """
    path = _path_of(file)
    if os.path.isdir(path):  # noqa: PTH112 — Path's own raise where a name is too long
        raise ValueError(f"{path} must be a file of weights, but is a folder")
    if not _is_file(path):
        raise ValueError(f"{path} must be a file of weights, but is neither there nor in {folders.FOLDER}")
    if path.suffix != SUFFIX:
        raise ValueError(f"weights of your own must be a {SUFFIX} file as training writes it, but got {path}")
    return Trained(model, path, licence_of(read_card(path), model))


def list_trained() -> dict[str, Trained]:
    """The trained weights in the weights folder, by name; only files whose card names their model."""
    found = {}
    files = folders.FOLDER.glob(f"*{SUFFIX}") if folders.FOLDER.is_dir() else ()
    known = {record.file for record in WEIGHTS.values()}
    for path in sorted(files):
        if path.name in known or path.name.startswith("."):
            continue
        try:
            card = read_card(path)
        except ValueError:
            continue
        if isinstance(model := card.get("model"), str):
            trained = Trained(model, path, licence_of(card, model))
            found[trained.name] = trained
    return found


def adopt(made: Path, name: str) -> Trained:
    """Take the trained weights in the file `made` into the weights folder as `name`: every list then has them.

    Raises:
        ValueError: the name cannot be a file's or is taken, or the file is not what training writes.
        OSError: the folder cannot be written to.
    """
    name = name.strip()
    if not re.fullmatch(r"[\w][\w .-]{0,59}", name) or name.endswith((".", SUFFIX)):
        raise ValueError(f"a name has letters, digits, spaces, dots and dashes, 60 at most, but got {name!r}")
    path = folders.FOLDER / f"{name}{SUFFIX}"
    if path.exists() or path.name in {record.file for record in WEIGHTS.values()}:
        raise ValueError(f"{name} is already the name of other weights; choose another")
    model = read_card(made).get("model")
    if not isinstance(model, str):
        raise ValueError(f"{made} must be weights as training writes them, but has no card")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, made.read_bytes())
    return find_trained(model, str(path))


def adopted(made: Path) -> Trained | None:
    """The weights in the weights folder that are those of the file `made`, under whatever name; None if none are."""
    if not made.is_file():
        return None
    size, own = made.stat().st_size, sha256_of(made)
    alike = (one for one in list_trained().values() if one.path.stat().st_size == size)
    return next((one for one in alike if sha256_of(one.path) == own), None)


def take_back(trained: Trained) -> None:
    """Remove the file of `trained` from the weights folder; what it was made from stays where it is."""
    trained.path.unlink(missing_ok=True)


def read_card(path: Path) -> dict[str, Any]:
    """What the file at `path` says about itself; {} if it says nothing. Reads no tensor.

    Raises:
        ValueError: it cannot be read, or is not a safetensors file.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "np") as file:
            stored = file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path} must be a whole {SUFFIX} file, but cannot be read as one: {error}") from error
    return {key: _parsed(value) for key, value in stored.items()}


def licence_of(card: dict[str, Any], model: str) -> str:
    """The licence a card states. If it states none, that of the published weights binds whoever builds on them.

    GCA's own files carry no card and are non-commercial; a copy under another name stays that.
    """
    stated = card.get("licence")
    if isinstance(stated, str) and stated.strip():
        return stated.strip()
    published = WEIGHTS.get(model)
    return published.licence if published and published.by_hand else UNKNOWN


def licence_in_words(licence: str) -> str:
    """The licence for a person to read."""
    return "licence unknown" if licence == UNKNOWN else licence


def _path_of(file: str) -> Path:
    """The file that was meant, or where it should have been."""
    try:
        path = Path(file).expanduser()
    except RuntimeError:  # ~somebody, who is nobody here
        path = Path(file)
    if _is_file(path) or not file or path.name != file:
        return path
    for candidate in (folders.FOLDER / file, folders.FOLDER / f"{file}{SUFFIX}", Path(f"{file}{SUFFIX}")):
        if _is_file(candidate):
            return candidate
    return path


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 — as above


def _parsed(value: str) -> Any:
    """A card's values are JSON; those of other programs' files may be plain text."""
    try:
        return json.loads(value)
    except ValueError:
        return value
