"""Resizing (the only cv2.resize), and fitting a picture to a network's sizes and back."""

from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Array = TypeVar("Array", bound=NDArray[Any])
LINE_PIXELS = 1024


def resize(array: Array, size: tuple[int, int], *, smooth: bool = True) -> Array:
    """`array` (H, W) or (H, W, C) at `size` (height, width), same type, no value beyond those it had.

    Smooth: area averaging down, bilinear up. Otherwise nearest neighbour, for label pictures such as trimaps.
    """
    height, width = size
    if array.shape[:2] == (height, width):
        return array.copy()
    if not smooth:
        interpolation = cv2.INTER_NEAREST_EXACT
    elif height <= array.shape[0] and width <= array.shape[1]:
        interpolation = cv2.INTER_AREA
    else:
        interpolation = cv2.INTER_LINEAR
    resized = cv2.resize(array, dsize=(width, height), interpolation=interpolation)
    if smooth and array.dtype.kind == "f":  # OpenCV's mean of ones can be 1.0000001
        resized = np.clip(resized, array.min(), array.max())
    return resized.reshape(height, width, *array.shape[2:])  # type: ignore[return-value]  # cv2 drops a lone channel


def resize_at(array: Array, size: tuple[int, int], places: NDArray[np.intp]) -> Array:
    """`array` (H, W) or (H, W, C) enlarged to `size`, bilinear, at some of the pixels only: (N,) or (N, C).

    `places` (N,) counts them as `ravel` does.
    """
    lines = np.resize(places, (len(places) // LINE_PIXELS + 1, LINE_PIXELS))  # cv2 accepts no picture 32768 pixels long
    rows, columns = np.divmod(lines, size[1])
    down = ((rows + 0.5) * (array.shape[0] / size[0]) - 0.5).astype(np.float32)
    along = ((columns + 0.5) * (array.shape[1] / size[1]) - 0.5).astype(np.float32)
    values = cv2.remap(array, along, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return values.reshape(-1, *array.shape[2:])[: len(places)]  # type: ignore[return-value]


def scaled_size(size: tuple[int, int], short_side: int, *, multiple_of: int = 1, longest: int = 0) -> tuple[int, int]:
    """(height, width) near the aspect of `size`, its short side near `short_side`, both multiples of `multiple_of`.

    `longest`, if given, limits the long side, so that a 1 × 20000 strip stays affordable.
    """
    scale = short_side / min(size)
    if longest:
        scale = min(scale, longest / max(size))
    height, width = (max(multiple_of, round(side * scale / multiple_of) * multiple_of) for side in size)
    return height, width


def within(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """`size` shrunk to at most `longest` on its long side, never enlarged: for displays and thumbnails."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def pad_to_multiple(array: Array, multiple_of: int) -> Array:
    """`array` (H, W[, C]) grown at the bottom and right by mirroring until both sides are multiples; crop to undo."""
    height, width = array.shape[:2]
    rows, columns = -height % multiple_of, -width % multiple_of
    return np.pad(array, ((0, rows), (0, columns), *((0, 0),) * (array.ndim - 2)), mode="symmetric")  # type: ignore[return-value]
