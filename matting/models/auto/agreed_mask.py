"""A subject that coarse alphas only guess at: the mask of MobileSAM that agrees best with one of them.

Each coarse alpha is right somewhere. A point deep inside it is put to MobileSAM as a click. The best of the masks that
this gives covers what one of the alphas covers, and MobileSAM itself is sure of it. docs/log/models.md measures it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matting.arrays import Alpha, Image
from matting.models.mobile_sam import Point, Selector
from matting.resize import resize, within
from matting.solving.guided_upsampling import guided_upsample
from matting.trimap import distance_to

CERTAIN = 0.9
"""The coarse alpha from which a pixel counts as inside."""
SMALLEST_MASK = 0.002
"""The least share of the picture that a mask covers."""
GUIDED = 512
"""The long side at which a mask's edge is fitted to the photo; MobileSAM draws it at 256."""


@dataclass(frozen=True)
class AgreedMask:
    """A mask, (h, w) bool as MobileSAM sees the photo, and how well it is agreed upon, about 0 to 1."""

    mask: NDArray[np.bool_]
    agreement: float


def agreed_mask(image: Image, coarse: Sequence[Alpha]) -> AgreedMask | None:
    """The mask MobileSAM gives for the thing in `image` (H, W, 3) uint8 that the `coarse` alphas (H, W) point at.

    None if no alpha is certain of a pixel, or MobileSAM finds nothing there.

    Raises:
        WeightsError: the weights cannot be obtained.
    """
    points = list(deep_points(coarse))
    if not points:
        return None
    selector = Selector(image)
    small = [selector.shrink(alpha) for alpha in coarse]
    best: AgreedMask | None = None
    for point in points:
        logits, scores, _ = selector.candidates([selector.shown(point)])
        for candidate, score in zip(logits, scores, strict=True):
            mask = selector.mask(candidate)
            agreement = (max(overlap(mask, alpha) for alpha in small) + float(score)) / 2
            if mask.mean() >= SMALLEST_MASK and (best is None or agreement > best.agreement):
                best = AgreedMask(mask, agreement)
    return best


def deep_points(coarse: Sequence[Alpha]) -> Iterator[Point]:
    """The deepest certain pixel of each alpha, and of what all of them are certain of; none if there is none."""
    certain = [alpha > CERTAIN for alpha in coarse]
    for region in (*certain, np.logical_and.reduce(certain)):
        if region.any():
            depth = distance_to(np.pad(~region, 1, constant_values=True))[1:-1, 1:-1]
            y, x = np.unravel_index(int(depth.argmax()), region.shape)
            yield Point(int(x), int(y))


def overlap(mask: NDArray[np.bool_], alpha: Alpha) -> float:
    """Intersection over union of a mask and an alpha, both (h, w), 0 to 1."""
    either = np.maximum(mask, alpha).sum()
    return float(np.minimum(mask, alpha).sum() / either) if either else 0.0


def soft_edged(mask: NDArray[np.bool_], image: Image) -> Alpha:
    """(H, W) float32: a mask (h, w) of MobileSAM at the size of its photo `image`, its edge fitted to the photo's."""
    size = within((image.shape[0], image.shape[1]), GUIDED)
    return guided_upsample(resize(mask.astype(np.float32), size), image)
