"""A run's state on disk: enough to go on as if never stopped, and to say what it is a checkpoint of."""

import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from matting.files import write_file
from matting.training.settings import Settings

NAME = "checkpoint.pt"
FORMAT = 1


def save_checkpoint(folder: Path, state: dict[str, Any], *, model: str, settings: Settings) -> None:
    """Write `state` to `folder`, whole or not at all: a kill or a full disk leaves the previous checkpoint.

    Raises:
        OSError: the disk is full or not writable; one sentence, with what is safe.
    """
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, "model": model, "settings": asdict(settings), **state}, buffer)
    try:
        write_file(folder / NAME, buffer.getvalue())
    except OSError as error:
        raise OSError(
            f"{folder / NAME} could not be written ({error.strerror}); the checkpoint before it is untouched"
        ) from error


def load_checkpoint(folder: Path, *, model: str, settings: Settings) -> dict[str, Any] | None:
    """The state in `folder`, or None where there is none yet.

    Raises:
        ValueError: it is damaged, or of a run with another model or other settings, named; nothing is changed.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        given, stored = state["model"], state["settings"]
    except Exception as error:
        raise ValueError(f"{path} must be a checkpoint of a training run, but cannot be read; delete it") from error
    if given != model:
        raise ValueError(f"{folder} must hold a run of {model}, but holds one of {given}; choose another folder")
    changed = {key for key, value in asdict(settings).items() if stored.get(key) != value} - FREE_TO_CHANGE
    if changed:
        listed = ", ".join(f"{key} {stored.get(key)!r}" for key in sorted(changed))
        raise ValueError(f"{folder} holds a run with {listed}; go on with the same or choose another folder")
    return state


FREE_TO_CHANGE = {"minutes", "workers", "validate_every", "checkpoint_every"}
"""Settings that a resumed run may have otherwise; they do not decide what is learned, only how it is worked off."""


def export_weights(path: Path, tensors: dict[str, Tensor], *, card: dict[str, Any]) -> None:
    """Write `tensors` as fp16 safetensors with `card` as its metadata: what, from what, how long, how good.

    Integer tensors (counters of batch norm) keep their type.
    """
    from safetensors.torch import save

    halves = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).detach().cpu().contiguous()
        for name, tensor in tensors.items()
    }
    write_file(path, save(halves, metadata={key: json.dumps(value) for key, value in card.items()}))
