"""Windows: a random part of each canvas, enlarged or shrunk, turned, perhaps mirrored."""

import torch
from torch import Tensor
from torch.nn import functional as F

from matting.training.pretraining.random_tensors import Chance

CELL = 16
"""The side, in pixels, of the cells among which a window's place is drawn."""
SMALLER, LARGER = 0.74, 1.5
"""The least and the most by which a window enlarges its canvas."""


def window(canvases: Tensor, side: int, chance: Chance) -> Tensor:
    """Windows (N, PLANES, side, side) in [0, 1] of `canvases` (N, PLANES, S, S) uint8; most hold soft pixels."""
    count, span = len(canvases), side / canvases.shape[-1]
    zoom = chance.uniform(count, low=SMALLER, high=LARGER)
    quarters = (chance.uniform(count) * 4).floor() * (chance.uniform(count) < 0.5) * (torch.pi / 2)
    angle = quarters + chance.normal(count, deviation=0.15) * (chance.uniform(count) < 0.5)
    mirror = torch.where(chance.uniform(count) < 0.5, 1.0, -1.0)
    reach = span / zoom
    shift = around_soft(canvases[:, 3], chance) + chance.uniform(count, 2, low=-0.5, high=0.5) * reach[:, None]
    slack = (1 - reach).clamp(min=0.1)[:, None]
    shift = torch.minimum(torch.maximum(shift, -slack), slack)
    return seen(canvases, side, reach=reach, angle=angle, mirror=mirror, shift=shift)


def seen(canvases: Tensor, side: int, *, reach: Tensor, angle: Tensor, mirror: Tensor, shift: Tensor) -> Tensor:
    """Windows over the share `reach` (N,) of a canvas's side, turned by `angle`, around `shift` (N, 2) in [-1, 1].

    Distances, in the last plane, are converted to the window's own pixels.
    """
    cos, sin = angle.cos() * reach, angle.sin() * reach
    rows = (cos * mirror, -sin, shift[:, 0]), (sin * mirror, cos, shift[:, 1])
    theta = torch.stack([torch.stack(row, dim=1) for row in rows], dim=1)
    field = F.affine_grid(theta, [*canvases.shape[:2], side, side], align_corners=False)
    planes = F.grid_sample(canvases.float() / 255, field, padding_mode="reflection", align_corners=False)
    planes[:, -1] *= (side / canvases.shape[-1] / reach)[:, None, None]
    return planes


def around_soft(alpha: Tensor, chance: Chance) -> Tensor:
    """(N, 2) x, y in [-1, 1] of a random place with soft pixels in each of `alpha` (N, S, S) uint8, if it has any.

    A cell is drawn in proportion to its soft pixels (exponential race). A multinomial draw would have to wait for the
    GPU.
    """
    soft = F.avg_pool2d(((alpha > 0) & (alpha < 255)).float()[:, None], CELL).flatten(1) + 1e-4
    waiting = -chance.uniform(*soft.shape).clamp_min(1e-12).log()
    cell = (soft / waiting).argmax(dim=1)
    cells = alpha.shape[-1] // CELL
    return torch.stack([cell % cells, cell // cells], dim=1) * (2 / cells) - (1 - 1 / cells)
