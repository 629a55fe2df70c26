"""Arithmetic with boxes (solving/box.py). A box whose sides meet or cross is empty. Raster.js has it in JavaScript."""

from typing import Any

from numpy.typing import NDArray

from matting.solving.box import Box

EMPTY = Box(0, 0, 0, 0)


def around(array: NDArray[Any]) -> Box:
    """All pixels of an (H, W, …) array."""
    return Box(0, 0, array.shape[0], array.shape[1])


def is_empty(box: Box) -> bool:
    """Whether `box` holds no pixel."""
    return box.bottom <= box.top or box.right <= box.left


def grown(box: Box, margin: int) -> Box:
    """`box` with `margin` more pixels on every side."""
    return Box(box.top - margin, box.left - margin, box.bottom + margin, box.right + margin)


def moved(box: Box, x: int, y: int) -> Box:
    """`box`, moved right by `x` and down by `y`."""
    return Box(box.top + y, box.left + x, box.bottom + y, box.right + x)


def common(first: Box, second: Box) -> Box:
    """The common part of both boxes; empty if they do not meet."""
    return Box(
        max(first.top, second.top),
        max(first.left, second.left),
        min(first.bottom, second.bottom),
        min(first.right, second.right),
    )


def union(first: Box, second: Box) -> Box:
    """The smallest box around both."""
    if is_empty(first) or is_empty(second):
        return second if is_empty(first) else first
    return Box(
        min(first.top, second.top),
        min(first.left, second.left),
        max(first.bottom, second.bottom),
        max(first.right, second.right),
    )
