"""Automatic trimaps: an alpha or a binary mask → background, unknown band, foreground."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Trimap, check_range, describe, to_float, to_uint8
from matting.resize import resize

SURE_BACKGROUND, SURE_FOREGROUND = 0.04, 0.96
"""Alphas beyond these count as certain; between them a pixel is soft."""


@dataclass(frozen=True)
class Widths:
    """How far the unknown band reaches from the subject's edge, in pixels of the full-resolution photo."""

    inner: int
    outer: int

    def __post_init__(self) -> None:
        """Refuse what no band can be."""
        if self.inner < 0 or self.outer < 0:
            raise ValueError(f"trimap widths are 0 pixels or more, but got inner {self.inner}, outer {self.outer}")


def default_widths(alpha: NDArray[Any], *, inner: int | None = None, outer: int | None = None) -> Widths:
    """Widths that scale with the subject: 1.2 % inwards, 1.6 % outwards of the side of a square of the same area.

    `inner` or `outer`, if given, is taken as it is.
    """
    side = float(np.sqrt(np.count_nonzero(_as_alpha(alpha) >= 0.5)))
    return Widths(
        inner=max(2, round(0.012 * side)) if inner is None else inner,
        outer=max(2, round(0.016 * side)) if outer is None else outer,
    )


def make_trimap(alpha: NDArray[Any], widths: Widths | None = None) -> Trimap:
    """The trimap (H, W) of an alpha, float in [0, 1], or of a binary mask, bool or uint8.

    Every pixel within `widths.inner` of the edge on its inside, or `widths.outer` on its outside, is unknown: dilation
    and erosion with a disc. Soft pixels are unknown too, and the band around them is wider by the local width
    of that softness, so that hair gets room and a hard edge stays narrow. A binary mask gets exactly the requested
    band.

    Raises:
        ValueError: `alpha` is not a (H, W) array of floats in [0, 1], bool or uint8.
    """
    alpha = _as_alpha(alpha)
    widths = widths or default_widths(alpha)
    subject = alpha >= 0.5
    soft = (alpha > SURE_BACKGROUND) & (alpha < SURE_FOREGROUND)
    trimap = np.where(subject, FOREGROUND, BACKGROUND).astype(np.uint8)
    trimap[subject & (distance_to(~subject) <= widths.inner)] = UNKNOWN
    trimap[~subject & (distance_to(subject) <= widths.outer)] = UNKNOWN
    trimap[_room_around(soft)] = UNKNOWN
    return trimap


def unknown_share(trimap: Trimap) -> float:
    """The share of unknown pixels, 0 to 1."""
    return float(np.count_nonzero(trimap == UNKNOWN) / trimap.size)


def shrink_trimap(trimap: Trimap, size: tuple[int, int]) -> Trimap:
    """`trimap` at a smaller `size` (h, w), in which nothing known is lost; where both kinds meet, foreground stays."""
    small = np.full(size, UNKNOWN, np.uint8)
    for value in (BACKGROUND, FOREGROUND):
        small[resize((trimap == value).astype(np.float32), size) > 0] = value
    return small


def no_labels(stored: NDArray[Any]) -> NDArray[np.uint8]:
    """A trimap file (H, W) uint8 or uint16 as uint8; ValueError if it holds only small numbers, which are labels."""
    top, full = int(stored.max()), int(np.iinfo(stored.dtype).max)
    if 0 < top < full / 8:
        raise ValueError(f"a trimap's values go from 0 to {full}, but those of this map of labels only to {top}")
    return to_uint8(to_float(stored))


def snap_trimap(grey: NDArray[np.uint8]) -> Trimap:
    """Grey values (H, W) uint8 of somebody's trimap file → exactly 0 (below 85), 128, or 255 (from 170)."""
    snapped = np.full(grey.shape, UNKNOWN, np.uint8)
    snapped[grey < 85] = BACKGROUND
    snapped[grey >= 170] = FOREGROUND
    return snapped


def distance_to(region: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(H, W) float32: how far each pixel's centre is from the nearest pixel of `region`, in pixels; inf if it is empty.

    A threshold on it is a dilation with a disc of any radius at one cost.
    """
    if not region.any():
        return np.full(region.shape, np.inf, np.float32)
    return cv2.distanceTransform((~region).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)  # type: ignore[return-value]


def _room_around(soft: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """`soft` grown by about its own local half-width: little at an anti-aliased edge, much where hair is."""
    room = soft.copy()
    depth = distance_to(~soft) if soft.any() else np.zeros(soft.shape, np.float32)
    half_width = 4.0  # a defocused edge is softer than one pixel too, and needs no room
    while half_width <= min(float(depth.max(initial=0)), max(soft.shape)):
        room |= distance_to(depth >= half_width) <= 2 * half_width
        half_width *= 1.5
    return room


def _as_alpha(alpha: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """A float (H, W) array from an alpha or a mask; ValueError for anything else."""
    if not isinstance(alpha, np.ndarray) or alpha.ndim != 2 or alpha.size == 0:
        raise ValueError(f"a trimap is made from a (H, W) alpha or mask, but got {describe(alpha)}")
    if alpha.dtype == np.bool_:
        return alpha.astype(np.float32)
    if alpha.dtype == np.uint8:
        return to_float(alpha)
    if not np.issubdtype(alpha.dtype, np.floating):
        raise ValueError(f"a trimap is made from floats in [0, 1], bool or uint8, but got {alpha.dtype}")
    check_range(alpha, "alpha")
    return alpha
