"""Canvases → a batch for the network and the losses, all of it made on the device."""

from typing import Any

import torch
from torch import Tensor

from matting.models.encoding import DEVIATION, MEAN
from matting.training.pretraining.camera import stored
from matting.training.pretraining.grouping import MERGED, behind, merged
from matting.training.pretraining.light import relit
from matting.training.pretraining.random_tensors import Chance
from matting.training.pretraining.trimaps import drawn_trimaps
from matting.training.pretraining.windows import window


@torch.no_grad()
def photographed(canvases: Tensor, side: int, chance: Chance) -> dict[str, Any]:
    """A batch as the loader makes it of crops (inputs, alpha, unknown, colours), of `canvases` (N, PLANES, S, S) uint8.

    Each picture is a window of `side` pixels, in other light, over another background, with another trimap. Its alpha
    is exact.
    """
    planes = window(canvases, side, chance)
    front, alpha = relit(planes[:, :3], chance), planes[:, 3:4].clamp(0, 1)
    back, distance = relit(planes[:, 4:7], chance), planes[:, 7:8] * 255
    front, alpha, distance = merged(front, alpha, distance, chance.one_of(len(canvases), MERGED))
    alpha = torch.where(alpha < 1 / 255, 0, torch.where(alpha > 254 / 255, 1, alpha))
    back = behind(front, alpha, back, chance)
    image = stored(front * alpha + back * (1 - alpha), chance)
    trimap = drawn_trimaps(alpha, distance, chance)
    return {
        "inputs": {"image": normalised(image), "trimap": trimap},
        "alpha": alpha,
        "unknown": trimap[:, 1:2],
        "foreground": front,
        "background": back,
    }


def normalised(image: Tensor) -> Tensor:
    """`image` (N, 3, H, W) RGB in [0, 1], normalised as `models.encoding.encode_image` does it."""
    mean, deviation = (torch.as_tensor(values, device=image.device).view(1, 3, 1, 1) for values in (MEAN, DEVIATION))
    return (image - mean) / deviation
