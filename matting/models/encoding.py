"""A picture and its trimap as the planes that most published networks take."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matting.arrays import BACKGROUND, FOREGROUND, UNKNOWN, Image, Trimap, to_float
from matting.runtime import Tensor

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def encode_image(image: Image) -> Tensor:
    """(1, 3, H, W) with ImageNet's mean and deviation taken out."""
    return normalised(to_float(image))[None]


def encode_trimap(trimap: Trimap) -> Tensor:
    """(1, 3, H, W) one-hot: background, unknown, foreground."""
    return np.stack([trimap == label for label in (BACKGROUND, UNKNOWN, FOREGROUND)]).astype(np.float32)[None]


def encode_levels(trimap: Trimap) -> Tensor:
    """(1, 1, H, W): 0 for background, 0.5 for unknown, 1 for foreground."""
    known = np.where(trimap == FOREGROUND, 1.0, np.where(trimap == BACKGROUND, 0.0, 0.5))
    return known.astype(np.float32)[None, None]


def normalised(colours: NDArray[np.floating[Any]]) -> Tensor:
    """(H, W, 3) RGB in [0, 1] → (3, H, W) with ImageNet's mean and deviation taken out."""
    return np.ascontiguousarray(((colours - MEAN) / DEVIATION).transpose(2, 0, 1), np.float32)
