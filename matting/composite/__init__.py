"""Backgrounds, and the one formula that lays a foreground over them: αF + (1 − α)B."""

import re

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import Alpha, Colours, Image, Stored, check_alpha, check_colours, to_float, to_uint8, to_uint16
from matting.resize import resize

CHECKER = (1.0, 0.82)
DIM_CHECKER = (0.28, 0.2)
"""The two greys of a checkerboard, and those of one for a bright subject."""
BRIGHT_EDGE = 0.6
"""The mean value above which an edge is hard to see on the usual checkerboard."""


def composite(foreground: Colours, alpha: Alpha, background: Colours, *, linear: bool = False) -> Colours:
    """`foreground` over `background`, both (H, W, 3) float32 sRGB in [0, 1], by `alpha` (H, W) float32 in [0, 1].

    `linear` mixes light instead of sRGB numbers, as a camera does: soft edges over a bright background come
    out less dark. The result is sRGB either way.

    Raises:
        ValueError: an array is malformed or of a different size.
    """
    size = check_alpha(alpha).shape
    check_colours(foreground, size)
    check_colours(background, size, "background")
    if linear:
        return to_srgb(composite(to_linear(foreground), alpha, to_linear(background)))
    weight = alpha[..., None]
    return weight * foreground + (1 - weight) * background


def composite_stored(foreground: Stored, alpha: Alpha, background: Stored) -> Stored:
    """As `composite`, for arrays (H, W, 3) of one stored type, which it returns; 8 bits without using float32."""
    if foreground.dtype == np.uint8:
        return cv2.blendLinear(foreground, background, alpha, 1 - alpha)  # type: ignore[return-value]
    return to_uint16(composite(to_float(foreground), alpha, to_float(background)))


def cutout(foreground: Colours, alpha: Alpha) -> NDArray[np.uint8]:
    """(H, W, 4) uint8 RGBA with straight colours: what a PNG stores. Where alpha rounds to 0 the colour is black."""
    stored = to_uint8(check_alpha(alpha))
    colours = to_uint8(check_colours(foreground, alpha.shape)) * (stored > 0)[..., None]
    return np.dstack([colours, stored])


def colour_background(colour: str, size: tuple[int, int]) -> Colours:
    """(H, W, 3) of one `colour`, written #RRGGBB; ValueError for any other spelling."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"a background colour is written #RRGGBB, but got {colour!r}")
    return np.broadcast_to(to_float(np.frombuffer(bytes.fromhex(colour[1:]), np.uint8)), (*size, 3)).copy()


def cover(picture: Image, size: tuple[int, int]) -> Colours:
    """`picture` (h, w, 3) uint8 cropped about its centre to the aspect of `size` (H, W) and scaled: float32."""
    scale = max(size[0] / picture.shape[0], size[1] / picture.shape[1])
    height, width = (max(1, round(side / scale)) for side in size)
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return to_float(resize(picture[top : top + height, left : left + width], size))


def blur(image: Image, strength: float = 0.03) -> Colours:
    """`image` out of focus, by a Gaussian of `strength` times its long side, at its own size: (H, W, 3) float32.

    Computed at a size where the Gaussian is a few pixels wide, so the cost does not grow with the photo.
    """
    sigma = strength * max(image.shape[:2])
    shrink = max(1.0, sigma / 4)
    small = resize(image, (max(1, round(image.shape[0] / shrink)), max(1, round(image.shape[1] / shrink))))
    blurred: Colours = cv2.GaussianBlur(to_float(small), (0, 0), max(sigma / shrink, 0.1))  # type: ignore[assignment]
    return resize(blurred, image.shape[:2])


def checkerboard(size: tuple[int, int], square: int = 0, *, greys: tuple[float, float] = CHECKER) -> Colours:
    """(H, W, 3) grey squares of `square` pixels, the usual sign of transparency; 0: about 40 along the long side."""
    square = square or max(4, max(size) // 40)
    rows, columns = np.arange(size[0]) // square, np.arange(size[1]) // square
    dark = (rows[:, None] + columns[None, :]) % 2
    grey = np.where(dark, greys[1], greys[0]).astype(np.float32)
    return np.repeat(grey[..., None], 3, axis=2)


def contrasting_checkerboard(foreground: Colours, alpha: Alpha) -> Colours:
    """The checkerboard (H, W, 3) on which the edge of `foreground` stands out: a dim one where the edge is bright.

    `foreground` is (H, W, 3), `alpha` (H, W). The edge is neither clearly inside nor clearly outside.
    """
    edge = (alpha > 0.1) & (alpha < 0.9)
    is_bright = edge.any() and float(foreground[edge].mean()) > BRIGHT_EDGE
    return checkerboard(alpha.shape, greys=DIM_CHECKER if is_bright else CHECKER)


def to_linear(colours: Colours) -> Colours:
    """sRGB → linear light, IEC 61966-2-1."""
    return np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(light: Colours) -> Colours:
    """Linear light → sRGB, IEC 61966-2-1."""
    curved = 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055
    return np.clip(np.where(light <= 0.0031308, 12.92 * light, curved), 0, 1).astype(np.float32)
