"""pymatting's functions, compiled by numba. All calls to pymatting go through here.

Importing pymatting compiles it. That takes about a minute the first time, and a second once numba's cache is filled;
models/classical/compiling.py fills it in a background thread when the app starts. The cache lies beside the package; if
that folder can't be written, in the user's cache folder; or else where `matting.environment.caches` says.
"""

import importlib
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

_RUNNING = threading.Lock()
_IMPORTING = threading.Lock()
"""numba's modules import each other in a circle; a second thread could find them half imported."""


def call(name: str, *arrays: NDArray[Any], **settings: Any) -> Any:
    """The result of pymatting's function `name` for `arrays`. A long call holds up no other, except as `_turn` says."""
    function: Callable[..., Any] = getattr(_pymatting(), name)
    with _turn():
        return function(*(np.ascontiguousarray(array) for array in arrays), **settings)


def _turn() -> AbstractContextManager[Any]:
    """The lock to hold during a call: none, unless numba uses its own thread pool, which ends the process if two calls
    enter it at once. numba can name its threading layer only after the first call.
    """
    import numba

    try:
        return _RUNNING if numba.threading_layer() == "workqueue" else nullcontext()  # type: ignore[attr-defined]
    except ValueError:
        return _RUNNING


def _pymatting() -> ModuleType:
    """The package, imported by only one thread."""
    with _IMPORTING:
        return _imported()


@cache
def _imported() -> ModuleType:
    """The package, with `print` silenced where its closed-form solver prints a line before each further attempt."""
    vars(importlib.import_module("pymatting.preconditioner.ichol"))["print"] = lambda *_: None
    return importlib.import_module("pymatting")
