"""BackgroundMattingV2's loss (section 4 of the paper)."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from matting.training.losses import gradient_loss, l1_loss, masked_mean


def plate_loss(answers: Sequence[Tensor], batch: Mapping[str, Tensor], _weights: Mapping[str, float]) -> Tensor:
    """L1 of alpha, its gradient and the foreground where there is any, refined and coarse; square of the expectation.

    `answers` are BGMv2's in training: its expectation of the coarse alpha's error is compared with that error.
    """
    fine, coarse, expected = (answer.float() for answer in answers)
    whole = torch.cat((batch["alpha"], batch["foreground"]), dim=1)
    total = whole.new_zeros(())
    for answer in (fine, coarse):
        truth = F.interpolate(whole, size=answer.shape[2:], mode="bilinear", align_corners=False)
        alpha, everywhere = truth[:, :1], torch.ones_like(truth[:, :1])
        total = total + l1_loss(answer[:, :1], alpha, everywhere) + gradient_loss(answer[:, :1], alpha, everywhere)
        total = total + masked_mean((answer[:, 1:] - truth[:, 1:]).abs(), (alpha > 0).to(alpha))
    return total + (expected - (coarse[:, :1].detach() - alpha).abs()).square().mean()
