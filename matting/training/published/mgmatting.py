"""MGMatting's loss: each answer counts where the coarser one is undecided (section 3.2 of the paper)."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from matting.networks.published.mgmatting import WIDTHS, undecided
from matting.training.losses import weighted_loss

SHARES = (1.0, 1.0, 2.0)
"""Weights of the answers, coarsest first."""


def progressive_loss(answers: Sequence[Tensor], batch: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """The mean of `weighted_loss` over the three `answers`, finest first: the coarsest counts everywhere.

    Where an answer does not count, the one before shows through, so that losses over neighbourhoods see no holes.
    """
    fine, middle, alpha = (answer.float() for answer in answers)
    parts = [weighted_loss(alpha, {**batch, "unknown": torch.ones_like(batch["unknown"])}, weights)]
    for finer, width in zip((middle, fine), WIDTHS, strict=True):
        region = undecided(alpha.detach(), width)
        alpha = torch.where(region, finer, alpha)
        parts.append(weighted_loss(alpha, {**batch, "unknown": region.to(alpha)}, weights))
    return torch.stack([share * part for share, part in zip(SHARES, parts, strict=True)]).sum() / sum(SHARES)
