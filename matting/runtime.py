"""A weights file → a network function: named NCHW float32 arrays in, arrays out.

Networks without an ONNX file run in torch. Either way a model sees a plain function, so both runtimes share one encode
and decode and are tested against each other.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import nn

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # otherwise ONNX Runtime stores an id and sends telemetry

Tensor: TypeAlias = NDArray[np.float32]
Network: TypeAlias = Callable[..., list[Tensor]]
"""network(name=array, …) → the outputs in the file's order. No state is kept between calls."""
PictureNetwork: TypeAlias = Callable[[Tensor], Tensor]
"""network(picture (1, C, h, w)) → alpha (1, 1, h, w)."""

Item = TypeVar("Item")
Result = TypeVar("Result")

THREADS = min(8, os.cpu_count() or 1)


def onnx_network(path: Path, *, threads: int = THREADS) -> Network:
    """The network of an ONNX file, on the GPU if the installed ONNX Runtime has one, otherwise on `threads` cores.

    Raises:
        ValueError: the file is not a model ONNX Runtime can read.
    """
    session = _session(path, threads)

    def network(**inputs: Tensor) -> list[Tensor]:
        feed = {_input_name(name, session): array for name, array in inputs.items()}
        return session.run(None, feed)  # type: ignore[no-any-return]

    return network


def picture_network(path: Path, shape: tuple[int | None, ...]) -> PictureNetwork:
    """The network of an ONNX file that takes one picture of `shape` (1, C, h, w): picture → its first output.

    None in `shape` stands for any number. The file decides what its input is called and whether it is in half
    precision. For networks so large that memory is given back after every call.

    Raises:
        ValueError: the file is not a model ONNX Runtime can read, or takes something else.
    """
    session = _session(path, THREADS, keeps_memory=False)
    inputs = session.get_inputs()
    taken = " and ".join(f"{item.name} ({_sides(item.shape)})" for item in inputs)
    if len(inputs) != 1 or not _fits(inputs[0].shape, shape):
        raise ValueError(f"{path.name} must take one picture of {_sides(shape)}, but takes {taken}")
    kind = np.float16 if "float16" in inputs[0].type else np.float32
    name, first = inputs[0].name, session.get_outputs()[0].name

    def network(picture: Tensor) -> Tensor:
        (output,) = session.run([first], {name: picture.astype(kind)})
        if output.ndim != 4 or output.shape[1] != 1 or output.shape[2:] != picture.shape[2:]:
            wanted = _sides((1, 1, *picture.shape[2:]))
            raise ValueError(f"{path.name} must give an alpha of {wanted}, but gives {_sides(output.shape)}")
        return output.astype(np.float32)  # type: ignore[no-any-return]

    return network


def _session(path: Path, threads: int, *, keeps_memory: bool = True) -> Any:
    """ONNX Runtime's session for the file at `path`; ValueError if it cannot read it."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = options.enable_mem_pattern = keeps_memory
    # threads that wait by spinning take the cores from decoding, encoding and other people's runs
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    wanted = ("CUDAExecutionProvider", "CPUExecutionProvider")
    providers = [name for name in wanted if name in onnxruntime.get_available_providers()]
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:
        raise ValueError(f"{path} is not a model ONNX Runtime can read: {error}") from error


def _fits(stated: Sequence[Any], wanted: tuple[int | None, ...]) -> bool:
    """Whether an input whose shape the file states (names stand for any number) takes an array of the `wanted` one."""
    return len(stated) == len(wanted) and all(
        side == other or None in (side, other) or isinstance(side, str) or side == -1
        for side, other in zip(stated, wanted, strict=True)
    )


def _sides(shape: Sequence[Any]) -> str:
    return " × ".join("any" if side is None else str(side) for side in shape)


def _input_name(name: str, session: Any) -> str:
    """The file's own spelling: exporters write `input.1`, which Python cannot pass as a keyword (`input_1`)."""
    names = [item.name for item in session.get_inputs()]
    return next((given for given in names if given.replace(".", "_") == name), name)


def torch_network(module: "nn.Module", *, device: str | None = None, precision: str = "float32") -> Network:
    """A torch module as a function like `onnx_network`'s, on the GPU if there is one, unless `device` says otherwise.

    `precision` float16 or bfloat16 halves memory and is faster where the hardware has it, at an error docs/ states;
    mixed uses bfloat16 for whatever tolerates it, on a processor that multiplies such numbers; else float32 for all.
    """
    import torch

    place = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    is_mixed = precision == "mixed" and place.type == "cpu" and _multiplies_bfloat16()
    kind: torch.dtype = torch.float32 if precision == "mixed" else getattr(torch, precision)
    module = module.to(place, kind, memory_format=torch.channels_last)  # type: ignore[call-overload]

    def network(**inputs: Tensor) -> list[Tensor]:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=is_mixed):
            tensors = {name: torch.from_numpy(array).to(place, kind) for name, array in inputs.items()}
            outputs = module(**tensors)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        return [output.float().cpu().numpy() for output in outputs]

    return network


@contextmanager
def one_core_each(
    function: Callable[[Item], Result], items: Iterable[Item], at_once: int
) -> Iterator[Iterator[Result]]:
    """The results of `function` for `items`, in their order; `at_once` of them are computed at a time.

    If the block is left early, nothing more is begun.
    """
    import torch

    threads = torch.get_num_threads()
    pool = ThreadPoolExecutor(at_once, initializer=torch.set_num_threads, initargs=(1,))
    try:
        yield pool.map(function, items)
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)  # a thread keeps its own number, but new threads take the last one set


@contextmanager
def on_one_core() -> Iterator[None]:
    """Inside, torch uses one core in this thread: on small work, several cores wait for each other most of the time."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _multiplies_bfloat16() -> bool:
    """Whether the processor has instructions that multiply bfloat16: without them it is slower than float32."""
    import torch

    abilities = torch.cpu.get_capabilities()
    return any(abilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))
