"""Trimaps like those people draw, for a batch on a device: narrow to very wide, uneven, with islands painted over."""

import torch
from torch import Tensor
from torch.nn import functional as F

from matting.training.pretraining.random_tensors import Chance

REACHES = ((0.45, 2.5, 12.0), (0.4, 8.0, 30.0), (0.15, 25.0, 120.0))
"""(share of the trimaps, least and most pixels by which their unknown reaches beyond the fractional alpha)."""
BRUSHES = (2, 4, 7, 12, 20)
"""Half the sides, in pixels, of the squares that paint over islands."""
BLANK = 0.02
"""The share of trimaps in which everything is unknown."""


def drawn_trimaps(alpha: Tensor, distance: Tensor, chance: Chance) -> Tensor:
    """One-hot (N, 3, H, W): background, unknown, foreground, of `alpha` (N, 1, H, W) in [0, 1].

    `distance` (N, 1, H, W) is to the nearest fractional pixel, in pixels.
    """
    count, size = len(alpha), alpha.shape[2:]
    field = F.interpolate(chance.normal(count, 1, 9, 9), size=size, mode="bicubic", align_corners=False)
    uneven = (field * chance.uniform(count, 1, 1, 1, high=0.7)).exp()
    unknown = band(alpha, distance, drawn_reach(count, chance) * uneven)
    brush = BRUSHES[chance.whole(len(BRUSHES))]
    unknown = torch.where(chance.one_of(count, 0.5), closed(unknown, brush), unknown)
    unknown = torch.where(chance.one_of(count, BLANK), torch.ones_like(unknown), unknown)
    return one_hot(alpha, unknown)


def drawn_reach(count: int, chance: Chance) -> Tensor:
    """(count, 1, 1, 1) random reaches in pixels: narrow, wide or very wide."""
    kind, reach = chance.uniform(count, 1, 1, 1), chance.uniform(count, 1, 1, 1)
    below, drawn = 0.0, torch.zeros_like(reach)
    for share, low, high in REACHES:
        drawn = torch.where(kind >= below, low * (high / low) ** reach, drawn)
        below += share
    return drawn


def band(alpha: Tensor, distance: Tensor, reach: Tensor) -> Tensor:
    """1 within `reach` of fractional pixels, and wherever `alpha` is neither 0 nor 1; else 0."""
    return ((distance <= reach) | ((alpha > 0) & (alpha < 1))).float()


def closed(unknown: Tensor, brush: int) -> Tensor:
    """`unknown`, joined by the known islands narrower than a square of 2 · `brush` + 1 pixels."""
    return torch.maximum(-_widest(-_widest(unknown, brush), brush), unknown)


def one_hot(alpha: Tensor, unknown: Tensor) -> Tensor:
    """(N, 3, H, W): background, unknown, foreground."""
    is_front = (alpha >= 0.5).float()
    return torch.cat(((1 - unknown) * (1 - is_front), unknown, (1 - unknown) * is_front), dim=1)


def _widest(x: Tensor, brush: int) -> Tensor:
    """The largest value in a square of 2 · `brush` + 1 pixels around each pixel."""
    x = F.max_pool2d(x, (2 * brush + 1, 1), stride=1, padding=(brush, 0))
    return F.max_pool2d(x, (1, 2 * brush + 1), stride=1, padding=(0, brush))
