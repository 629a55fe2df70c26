"""How a model follows a live picture: small frames in, alphas of the same small size out, nothing enlarged.

Where the picture is shown, its own full resolution brings the edges back.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from matting.arrays import Alpha, Image

Follow: TypeAlias = Callable[[Iterable[Image]], Iterator[Alpha]]
"""follow(frames) gives the alpha of each frame in turn; what it carries from frame to frame is local to the call."""


@dataclass(frozen=True)
class Live:
    """What a model that keeps up says of itself."""

    title: str
    """What a person chooses."""
    load: Callable[[], Follow]
    sides: tuple[int, ...]
    """The short sides of a frame it may be shown. Below the first its answers are no longer worth having."""
    multiple: int
    """Sides of a frame must be multiples of this."""
