"""Deep Image Matting's loss, of one stage and of both at once (sections 3.2 and 3.3 of the paper)."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from matting.training.losses import alpha_loss, deep_image_matting_loss


def one_stage_loss(alpha: Tensor, batch: Mapping[str, Tensor], _weights: Mapping[str, float]) -> Tensor:
    """Alpha and composition loss, half each; IndexNet's loss, too."""
    colours = {"foreground": batch["foreground"], "background": batch["background"]}
    return deep_image_matting_loss(alpha.float(), batch["alpha"], batch["unknown"], **colours)


def both_stages_loss(answers: Sequence[Tensor], batch: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """`one_stage_loss` of the first stage, and alpha loss of the second; `answers` are second and first."""
    second, first = answers
    return one_stage_loss(first, batch, weights) + alpha_loss(second.float(), batch["alpha"], batch["unknown"])
