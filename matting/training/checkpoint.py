"""A run's folder: its checkpoint, from which it goes on as if never stopped, and the record that refuses other runs."""

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from matting.files import write_file
from matting.files.locks import InUseError, held
from matting.training.losses import LOSSES
from matting.training.origin import Origin

if TYPE_CHECKING:
    from _typeshed import DataclassInstance as AnySettings  # of a run or of a descent

NAME = "checkpoint.pt"
RUN = "run.json"
"""The record of what the folder is a run of, written before the first crop is made."""
OUTCOME = "outcome.json"
"""The scores of the finished weights, kept because the test split may be used only once."""
CROPS = "crops"
FORMAT = 2
FREE_TO_CHANGE = {"minutes", "workers", "checkpoint_every"}
"""Settings that may change when a run is resumed: they do not affect what is learned."""
LENGTH = {"steps", "warm_up", "validate_every"}
"""Settings that also change when a run is made longer."""
ABSENT = dict.fromkeys(LOSSES, 0.0)
"""Settings that older checkpoints may not name, with the values they had then: a newer loss had no weight."""

NOWHERE = Origin()
"""The origin of runs whose crops come from no dataset, as in tests."""


@contextmanager
def alone(folder: Path, output: Path) -> Iterator[None]:
    """Lock the run in `folder` and its `output`, so that no other training run works on either.

    Raises:
        ValueError: another one does. OSError: the folder of one of them cannot be written to.
    """
    with ExitStack() as locks:
        for lock, what in ((folder / ".lock", folder), (output.with_name(f".{output.name}.lock"), output)):
            try:
                locks.enter_context(held(lock))
            except InUseError as error:
                raise ValueError(
                    f"another training run is using {what}; wait until it has finished, or choose another"
                ) from error
        yield


def claim(folder: Path, *, model: str, settings: "AnySettings", origin: Origin, anew: bool = False) -> bool:
    """Reserve `folder` for this run, before anything is made in it; whether files of another run were deleted.

    Another run that has a checkpoint is refused, or deleted if `anew`. A run without a checkpoint has learned nothing:
    its crops are deleted. So are the crops of a run of format 1, as what they were made from is not known.

    Raises:
        ValueError: there is another run, or a damaged one; the message says what differs. Nothing is changed.
        OSError: the folder cannot be written to.
    """
    crops = sorted((folder / CROPS).glob("[0-9]*.npz"))
    if not anew and (state := load_checkpoint(folder, model=model, settings=settings, origin=origin)):
        for path in crops if state["format"] == 1 else []:
            path.unlink()
        return False
    record = {"model": model, "settings": deciding(settings), "origin": asdict(origin)}
    content = json.dumps(record, indent=1, sort_keys=True).encode()
    note = folder / RUN
    is_ours = note.is_file() and note.read_bytes() == content
    left = [folder / OUTCOME] if is_ours and not anew else [folder / NAME, folder / OUTCOME, *crops]
    had_some = bool(crops) or (folder / NAME).exists()
    for path in left:
        path.unlink(missing_ok=True)
    (folder / CROPS).mkdir(parents=True, exist_ok=True)
    write_file(note, content)
    return had_some and not (is_ours and not anew)


def deciding(settings: "AnySettings") -> dict[str, Any]:
    """The settings that affect what is learned."""
    return {name: value for name, value in asdict(settings).items() if name not in FREE_TO_CHANGE}


def save_checkpoint(
    folder: Path, state: dict[str, Any], *, model: str, settings: "AnySettings", origin: Origin = NOWHERE
) -> None:
    """Write `state` to `folder`, whole or not at all: a kill or a full disk leaves the previous checkpoint.

    Raises:
        OSError: the disk is full or not writable. The message says that the previous checkpoint is intact.
        ValueError: a weight is not finite; the previous checkpoint is intact.
    """
    if not all(value.isfinite().all() for name in ("network", "average") for value in state[name].values()):
        raise ValueError(
            f"the weights after step {state['step']} are not finite; lower the rate and start again (--anew)"
        )
    buffer = io.BytesIO()
    record = {"format": FORMAT, "model": model, "settings": asdict(settings), "origin": asdict(origin)}
    torch.save({**record, **state}, buffer)
    try:
        write_file(folder / NAME, buffer.getvalue())
    except OSError as error:
        raise OSError(
            f"{folder / NAME} could not be written ({error.strerror}); the previous checkpoint is intact"
        ) from error


def load_checkpoint(
    folder: Path, *, model: str, settings: "AnySettings", origin: Origin = NOWHERE
) -> dict[str, Any] | None:
    """The state in `folder`; None if there is none yet. The settings may ask for more steps than the run began with.

    Format 1 recorded neither the dataset nor scores. Such a run is resumed all the same, and `unrecorded` in its state
    says how many steps have an unknown origin. As validation chose nothing then, its interval may differ.

    Raises:
        ValueError: it is damaged, or belongs to another run; the message says what differs. Nothing is changed.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        given, stored = state["model"], state["settings"]
    except Exception as error:
        raise ValueError(
            f"{path} must be a checkpoint of a training run, but cannot be read; delete it, or start again (--anew)"
        ) from error
    if given != model:
        raise ValueError(
            f"{folder} must hold a run of {model}, but holds one of {given}; choose another folder (--run)"
        )
    if state.get("format") not in (1, FORMAT):
        raise ValueError(
            f"{folder} holds a run of format {state.get('format')}, but this version reads 1 to {FORMAT}; "
            f"use the version that began it, or start again (--anew)"
        )
    wanted = deciding(settings)
    if state["format"] == 1:
        del wanted["validate_every"]
        state |= {"origin": asdict(origin), "scores": {}, "unrecorded": state["step"]}
    if wanted.get("steps", 0) > stored.get("steps", 0):
        wanted = {key: value for key, value in wanted.items() if key not in LENGTH}
    before = {**ABSENT, **stored}
    changed = [f"with {key} {before.get(key)!r}" for key, value in wanted.items() if before.get(key) != value]
    if changed := origin.differences(state.get("origin")) + changed:
        raise ValueError(
            f"{folder} holds a run {', '.join(changed)}; use the same again, start again (--anew), or choose another "
            f"folder (--run), with the weights of this run as --start if you want to build on them"
        )
    return state


def best_weights(state: dict[str, Any]) -> dict[str, Tensor]:
    """The averaged weights of a checkpoint, by the network's own names: the best by validation, else the last."""
    average = state["scores"].get("best", state)["average"]
    return {name.removeprefix("module."): tensor for name, tensor in average.items() if name != "n_averaged"}


def export_weights(path: Path, tensors: dict[str, Tensor], *, card: dict[str, Any]) -> None:
    """Write `tensors` as fp16 safetensors, with `card` as metadata.

    Integer tensors (counters of batch norm) keep their type. The same tensors and card give the same bytes.

    Raises:
        ValueError: a weight is not finite, or too large for 16 bits; nothing is written.
        OSError: `path` cannot be written.
    """
    from safetensors.torch import save

    halves = {
        name: (tensor.half() if tensor.is_floating_point() else tensor).detach().cpu().contiguous()
        for name, tensor in tensors.items()
    }
    if not all(tensor.isfinite().all() for tensor in halves.values()):
        raise ValueError(f"{path} was not written: some weights are not finite in 16 bits; lower the rate, start again")
    write_file(path, _in_order(save(halves, metadata={key: json.dumps(value) for key, value in card.items()})))


def _in_order(content: bytes) -> bytes:
    """A safetensors file with its metadata sorted, which the library writes in a different order each time."""
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # tensors begin at a multiple of 8
    return len(text).to_bytes(8, "little") + text + content[8 + size :]
