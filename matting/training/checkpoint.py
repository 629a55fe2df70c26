"""A run's folder: what it is a run of and its state, to go on as if never stopped and to refuse another run."""

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from filelock import FileLock, Timeout
from torch import Tensor

from matting.files import write_file
from matting.training.origin import Origin

if TYPE_CHECKING:
    from _typeshed import DataclassInstance as AnySettings  # of a run or of a descent

NAME = "checkpoint.pt"
RUN = "run.json"
"""What the folder is a run of, written before its first crop."""
OUTCOME = "outcome.json"
"""What the finished weights are worth: the test split is looked at once."""
CROPS = "crops"
FORMAT = 2
FREE_TO_CHANGE = {"minutes", "workers", "checkpoint_every"}
"""Settings that a resumed run may have otherwise; they do not decide what is learned, only how it is worked off."""
LENGTH = {"steps", "warm_up", "validate_every"}
"""Settings that a run made longer has otherwise."""
ABSENT = {"pixel_l1": 0.0, "square": 0.0, "coarse": 0.0}
"""What settings were that older checkpoints do not name."""

NOWHERE = Origin()
"""Of runs whose crops come from no dataset, as in tests."""


@contextmanager
def alone(folder: Path, output: Path) -> Iterator[None]:
    """Hold the run in `folder` and its `output`, so that no other training works on either.

    Raises:
        ValueError: another one does.
        OSError: one of them could not be written to anyway.
    """
    with ExitStack() as held:
        for lock, what in ((folder / ".lock", folder), (output.with_name(f".{output.name}.lock"), output)):
            lock.parent.mkdir(parents=True, exist_ok=True)
            try:
                held.enter_context(FileLock(lock, timeout=0))
            except Timeout as error:
                raise ValueError(f"another training works on {what} right now; wait for it or name another") from error
        yield


def claim(folder: Path, *, model: str, settings: "AnySettings", origin: Origin, anew: bool = False) -> bool:
    """Make `folder` one of this run, before anything is made in it; whether what lay there was thrown away.

    A run of something else is refused once it has a checkpoint, unless `anew` gives it up. Without one it learned
    nothing, and only its crops go. So do those of a run of format 1: what they were made from is not known.

    Raises:
        ValueError: there is a run of something else, or a damaged one; says what differs. Nothing is changed.
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
    """The settings that decide what is learned."""
    return {name: value for name, value in asdict(settings).items() if name not in FREE_TO_CHANGE}


def save_checkpoint(
    folder: Path, state: dict[str, Any], *, model: str, settings: "AnySettings", origin: Origin = NOWHERE
) -> None:
    """Write `state` to `folder`, whole or not at all: a kill or a full disk leaves the previous checkpoint.

    Raises:
        OSError: the disk is full or not writable; one sentence, with what is safe.
        ValueError: the weights in it are no longer numbers; the previous checkpoint is untouched.
    """
    if not all(value.isfinite().all() for name in ("network", "average") for value in state[name].values()):
        raise ValueError(
            f"the weights after step {state['step']} are not finite: lower the rate and train anew (--anew)"
        )
    buffer = io.BytesIO()
    record = {"format": FORMAT, "model": model, "settings": asdict(settings), "origin": asdict(origin)}
    torch.save({**record, **state}, buffer)
    try:
        write_file(folder / NAME, buffer.getvalue())
    except OSError as error:
        raise OSError(
            f"{folder / NAME} could not be written ({error.strerror}); the checkpoint before it is untouched"
        ) from error


def load_checkpoint(
    folder: Path, *, model: str, settings: "AnySettings", origin: Origin = NOWHERE
) -> dict[str, Any] | None:
    """The state in `folder`, or None where there is none yet. A run may be asked for more steps than it was begun with.

    Format 1 recorded neither what it learned from nor scores, and validation chose nothing then, so that it could be
    had otherwise. Such a run is taken at its word: its `unrecorded` says how many steps are of unknown origin.

    Raises:
        ValueError: it is damaged, or of a run of something else; says what differs. Nothing is changed.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        given, stored = state["model"], state["settings"]
    except Exception as error:
        raise ValueError(
            f"{path} must be a checkpoint of a training run, but cannot be read; delete it, or begin anew (--anew)"
        ) from error
    if given != model:
        raise ValueError(
            f"{folder} must hold a run of {model}, but holds one of {given}; choose another folder (--run)"
        )
    if state.get("format") not in (1, FORMAT):
        raise ValueError(
            f"{folder} holds a run of format {state.get('format')}, but this version reads 1 to {FORMAT}; "
            f"use the version that began it, or begin anew (--anew)"
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
            f"{folder} holds a run {', '.join(changed)}; go on with the same, begin anew (--anew), or choose another "
            f"folder (--run) and, to build on what it learned, its weights as --start"
        )
    return state


def best_weights(state: dict[str, Any]) -> dict[str, Tensor]:
    """The averaged weights of a checkpoint, by the network's own names: those that were chosen, else the last."""
    average = state["scores"].get("best", state)["average"]
    return {name.removeprefix("module."): tensor for name, tensor in average.items() if name != "n_averaged"}


def export_weights(path: Path, tensors: dict[str, Tensor], *, card: dict[str, Any]) -> None:
    """Write `tensors` as fp16 safetensors with `card` as its metadata: what, from what, how long, how good.

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
        raise ValueError(f"{path} was not written, as weights are not finite in 16 bits: lower the rate and train anew")
    write_file(path, _in_order(save(halves, metadata={key: json.dumps(value) for key, value in card.items()})))


def _in_order(content: bytes) -> bytes:
    """A safetensors file with its metadata sorted: the library writes them in another order each time."""
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)  # tensors begin at a multiple of 8
    return len(text).to_bytes(8, "little") + text + content[8 + size :]
