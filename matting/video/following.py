"""Frames in, alphas out, as generators: memory is constant for any length, and state lives only inside a call."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from matting.arrays import Alpha, Image
from matting.models.base import Model
from matting.temporal.prefetch import ahead
from matting.temporal.smoothing import SMOOTHINGS

Item = TypeVar("Item")


def follow(frames: Iterable[Image], model: Model, *, smoothing: str = "both") -> Iterator[Alpha]:
    """The alpha (H, W) float32 of each of `frames` (H, W, 3) uint8 by `model`, smoothed in time.

    `smoothing` is a key of SMOOTHINGS. "both" and "delayed" read one frame ahead.

    Raises:
        ValueError: no smoothing has that name, or frames differ in size.
    """
    return (alpha for _, alpha in follow_items(frames, lambda frame: frame, model, smoothing=smoothing))


def follow_items(
    items: Iterable[Item], image: Callable[[Item], Image], model: Model, *, smoothing: str = "both"
) -> Iterator[tuple[Item, Alpha]]:
    """Like `follow`, for items whose frame `image` gives: each item with its alpha."""
    if smoothing not in SMOOTHINGS:
        raise ValueError(f"smoothing must be one of {', '.join(SMOOTHINGS)}, but got {smoothing!r}")
    return SMOOTHINGS[smoothing](ahead(paired(items, image, model)), image)


def paired(items: Iterable[Item], image: Callable[[Item], Image], model: Model) -> Iterator[tuple[Item, Alpha]]:
    """Each item with the alpha of its frame by `model`."""
    taken: deque[Item] = deque()

    def frames() -> Iterator[Image]:
        for item in items:
            taken.append(item)
            yield image(item)

    for alpha in model.follow(of_one_size(frames())):
        yield taken.popleft(), alpha


def of_one_size(frames: Iterable[Image]) -> Iterator[Image]:
    """`frames`, which must all have the size of the first; ValueError at the first that does not."""
    wanted: tuple[int, ...] = ()
    for number, frame in enumerate(frames):
        wanted = wanted or frame.shape
        if frame.shape != wanted:
            raise ValueError(
                f"every frame must be {wanted[1]} × {wanted[0]} pixels, like the first, "
                f"but frame {number} is {frame.shape[1]} × {frame.shape[0]}"
            )
        yield frame
