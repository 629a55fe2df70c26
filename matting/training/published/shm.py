"""Semantic Human Matting's loss (section 4.3 of the paper)."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from matting.training.losses import deep_image_matting_loss

TRIMAP = 0.01
"""Weight of the trimap's loss, as published."""
FOREGROUND, UNSURE = 1, 2
"""The classes of the network's trimap; 0 is the background."""


def semantic_loss(answers: Sequence[Tensor], batch: Mapping[str, Tensor], _weights: Mapping[str, float]) -> Tensor:
    """L1 of alpha and composite everywhere, half each, and cross-entropy of the trimap; `answers` are SHM's."""
    alpha, logits = (answer.float() for answer in answers)
    truth, unknown = batch["alpha"], batch["unknown"]
    colours = {"foreground": batch["foreground"], "background": batch["background"]}
    known = torch.where(unknown > 0, UNSURE, torch.where(truth > 0.5, FOREGROUND, 0))[:, 0]
    matting = deep_image_matting_loss(alpha, truth, torch.ones_like(truth), **colours)
    return matting + TRIMAP * F.cross_entropy(logits, known)
