"""The subject's own colours, so that a new background shows no halo of the old one."""

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import (
    BACKGROUND,
    UNKNOWN,
    Alpha,
    Colours,
    Image,
    Stored,
    check_alpha,
    check_image,
    to_float,
    to_uint8,
    to_uint16,
)
from matting.resize import resize, resize_at, within
from matting.solving.box import Box
from matting.solving.guided_upsampling import Planes
from matting.solving.progress import report
from matting.solving.pymatting_calls import call
from matting.solving.regions import unknown_regions

FUSION_SIDE = 320
"""The long side, in pixels, at which the colours around each place are gathered for a quick foreground."""
BLUR_RADII = (10, 4, 2, 1)
"""How far around, in pixels of that size: large first, to find a colour everywhere, then smaller, for nearer ones."""
WHOLE_PIXELS, REGION_PIXELS = 16_000_000, 4_000_000
"""Pixels of a picture up to which it is estimated as a whole, and of one region of a larger one."""
MARGIN_PIXELS, STRIP_ROWS = 64, 256
"""Pixels around a soft edge that its region sees, and rows processed at a time."""
OPAQUE_ALPHA = 0.99
"""Alpha from which a pixel's own colour is the foreground's."""


def estimate_foreground(image: Image, alpha: Alpha) -> Colours:
    """The foreground (H, W, 3) float32 in [0, 1], straight: `image` with the background taken out of soft edges.

    Where `alpha` (H, W) is 1 it is exactly the colour of `image` (H, W, 3) uint8. Where alpha is 0 it continues the
    nearby subject without any background, so a cut-out can be scaled or filtered without a halo.

    The multi-level estimate of Germer et al., "Fast multi-level foreground estimation", ICPR 2020.

    Raises:
        ValueError: an input is malformed or the sizes differ; says what was wanted and given.
    """
    check_image(image)
    check_alpha(alpha, image.shape[:2])
    if alpha.size == 1:  # has no levels
        return to_float(image)
    foreground = _whole(image, alpha) if alpha.size <= WHOLE_PIXELS else _by_regions(image, alpha)
    for top in range(0, len(image), STRIP_ROWS):
        rows = slice(top, top + STRIP_ROWS)
        opaque = alpha[rows] == 1
        foreground[rows][opaque] = to_float(image[rows][opaque])
    return foreground


def _whole(image: Image, alpha: Alpha) -> Colours:
    """pymatting's estimate, which takes about 60 bytes per pixel."""
    return cast(Colours, call("estimate_foreground_ml", to_float(image), alpha))


def _by_regions(image: Image, alpha: Alpha) -> Colours:
    """The estimate of a small copy, enlarged; at soft edges that of regions around them. Reports progress."""
    size, scale = (alpha.shape[0], alpha.shape[1]), (REGION_PIXELS / alpha.size) ** 0.5
    small = (max(1, int(size[0] * scale)), max(1, int(size[1] * scale)))
    report(0)
    foreground = resize(_whole(resize(image, small), resize(alpha, small)), size)
    soft = (alpha > 0) & (alpha < 1)
    boxes = unknown_regions(
        np.where(soft, UNKNOWN, BACKGROUND).astype(np.uint8), margin=MARGIN_PIXELS, largest=REGION_PIXELS
    )
    for done, box in enumerate(boxes, 1):
        report(done / (len(boxes) + 1))
        estimate = _whole(image[box.slices], alpha[box.slices])
        edge = soft[box.slices] & _counts(box, size)
        foreground[box.slices][edge] = estimate[edge]
    return foreground


def _counts(box: Box, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which pixels of `box` lie far enough from its sides, except the picture's own, to see their context."""
    rows, columns = np.arange(box.top, box.bottom), np.arange(box.left, box.right)
    inside = []
    for places, start, stop, length in ((rows, box.top, box.bottom, size[0]), (columns, box.left, box.right, size[1])):
        after = (places >= start + MARGIN_PIXELS // 2) | (start == 0)
        inside.append(after & ((places < stop - MARGIN_PIXELS // 2) | (stop == length)))
    return inside[0][:, None] & inside[1][None]


def quick_foreground(stored: Stored, alpha: Alpha) -> Stored:
    """As `estimate_foreground`, at a fraction of its cost, for frames: (H, W, 3) of the type of `stored`.

    Colours are gathered at a small size and enlarged; the pixel's own detail comes back through the last line, which
    makes αF + (1 − α)B the frame again. Only soft edges and a few pixels around the subject change.

    Source: Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021 (blur fusion, repeated).
    """
    size = within((stored.shape[0], stored.shape[1]), FUSION_SIDE)
    colours, weight = to_float(resize(stored, size)), np.repeat(resize(alpha, size)[..., None], 3, axis=2)
    front: Planes = colours
    back: Planes = colours
    for reach in BLUR_RADII:
        share = _around(weight, reach)
        around, behind = _around(front * weight, reach), _around(back * (1 - weight), reach)
        near: Planes = around / np.maximum(share, 1e-5)
        back = behind / np.maximum(1 - share, 1e-5)
        front = np.clip(near + weight * (colours - weight * near - (1 - weight) * back), 0, 1)
    places = np.flatnonzero((resize(share[..., 0], alpha.shape) > 1e-3) & (alpha < OPAQUE_ALPHA))
    value = alpha.ravel()[places, None]
    own = to_float(stored.reshape(-1, 3).take(places, axis=0))
    front, back = (resize_at(planes, alpha.shape, places) for planes in (near, back))
    fused = front + value * (own - value * front - (1 - value) * back)
    result = stored.copy()
    result.reshape(-1, 3)[places] = to_uint16(fused) if stored.dtype == np.uint16 else to_uint8(fused)
    return result


def _around(planes: Planes, reach: int) -> Planes:
    """The mean of (h, w, c) over squares that reach this far."""
    side = (2 * reach + 1, 2 * reach + 1)
    mean: Planes = cv2.boxFilter(planes, -1, side, borderType=cv2.BORDER_REFLECT)  # type: ignore[assignment]
    return mean.reshape(planes.shape)
