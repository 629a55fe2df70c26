"""How far a long solve is, told to whoever asked to hear it, without every model handing it on.

with heard(lambda share: print(f"{share:.0%}")):
    alpha = load_model("studio")(image, trimap)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeAlias

Listener: TypeAlias = Callable[[float], None]
"""Takes the share that is done, 0 to 1, the same perhaps several times. What it raises ends the solve."""

_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def heard(listener: Listener) -> Iterator[None]:
    """Inside the block, where its context is, `listener` hears how far a solve is after each of its parts."""
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


def parts(count: int) -> list[Listener]:
    """A listener for each of `count` parts of equal size, in whatever threads: who listens here hears of their sum."""
    listener, shares = _LISTENER.get(), [0.0] * count

    def part(index: int) -> Listener:
        def hear(share: float) -> None:
            shares[index] = share
            if listener is not None:
                listener(sum(shares) / count)

        return hear

    return [part(index) for index in range(count)]
