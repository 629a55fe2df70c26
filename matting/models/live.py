"""How a model follows a live picture: small frames in, alphas of the same small size out.

The browser restores the edges from the picture's full resolution.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from matting.arrays import Alpha, Image

Follow: TypeAlias = Callable[[Iterable[Image]], Iterator[Alpha]]
"""follow(frames) gives the alpha of each frame in turn; what it carries from frame to frame is local to the call."""


@dataclass(frozen=True)
class Live:
    """The properties of a model that is fast enough for Live."""

    title: str
    """What a person chooses."""
    load: Callable[[], Follow]
    sides: tuple[int, ...]
    """The range of a frame's short side. Below the first its answers are useless."""
    multiple: int
    """Sides of a frame must be multiples of this."""
