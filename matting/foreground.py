"""The subject's own colours, so that a new background shows no halo of the old one."""

from typing import cast

import cv2
import numpy as np

from matting.arrays import Alpha, Colours, Image, Stored, check_alpha, check_image, to_float, to_uint8, to_uint16
from matting.compiled import call
from matting.guided import Planes
from matting.resize import resize, resize_at, within

FUSED = 320
"""The long side, in pixels, at which the colours around each place are gathered for a quick foreground."""
REACHES = (10, 4, 2, 1)
"""How far around, in pixels of that size: first to find a colour everywhere, then to keep to ever nearer ones."""
OPAQUE = 0.99
"""Alpha from which a pixel's own colour is the foreground's."""


def estimate_foreground(image: Image, alpha: Alpha) -> Colours:
    """The foreground (H, W, 3) float32 in [0, 1], straight: `image` with the background taken out of soft edges.

    Where `alpha` (H, W) is 1 it is exactly the colour of `image` (H, W, 3) uint8. Where alpha is 0 it continues the
    nearby subject and holds nothing of the background, so a cut-out can be scaled or filtered without a halo.

    The multi-level estimate of Germer et al., "Fast multi-level foreground estimation", ICPR 2020.

    Raises:
        ValueError: an input is malformed or the sizes differ; names wanted and given.
    """
    check_image(image)
    check_alpha(alpha, image.shape[:2])
    own = to_float(image)
    if alpha.size == 1:  # has no levels
        return own
    foreground = cast(Colours, call("estimate_foreground_ml", own, alpha))
    foreground[alpha == 1] = own[alpha == 1]
    return foreground


def quick_foreground(stored: Stored, alpha: Alpha) -> Stored:
    """As `estimate_foreground`, at a fraction of its cost, for frames: (H, W, 3) of the type of `stored`.

    Colours are gathered at a small size and enlarged; the pixel's own detail comes back through the last line, which
    makes αF + (1 − α)B the frame again. Only soft edges and a few pixels around the subject change.

    Source: Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021 (blur fusion, repeated).
    """
    size = within((stored.shape[0], stored.shape[1]), FUSED)
    colours, weight = to_float(resize(stored, size)), np.repeat(resize(alpha, size)[..., None], 3, axis=2)
    front: Planes = colours
    back: Planes = colours
    for reach in REACHES:
        share = _around(weight, reach)
        around, behind = _around(front * weight, reach), _around(back * (1 - weight), reach)
        near: Planes = around / np.maximum(share, 1e-5)
        back = behind / np.maximum(1 - share, 1e-5)
        front = np.clip(near + weight * (colours - weight * near - (1 - weight) * back), 0, 1)
    places = np.flatnonzero((resize(share[..., 0], alpha.shape) > 1e-3) & (alpha < OPAQUE))
    value = alpha.ravel()[places, None]
    own = to_float(stored.reshape(-1, 3).take(places, axis=0))
    front, back = (resize_at(planes, alpha.shape, places) for planes in (near, back))
    fused = front + value * (own - value * front - (1 - value) * back)
    result = stored.copy()
    result.reshape(-1, 3)[places] = to_uint16(fused) if stored.dtype == np.uint16 else to_uint8(fused)
    return result


def _around(planes: Planes, reach: int) -> Planes:
    """The mean of (h, w, c) over squares that reach so far."""
    side = (2 * reach + 1, 2 * reach + 1)
    mean: Planes = cv2.boxFilter(planes, -1, side, borderType=cv2.BORDER_REFLECT)  # type: ignore[assignment]
    return mean.reshape(planes.shape)
