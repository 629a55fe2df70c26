"""A first guess like that of a sampling solver, cheap enough to be a network's input.

The colours of the known foreground and background are spread into the unknown by a pyramid of means. The alpha of a
pixel follows from its colour between the two.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

HINTS = 7
"""Channels: foreground RGB, background RGB, alpha."""
LEVELS = 8
"""Halvings of the pyramid: its coarsest cells are 256 pixels wide."""
LEAST_CONTRAST = 0.03
"""Added to the squared distance between the two colours, so that similar ones give little alpha."""


def colour_hints(image: Tensor, trimap: Tensor) -> Tensor:
    """(N, 7, H, W): foreground and background colours, encoded as `image` is; the alpha between them, in [-1, 1].

    `image` (N, 3, H, W); `trimap` (N, 3, H, W) one-hot: background, unknown, foreground.
    """
    front, back = spread(image, trimap[:, 2:3]), spread(image, trimap[:, 0:1])
    apart = front - back
    along = ((image - back) * apart).sum(1, keepdim=True) / (apart.square().sum(1, keepdim=True) + LEAST_CONTRAST)
    between = along.clamp(0, 1) * trimap[:, 1:2] + trimap[:, 2:3]
    return torch.cat((front, back, 2 * between - 1), dim=1)


def spread(colours: Tensor, known: Tensor) -> Tensor:
    """`colours` (N, 3, H, W) where `known` (N, 1, H, W) is 1, elsewhere means of the known colours around.

    The means are over cells of 2, 4, 8 … pixels; a cell with few known pixels uses the next coarser cell instead. Zero
    if nothing is known at all.
    """
    sums = [torch.cat((colours * known, known), dim=1)]
    for _ in range(LEVELS):
        sums.append(F.avg_pool2d(sums[-1], 2, ceil_mode=True, count_include_pad=False))
    total = sums[-1].mean(dim=(2, 3), keepdim=True)
    x = (total[:, :3] / total[:, 3:].clamp_min(1e-6)).expand(-1, -1, *sums[-1].shape[2:])
    for level in reversed(sums):
        share = level[:, 3:]
        x = F.interpolate(x, size=level.shape[2:], mode="bilinear", align_corners=False)
        x = x + (4 * share).clamp(0, 1) * (level[:, :3] / share.clamp_min(1e-6) - x)
    return x
