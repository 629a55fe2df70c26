"""How far a long solve is, told to whoever asked to hear it, without every model handing it on.

with heard(lambda share: print(f"{share:.0%}")):
    alpha = load_model("studio")(image, trimap)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

Listener: TypeAlias = Callable[[float], None]
"""Takes the share that is done, 0 to 1. What it raises ends the solve."""

_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard(listener: Listener) -> Iterator[None]:
    """Inside the block, and in this thread, `listener` hears how far a solve is after each of its parts."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def tell(share: float) -> None:
    """Say that `share` (0 to 1) of the work is done; nothing happens if nobody listens."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(share)
