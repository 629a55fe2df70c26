"""More than 8 bits per channel. Colours are read and written by OpenCV, because Pillow has 16 bits only in grey."""

from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import check_range, to_float, to_uint8, to_uint16

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # what it cannot read, Pillow reads to 8 bits
ORDER = {3: [2, 1, 0], 4: [2, 1, 0, 3]}
"""OpenCV stores blue first."""
STRIP_ROWS = 64


def decode_deep(content: bytes, read: NDArray[np.uint8]) -> NDArray[np.uint16] | None:
    """(H, W, 3) RGB or (H, W, 4) straight RGBA of a 16-bit picture file, not turned by EXIF.

    None unless it agrees with `read`, (H, W, 4): the same file by another decoder, to 8 bits.
    """
    stored = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if stored is None or stored.dtype != np.uint16 or stored.ndim != 3 or stored.shape[2] not in ORDER:
        return None
    deep = cast(NDArray[np.uint16], stored[..., ORDER[stored.shape[2]]])
    return deep if _agree(deep, read[..., : deep.shape[2]]) else None


def _agree(deep: NDArray[np.uint16], read: NDArray[np.uint8]) -> bool:
    """Whether the two arrays hold the same picture, up to rounding."""
    if deep.shape != read.shape:
        return False
    return all(np.abs(deep[rows] / 257 - read[rows]).max() <= 1 for rows in _strips(deep))


def to_eight_bits(deep: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """The same as `to_uint8(to_float(deep))`, in strips, so that the floats need little memory."""
    values = np.empty(deep.shape, np.uint8)
    for rows in _strips(deep):
        values[rows] = to_uint8(to_float(deep[rows]))
    return values


def _strips(array: NDArray[Any]) -> list[slice]:
    """The rows of `array` as slices of STRIP_ROWS."""
    return [slice(top, top + STRIP_ROWS) for top in range(0, len(array), STRIP_ROWS)]


def deepen(values: NDArray[Any]) -> NDArray[np.uint16]:
    """Grey values (H, W) of 16 or 32 bits, or floats in [0, 1], as uint16; ValueError if they do not fit."""
    if np.issubdtype(values.dtype, np.floating):
        check_range(values, "a floating-point picture")
        return to_uint16(values)
    if values.min() < 0 or values.max() > 65535:
        raise ValueError("grey values must fit 16 bits, but some are larger, or negative")
    return values.astype(np.uint16)


def encode_deep(array: NDArray[Any], suffix: str) -> bytes:
    """The bytes of a ".png" or ".tif" file of (H, W), (H, W, 3) or (H, W, 4) uint8 or uint16, every bit kept."""
    ordered = array if array.ndim == 2 else np.ascontiguousarray(array[..., ORDER[array.shape[2]]])
    fast = [cv2.IMWRITE_PNG_COMPRESSION, 1] if suffix == ".png" else []
    done, encoded = cv2.imencode(suffix, ordered, fast)
    if not done:
        raise ValueError(f"a {array.shape} {array.dtype} array cannot be written as {suffix}")
    return encoded.tobytes()
