"""FBA-Matting's loss: that of alpha, and a smaller one of the colours (section 3.2 of the paper)."""

from collections.abc import Mapping

from torch import Tensor

from matting.training.losses import l1_loss, laplacian_loss, weighted_loss

COLOURS = 0.25
"""Weight of the colours' loss against that of alpha."""


def layers_loss(answers: Tensor, batch: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """`weighted_loss` of the alpha, and COLOURS of `colours_loss`; `answers` (N, 7, H, W) are FBA's."""
    answers = answers.float()
    colours = colours_loss(answers[:, 1:4], answers[:, 4:], batch)
    return weighted_loss(answers[:, :1], batch, weights) + COLOURS * colours


def colours_loss(foreground: Tensor, background: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
    """L1 and Laplacian of both colours where the trimap is unknown, and L1 of what they compose with the true alpha."""
    alpha, unknown = batch["alpha"], batch["unknown"]
    total = alpha.new_zeros(())
    for colours, truth in ((foreground, batch["foreground"]), (background, batch["background"])):
        total = total + l1_loss(colours, truth, unknown) + laplacian_loss(colours, truth, unknown)
    composed = alpha * foreground + (1 - alpha) * background
    truth = alpha * batch["foreground"] + (1 - alpha) * batch["background"]
    return total + l1_loss(composed, truth, unknown)
