"""A file of weights → a network ready for use. Nothing in the file is executed."""

import hashlib
import logging
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor, nn

from matting.files import write_file
from matting.networks.folding import fold_batch_norm, fold_spectral_norm

AnyNetwork = TypeVar("AnyNetwork", bound=nn.Module)
PREFIX = "module."
"""The prefix that PyTorch's data parallelism puts before every name."""
NUMPY = (
    "numpy.dtype",
    "numpy.ndarray",
    *(f"numpy.{core}.multiarray.{name}" for core in ("core", "_core") for name in ("scalar", "_reconstruct")),
)
"""How NumPy's numbers and arrays are named in a file; training loops put their scores into checkpoints."""
ONE_AT_A_TIME = Lock()
"""torch keeps what it accepts in one list for the whole process."""

log = logging.getLogger(__name__)


def load_network(
    build: Callable[[], AnyNetwork], path: Path, *, read: Callable[[Path], dict[str, Tensor]] | None = None
) -> AnyNetwork:
    """`build()` with the weights of `path`, in evaluation mode, with norms folded into plain convolutions.

    A torch file is read only once: its content is stored beside it as safetensors, which later calls read instead.
    `read` replaces `read_tensors` for networks whose files need more.

    Raises:
        ValueError: the file is missing, cannot be read safely, or holds a different network; the message says which.
    """
    kept = None if path.suffix in (".safetensors", ".onnx") else _kept_path(path)
    if kept is not None and kept.exists():
        network = _built(build, kept, read_tensors)
    else:
        network = _built(build, path, read or read_tensors)
        if kept is not None:
            _keep(network, kept)
    fold_batch_norm(network)
    return network


def read_tensors(path: Path) -> dict[str, Tensor]:
    """Name → tensor of a .safetensors or torch file, unwrapped from {"state_dict": …} or {"model": …} and data
    parallelism's names.

    Raises:
        ValueError: the file is missing, damaged, or contains more than tensors.
    """
    if not path.is_file():
        raise ValueError(f"{path} must be a file of weights, but does not exist")
    try:
        stored = load_file(path) if path.suffix == ".safetensors" else _load_torch(path)
    except pickle.UnpicklingError as error:
        raise ValueError(f"{path} must be a file of tensors, but is not, or would run code when read") from error
    except Exception as error:
        says_why = isinstance(error, OSError | RuntimeError | ValueError | SafetensorError)
        reason = str(error).partition("\n")[0].partition(". ")[0] if says_why else "it is damaged, or something else"
        raise ValueError(f"{path} must be a file of weights, but cannot be read as one: {reason}") from error
    for wrapped in ("state_dict", "model"):
        stored = stored.get(wrapped, stored) if isinstance(stored, dict) else stored
    if not isinstance(stored, dict) or not all(isinstance(value, Tensor) for value in stored.values()):
        raise ValueError(f"{path} must hold named tensors and nothing else, but holds something else")
    has_prefix = all(str(name).startswith(PREFIX) for name in stored)
    return {str(name).removeprefix(PREFIX) if has_prefix else str(name): value for name, value in stored.items()}


def _load_torch(path: Path) -> object:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > path.stat().st_size:
                raise ValueError("unpacked, it would be larger than it is")
    with ONE_AT_A_TIME, torch.serialization.safe_globals([(_Skipped, name) for name in NUMPY]):
        return torch.load(path, map_location="cpu", weights_only=True)


class _Skipped:
    """Takes the place of a number or an array of NumPy when a file is read: what it was is not needed."""

    def __init__(self, *_: object) -> None: ...

    def __setstate__(self, _: object) -> None: ...


def _built(build: Callable[[], AnyNetwork], path: Path, read: Callable[[Path], dict[str, Tensor]]) -> AnyNetwork:
    """`build()` with the weights of `path`, as published or with norms already folded; without spectral norm."""
    tensors = read(path)
    with torch.device("meta"):
        network = build().eval()
        if not any(name.endswith("_bar") for name in tensors):
            fold_spectral_norm(network)
        if not any(name.endswith("running_var") for name in tensors):
            fold_batch_norm(network)
    _check(tensors, network, path)
    wanted = network.state_dict()
    network.load_state_dict(
        {name: tensors.get(name, torch.zeros(())).to(value.dtype).contiguous() for name, value in wanted.items()},
        assign=True,
    )
    fold_spectral_norm(network)
    if not all(value.isfinite().all() for value in network.state_dict().values()):
        raise ValueError(f"{path} must hold finite weights, but some are infinite or not a number")
    return network


def _check(tensors: dict[str, Tensor], network: nn.Module, path: Path) -> None:
    """Raise ValueError unless `tensors` have the names and shapes of `network`; norms' counters may be missing."""
    wanted = {name: value.shape for name, value in network.state_dict().items()}
    needed = {name for name in wanted if not name.endswith("num_batches_tracked")}
    problems = {
        "missing": sorted(needed - tensors.keys()),
        "unknown": sorted(tensors.keys() - wanted.keys()),
        "misshapen": sorted(name for name in wanted.keys() & tensors.keys() if tensors[name].shape != wanted[name]),
    }
    found = [f"{len(names)} {what} ({names[0]}{', …' * (len(names) > 1)})" for what, names in problems.items() if names]
    if found:
        kind = type(network).__name__
        raise ValueError(f"{path} must hold the {len(wanted)} tensors of {kind}, but has {', '.join(found)}")


def _kept_path(path: Path) -> Path:
    """The path of the safetensors made from exactly these bytes."""
    if not path.is_file():
        raise ValueError(f"{path} must be a file of weights, but does not exist")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return path.with_name(f"{path.stem}-{digest[:8]}.safetensors")


def _keep(network: nn.Module, kept: Path) -> None:
    """Write the tensors of `network` to `kept`. If the folder cannot be written to, loading is just slower."""
    try:
        write_file(kept, save({name: value.contiguous() for name, value in network.state_dict().items()}))
    except OSError as error:
        log.warning("%s could not be written: %s", kept, error)
