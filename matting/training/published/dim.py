"""Deep Image Matting's loss for both stages at once (sections 3.2 and 3.3 of the paper)."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from matting.training.losses import alpha_loss, deep_image_matting_loss


def both_stages_loss(answers: Sequence[Tensor], batch: Mapping[str, Tensor], _weights: Mapping[str, float]) -> Tensor:
    """Alpha and composition loss of the first stage, and alpha loss of the second; `answers` are second and first."""
    second, first = (answer.float() for answer in answers)
    truth, unknown = batch["alpha"], batch["unknown"]
    colours = {"foreground": batch["foreground"], "background": batch["background"]}
    return deep_image_matting_loss(first, truth, unknown, **colours) + alpha_loss(second, truth, unknown)
