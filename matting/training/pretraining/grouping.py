"""New combinations of a batch's scenes: a second foreground on top, and other backgrounds behind."""

import torch
from torch import Tensor
from torch.nn import functional as F

from matting.training.pretraining.random_tensors import Chance

MERGED = 0.2
"""Share of the pictures in which a second foreground lies over the first."""
NEIGHBOUR = 1
"""How many places further in the batch that foreground comes from; backgrounds come from further away."""


def merged(front: Tensor, alpha: Tensor, distance: Tensor, is_chosen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Colours, alpha and distance; pictures of `is_chosen` (N, 1, 1, 1) get their neighbour's foreground on top.

    A picture that would be left with next to no background stays as it is.
    """
    upper = alpha.roll(NEIGHBOUR, 0)
    share = upper + alpha * (1 - upper)
    colours = front.roll(NEIGHBOUR, 0) * upper + front * alpha * (1 - upper)
    mixed = torch.where(share > 1e-3, colours / share.clamp_min(1e-3), front)
    is_merged = is_chosen & (share.mean(dim=(2, 3), keepdim=True) < 0.9)
    both = mixed, share, torch.minimum(distance, distance.roll(NEIGHBOUR, 0))
    front, alpha, distance = (
        torch.where(is_merged, *pair) for pair in zip(both, (front, alpha, distance), strict=True)
    )
    return front, alpha, distance


def behind(front: Tensor, alpha: Tensor, back: Tensor, chance: Chance) -> Tensor:
    """Backgrounds (N, 3, H, W): the canvas's own, another canvas's, a whole other scene, or the scene itself moved.

    Three in ten are shifted towards the foreground's mean colour, and three in ten are out of focus.
    """
    count = len(back)
    scenes = front * alpha + back * (1 - alpha)
    itself = scenes.flip(3 if chance.whole(2) else 2).roll((chance.whole(200), chance.whole(200)), (2, 3))
    pick = chance.uniform(count, 1, 1, 1)
    other = torch.where(pick < 0.9, scenes.roll(5, 0), itself)
    mixed = torch.where(pick < 0.5, back, torch.where(pick < 0.75, back.roll(3, 0), other))
    mean = (front * alpha).mean(dim=(2, 3), keepdim=True) / alpha.mean(dim=(2, 3), keepdim=True).clamp_min(1e-3)
    toward = chance.uniform(count, 1, 1, 1) * chance.one_of(count, 0.3)
    mixed = mixed + toward * (mean - mixed.mean(dim=(2, 3), keepdim=True))
    cell = (2, 4, 8, 16)[chance.whole(4)]
    coarse = F.interpolate(F.avg_pool2d(mixed, cell), size=mixed.shape[2:], mode="bilinear", align_corners=False)
    return torch.where(chance.one_of(count, 0.3), coarse, mixed).clamp(0, 1)
