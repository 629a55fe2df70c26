"""The parts of a picture solved so far, shown to a caller who asks for them, without every model passing them on.

with watched(lambda piece: draw(piece.box, piece.enlarged(image))):
    alpha = load_model("studio")(image, trimap)
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeAlias

from matting.arrays import Alpha, Image
from matting.solving.box import Box
from matting.solving.guided_upsampling import NARROW, guided_upsample


@dataclass(frozen=True)
class Piece:
    """The alpha of a box of the picture. Later pieces count where they overlap earlier ones."""

    box: Box
    alpha: Alpha
    """At the size of `box`; or smaller, if it is a first look that later pieces will replace."""

    @property
    def is_first_look(self) -> bool:
        """Whether it was solved in a small copy of the picture."""
        return self.alpha.shape != self.box.size

    def enlarged(self, image: Image) -> Alpha:
        """The alpha (height, width) at the size of the box; a first look with the edges of the whole `image` there."""
        if not self.is_first_look:
            return self.alpha
        return guided_upsample(self.alpha, image[self.box.slices], radius=NARROW)


Watcher: TypeAlias = Callable[[Any], None]
"""Takes pieces; or whatever else a long task shows, such as the frames of a video that are done."""

_WATCHER: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watched(watcher: Watcher | None) -> Iterator[None]:
    """Inside the block, `watcher` is called with each piece as soon as it is solved; None for no watcher."""
    token = _WATCHER.set(watcher)
    try:
        yield
    finally:
        _WATCHER.reset(token)


def is_watched() -> bool:
    """Whether there is a watcher."""
    return _WATCHER.get() is not None


def show(piece: Any) -> None:
    """Show `piece` to the watcher, if there is one."""
    watcher = _WATCHER.get()
    if watcher is not None:
        watcher(piece)
