"""What may be wrong with one alpha, in words for whoever drew it."""

from enum import StrEnum

import numpy as np

from matting.arrays import Alpha, Image
from matting.training.labels.fit import fits

SOFT = (0.02, 0.98)
"""Between these an alpha is neither foreground nor background."""
SOFT_A_STEP = 0.25
"""So many soft pixels there are, at least, for each step from foreground to background; a smooth edge has one."""
FRAME = 0.02
"""How wide the rim of a picture is, as a share of its short side."""
INVERTED = 0.9
"""The share of the rim that is foreground where foreground and background are likely the wrong way round."""


class Fault(StrEnum):
    """Each in words that follow the name of the picture."""

    EMPTY = "shows no subject: its alpha is background everywhere"
    FULL = "shows nothing but subject: its alpha is foreground everywhere"
    BINARY = "is a mask of black and white without soft pixels, which would teach hard edges"
    INVERTED = "may be inverted: foreground all around the frame, background inside"
    MISFIT = "does not fit its photo: the edges of the alpha lie elsewhere than those of the photo"


def faults_of(alpha: Alpha, photo: Image | None = None) -> list[Fault]:
    """What may be wrong with `alpha` (H, W) float32 of that `photo` (H, W, 3), if it is known."""
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
    """Whether `alpha` goes from 0 to 1 in steps, with hardly a pixel between."""
    inside = alpha >= 0.5
    steps = np.count_nonzero(inside[1:] != inside[:-1]) + np.count_nonzero(inside[:, 1:] != inside[:, :-1])
    return bool(np.count_nonzero((alpha > SOFT[0]) & (alpha < SOFT[1])) < SOFT_A_STEP * steps)


def is_inverted(alpha: Alpha) -> bool:
    """Whether the rim of the picture is foreground and what is inside of it is less so."""
    width = max(1, round(FRAME * min(alpha.shape)))
    is_rim = np.ones(alpha.shape, bool)
    is_rim[width:-width, width:-width] = False
    is_inside = ~is_rim
    if not is_inside.any():
        return False
    return float(alpha[is_rim].mean()) > INVERTED > float(alpha[is_inside].mean())
