"""pymatting's functions, compiled by numba. All calls to pymatting go through here.

Importing pymatting compiles it: about a minute on the first run ever, a second once numba's cache (beside the package,
in the user's cache folder where that can't be written, or else where `matting.environment.caches` says) is filled.
models/warm_up.py fills it, in a background thread at start.
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
"""numba's modules import each other in a circle, so that a second thread could meet them half imported."""


def call(name: str, *arrays: NDArray[Any], **settings: Any) -> Any:
    """What pymatting's function `name` gives for `arrays`; a long call holds up no other, except as `_turn` says."""
    function: Callable[..., Any] = getattr(_pymatting(), name)
    with _turn():
        return function(*(np.ascontiguousarray(array) for array in arrays), **settings)


def _turn() -> AbstractContextManager[Any]:
    """What to hold during a call: nothing, unless numba runs on its own threads, which end the process when two
    calls enter them at once. numba reports its threads only after its first call.
    """
    import numba

    try:
        return _RUNNING if numba.threading_layer() == "workqueue" else nullcontext()  # type: ignore[attr-defined]
    except ValueError:
        return _RUNNING


def _pymatting() -> ModuleType:
    """The package, imported by one thread alone."""
    with _IMPORTING:
        return _imported()


@cache
def _imported() -> ModuleType:
    """The package, which from then on keeps to itself what its closed-form solver prints before it tries again."""
    vars(importlib.import_module("pymatting.preconditioner.ichol"))["print"] = lambda *_: None
    return importlib.import_module("pymatting")
