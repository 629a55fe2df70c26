"""START HERE: the arrays that all other files use, their checks, and the two conversions between them.

Drawn or stored arrays are uint8 (uint16 for 16-bit files), estimated ones float32 in [0, 1]. `to_float` and
`to_uint8` / `to_uint16` are the only conversions.
"""

from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) uint8 RGB."""
Trimap: TypeAlias = NDArray[np.uint8]
"""(H, W) uint8, each pixel exactly BACKGROUND, UNKNOWN or FOREGROUND."""
Alpha: TypeAlias = NDArray[np.float32]
"""(H, W) float32 in [0, 1], the share of the pixel the subject covers."""
Colours: TypeAlias = NDArray[np.float32]
"""(H, W, 3) float32 RGB in [0, 1], straight (not premultiplied): a foreground or a background."""
Stored: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]
"""Colours or an alpha as a file holds them."""

BACKGROUND, UNKNOWN, FOREGROUND = 0, 128, 255


def check_image(image: Any, name: str = "image") -> Image:
    """`image` unchanged if it is a (H, W, 3) uint8 array of at least one pixel; ValueError if not."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or not is_rgb(image):
        raise ValueError(f"{name} must be a (H, W, 3) uint8 RGB array, but got {describe(image)}")
    return image


def check_trimap(trimap: Any, size: tuple[int, int] | None = None) -> Trimap:
    """`trimap` unchanged if it is a (H, W) uint8 array of exactly 0, 128 and 255, and of `size` (H, W) if given.

    Raises:
        ValueError: naming what was wanted and what was given.
    """
    if not isinstance(trimap, np.ndarray) or trimap.dtype != np.uint8 or trimap.ndim != 2 or trimap.size == 0:
        raise ValueError(f"trimap must be a (H, W) uint8 array, but got {describe(trimap)}")
    counts = np.bincount(trimap.ravel(), minlength=256)
    counts[[BACKGROUND, UNKNOWN, FOREGROUND]] = 0
    stray = np.flatnonzero(counts)
    if stray.size:
        listed = ", ".join(map(str, stray[:5])) + (", …" if stray.size > 5 else "")
        raise ValueError(f"trimap must hold only 0, 128 (unknown) and 255 (foreground), but also holds {listed}")
    check_size(trimap, size, "trimap")
    return trimap


def check_alpha(alpha: Any, size: tuple[int, int] | None = None) -> Alpha:
    """`alpha` unchanged if it is (H, W) float32 within [0, 1], and of `size` (H, W) if given; else ValueError."""
    if not isinstance(alpha, np.ndarray) or alpha.dtype != np.float32 or alpha.ndim != 2 or alpha.size == 0:
        raise ValueError(f"alpha must be a (H, W) float32 array, but got {describe(alpha)}")
    check_range(alpha, "alpha")
    check_size(alpha, size, "alpha")
    return alpha


def check_colours(colours: Any, size: tuple[int, int] | None = None, name: str = "foreground") -> Colours:
    """`colours` unchanged if (H, W, 3) float32 within [0, 1], and of `size` if given; else ValueError."""
    if not isinstance(colours, np.ndarray) or colours.dtype != np.float32 or not is_rgb(colours):
        raise ValueError(f"{name} must be a (H, W, 3) float32 RGB array, but got {describe(colours)}")
    check_range(colours, name)
    check_size(colours, size, name)
    return colours


def is_rgb(array: NDArray[Any]) -> bool:
    """Whether `array` is (H, W, 3) with at least one pixel."""
    return array.ndim == 3 and array.shape[2] == 3 and array.size > 0


def check_range(values: NDArray[np.floating[Any]], name: str) -> None:
    """ValueError unless every value lies in [0, 1] (NaN does not)."""
    low, high = float(values.min()), float(values.max())
    if not (low >= 0 and high <= 1):
        raise ValueError(f"{name} must lie in [0, 1], but ranges from {low:g} to {high:g}")


def check_size(array: NDArray[Any], size: tuple[int, int] | None, name: str) -> None:
    """ValueError unless `array` is `size` (H, W) pixels; None allows any."""
    if size is not None and array.shape[:2] != size:
        raise ValueError(
            f"{name} must be {size[0]} pixels high and {size[1]} wide like its image, "
            f"but is {array.shape[0]} high and {array.shape[1]} wide"
        )


def describe(value: object) -> str:
    """A description of `value` for an error message: "a (4, 5) float64 array", "None", "a str"."""
    if isinstance(value, np.ndarray):
        return f"a {value.shape} {value.dtype} array"
    return "None" if value is None else f"a {type(value).__name__}"


def to_float(stored: Stored) -> NDArray[np.float32]:
    """uint8 or uint16 of any shape → float32 in [0, 1]; ValueError for any other type."""
    if stored.dtype not in (np.uint8, np.uint16):
        raise ValueError(f"to_float takes uint8 or uint16, but got {stored.dtype}")
    return stored.astype(np.float32) / np.float32(np.iinfo(stored.dtype).max)


def to_uint8(values: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Float in [0, 1] of any shape → uint8, rounded to nearest and clipped. Truncating would darken by half a level."""
    return cast(NDArray[np.uint8], np.rint(np.clip(values, 0, 1) * np.float32(255)).astype(np.uint8))


def to_uint16(values: NDArray[np.floating[Any]]) -> NDArray[np.uint16]:
    """Float in [0, 1] of any shape → uint16, rounded to nearest and clipped: what a 16-bit alpha file stores."""
    return cast(NDArray[np.uint16], np.rint(np.clip(values, 0, 1) * np.float32(65535)).astype(np.uint16))
