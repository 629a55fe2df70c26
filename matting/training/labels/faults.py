"""What may be wrong with an alpha, in words for the person who drew it."""

from enum import StrEnum

import numpy as np

from matting.arrays import Alpha, Image
from matting.training.labels.fit import fits

SOFT = (0.02, 0.98)
"""Between these values an alpha is neither foreground nor background."""
SOFT_A_STEP = 0.25
"""The fewest soft pixels per step from foreground to background; a smooth edge has one per step."""
FRAME = 0.02
"""The width of the rim of a picture, as a share of its short side."""
INVERTED = 0.9
"""If more than this share of the rim is foreground, foreground and background may be swapped."""


class Fault(StrEnum):
    """Words that follow the name of the picture."""

    EMPTY = "shows no subject: its alpha is background everywhere"
    FULL = "shows nothing but subject: its alpha is foreground everywhere"
    BINARY = "is a black-and-white mask without soft pixels, which would teach hard edges"
    INVERTED = "may be inverted: it is foreground all around the frame, and background inside"
    MISFIT = "does not fit its photo: the edges of the alpha are not where those of the photo are"


def faults_of(alpha: Alpha, photo: Image | None = None) -> list[Fault]:
    """What may be wrong with `alpha` (H, W) float32; whether it fits its `photo` (H, W, 3) only if that is given."""
    if alpha.max() <= SOFT[0]:
        return [Fault.EMPTY]
    if alpha.min() >= SOFT[1]:
        return [Fault.FULL]
    found = []
    if is_binary(alpha):
        found.append(Fault.BINARY)
    if is_inverted(alpha):
        found.append(Fault.INVERTED)
    if photo is not None and not fits(photo, alpha):
        found.append(Fault.MISFIT)
    return found


def is_binary(alpha: Alpha) -> bool:
    """Whether `alpha` jumps from 0 to 1, with hardly a soft pixel between."""
    inside = alpha >= 0.5
    steps = np.count_nonzero(inside[1:] != inside[:-1]) + np.count_nonzero(inside[:, 1:] != inside[:, :-1])
    return bool(np.count_nonzero((alpha > SOFT[0]) & (alpha < SOFT[1])) < SOFT_A_STEP * steps)


def is_inverted(alpha: Alpha) -> bool:
    """Whether the rim of the picture is foreground and the inside is not."""
    width = max(1, round(FRAME * min(alpha.shape)))
    is_rim = np.ones(alpha.shape, bool)
    is_rim[width:-width, width:-width] = False
    is_inside = ~is_rim
    if not is_inside.any():
        return False
    return float(alpha[is_rim].mean()) > INVERTED > float(alpha[is_inside].mean())
