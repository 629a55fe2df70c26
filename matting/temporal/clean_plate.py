"""A clean plate, one picture of the empty background, improves the alpha: what looks like the plate is background.

The idea is that of Sengupta et al., "Background Matting: The World is Your Green Screen", CVPR 2020, without their
network. It needs a camera that stands still.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from matting.arrays import Alpha, Image
from matting.resize import resize

SAME_LEVELS, OTHER_LEVELS = 9.0, 28.0
"""Mean colour difference, in grey levels, up to which a pixel shows the background, and above which it does not."""
SUBJECT_ALPHA = 0.9
"""Alpha above which a pixel counts as the subject, from which colours and connected parts are taken."""
COLOUR_WEIGHT = 0.5
"""How far a soft alpha moves towards the alpha that its colour gives."""
NOISE_LEVELS = 12.0
"""Distance between subject and background colour, in grey levels, from which a colour can give an alpha."""


def with_plate(alpha: Alpha, frame: Image, plate: Image) -> Alpha:
    """`alpha` (H, W) of `frame` (H, W, 3) uint8, corrected by `plate` (h, w, 3) uint8, the view without the subject.

    Where the frame shows the plate, alpha falls to 0. Soft alphas move towards what the colours of frame, plate and
    nearby subject give. What differs from the plate and is connected to the subject becomes part of it.
    """
    empty = _as_bright_as(frame, resize(plate, frame.shape[:2]), alpha)
    difference = cv2.blur(cv2.absdiff(frame, empty).max(axis=2).astype(np.float32), (5, 5))
    other: Alpha = np.clip((difference - SAME_LEVELS) / (OTHER_LEVELS - SAME_LEVELS), 0, 1).astype(np.float32)
    without_debris = alpha * np.maximum(other, np.clip(2 * alpha - 1, 0, 1))
    return _with_parts(_by_colours(without_debris, frame, empty), other)


def _by_colours(alpha: Alpha, frame: Image, empty: Image) -> Alpha:
    """Move soft alphas towards the α that solves frame = αF + (1 − α)B, where F is the mean subject colour around."""
    around = (max(5, min(alpha.shape) // 8) | 1,) * 2
    sure = (alpha > SUBJECT_ALPHA).astype(np.float32)
    weight = cv2.blur(sure, around)
    pixels, behind = frame.astype(np.float32), empty.astype(np.float32)
    subject = cv2.blur(pixels * sure[..., None], around) / np.maximum(weight, 1e-3)[..., None]
    apart = subject - behind
    distance = (apart * apart).sum(axis=2)
    solved = np.clip(((pixels - behind) * apart).sum(axis=2) / np.maximum(distance, 1), 0, 1)
    trust = (
        COLOUR_WEIGHT
        * distance
        / (distance + 3 * NOISE_LEVELS**2)
        * ((weight > 0.02) & (alpha > 0.02) & (alpha < 0.98))
    )
    mixed: Alpha = (alpha + trust * (solved - alpha)).astype(np.float32)
    return mixed


def _with_parts(alpha: Alpha, other: NDArray[np.float32]) -> Alpha:
    """Add the parts the model missed: what differs from the plate, by `other` (H, W) in [0, 1], and touches the sure
    subject."""
    inner = cv2.erode(other, np.ones((5, 5), np.uint8))  # takes off the rim that blurring the difference added
    _, labels = cv2.connectedComponents((inner > 0.8).astype(np.uint8))
    touching = np.unique(labels[alpha > SUBJECT_ALPHA])
    is_part = np.isin(labels, touching[touching > 0])
    lifted: Alpha = np.where(is_part, np.maximum(alpha, inner), alpha).astype(np.float32)
    return lifted


def _as_bright_as(frame: Image, plate: Image, alpha: Alpha) -> Image:
    """`plate`, each channel scaled so that the sure background is as bright as in `frame`."""
    background = alpha < 0.02
    if background.mean() < 0.05:
        return plate
    gain = frame[background].mean(axis=0) / np.maximum(plate[background].mean(axis=0), 1)
    level: Image = np.clip(plate * np.clip(gain, 0.7, 1.4), 0, 255).astype(np.uint8)
    return level
