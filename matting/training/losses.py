"""Training losses: differences between a predicted and the true alpha, each zero where they are equal.

Every loss takes tensors (N, C, H, W). All but `pixel_l1_loss` first take the mean over each picture's own region, then
the mean over the N pictures. So the loss of a batch is the mean of the losses of its parts, however many processes
share it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

EPSILON = 1e-6
"""Smooths |d| at zero, as in Deep Image Matting."""


@dataclass(frozen=True)
class Comparison:
    """What a loss compares: the answers of a network, and the truth of their batch."""

    alpha: Tensor
    coarse: Sequence[Tensor]
    """The network's answers at a fraction of the size, if it gives any."""
    truth: Tensor
    unknown: Tensor
    foreground: Tensor
    background: Tensor


LOSSES: dict[str, Callable[[Comparison], Tensor]] = {
    "l1": lambda of: l1_loss(of.alpha, of.truth, of.unknown),
    "pixel_l1": lambda of: pixel_l1_loss(of.alpha, of.truth, of.unknown),
    "square": lambda of: square_loss(of.alpha, of.truth, of.unknown),
    "laplacian": lambda of: laplacian_loss(of.alpha, of.truth, of.unknown),
    "gradient": lambda of: gradient_loss(of.alpha, of.truth, of.unknown),
    "composition": lambda of: composition_loss(
        of.alpha, of.truth, of.unknown, foreground=of.foreground, background=of.background
    ),
    "coarse": lambda of: coarse_loss(of.coarse, of.truth, of.unknown),
}
"""The losses to choose from. The field of Settings with the same name is the weight when fine-tuning."""
STUDIO_LOSSES = {
    "l1": 0.5, "pixel_l1": 0.5, "square": 1.0, "laplacian": 1.0, "gradient": 0.25, "composition": 0.5, "coarse": 0.2,
}  # fmt: skip
"""The weights of the losses with which the shipped weights were trained."""


def weighted_loss(
    answers: Tensor | Sequence[Tensor], batch: Mapping[str, Tensor], weights: Mapping[str, float]
) -> Tensor:
    """The weighted sum of the losses on unknown pixels; `weights` has keys of LOSSES.

    `answers` is alpha (N, 1, H, W), clipped or not, or a sequence of it and of coarser alphas.
    """
    alpha, *coarse = (answer.float() for answer in ([answers] if isinstance(answers, Tensor) else answers))
    truth = batch["alpha"]
    comparison = Comparison(
        within(alpha, truth), coarse, truth, batch["unknown"], batch["foreground"], batch["background"]
    )
    return torch.stack([weight * LOSSES[name](comparison) for name, weight in weights.items() if weight]).sum()


def masked_mean(values: Tensor, region: Tensor) -> Tensor:
    """The mean over pictures of the mean of `values` (N, C, H, W) where `region` (N, 1, H, W) is 1; 0 if empty."""
    weights = region.expand_as(values)
    sums = (values * weights).flatten(1).sum(dim=1)
    return (sums / weights.flatten(1).sum(dim=1).clamp_min(1)).mean()


def l1_loss(alpha: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """|α − α*|: on the unknown pixels this is, up to a factor, the SAD of the benchmarks. GCA's only loss."""
    return masked_mean((alpha - truth).abs(), region)


def pixel_l1_loss(alpha: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """|α − α*|, the mean over all pixels of `region` in the batch, so pictures with more unknown weigh more."""
    return ((alpha - truth).abs() * region).sum() / region.sum().clamp_min(1)


def square_loss(alpha: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """(α − α*)²: on the unknown pixels this is the MSE of the benchmarks."""
    return masked_mean((alpha - truth).square(), region)


def coarse_loss(answers: Sequence[Tensor], truth: Tensor, region: Tensor) -> Tensor:
    """The sum of |α − α*| of the coarser `answers`; each is compared with `truth` averaged to its size."""
    total = truth.new_zeros(())
    for answer in answers:
        side = truth.shape[2] // answer.shape[2]
        coarse = F.avg_pool2d(truth, side)
        total = total + l1_loss(within(answer, coarse), coarse, F.max_pool2d(region, side))
    return total


def within(alpha: Tensor, truth: Tensor) -> Tensor:
    """`alpha` before clipping, replaced by the truth where clipping will correct it: beyond a truth of 0 or 1."""
    beyond = ((truth <= 0) & (alpha < 0)) | ((truth >= 1) & (alpha > 1))
    return torch.where(beyond, truth, alpha)


def alpha_loss(alpha: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """√((α − α*)² + ε²) − ε (Xu et al., Deep Image Matting, CVPR 2017, equation 1; minus ε, to be zero at equality)."""
    return masked_mean(_smooth(alpha - truth), region)


def composition_loss(alpha: Tensor, truth: Tensor, region: Tensor, *, foreground: Tensor, background: Tensor) -> Tensor:
    """The same for the two composites with the true colours (Deep Image Matting, section 3.2), mean over channels."""
    return masked_mean(_smooth((alpha - truth) * (foreground - background)), region)


def deep_image_matting_loss(
    alpha: Tensor, truth: Tensor, region: Tensor, *, foreground: Tensor, background: Tensor
) -> Tensor:
    """Alpha and composition loss with a weight of 0.5 each, as in Deep Image Matting."""
    composition = composition_loss(alpha, truth, region, foreground=foreground, background=background)
    return 0.5 * alpha_loss(alpha, truth, region) + 0.5 * composition


def gradient_loss(alpha: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """The L1 distance between forward differences, in x and in y: a wrong edge costs more than a wrong level."""
    difference = alpha - truth
    right = F.pad(difference, (0, 1, 0, 0), mode="replicate").diff(dim=3)
    down = F.pad(difference, (0, 0, 0, 1), mode="replicate").diff(dim=2)
    return masked_mean(right.abs() + down.abs(), region)


def laplacian_loss(alpha: Tensor, truth: Tensor, region: Tensor, *, levels: int = 4) -> Tensor:
    """Σ |Lₗ(α) − Lₗ(α*)| over the `levels` of a Laplacian pyramid, or fewer if one is too small to be halved.

    After Hou & Liu (Context-Aware Image Matting, ICCV 2019). They double the weight with every halving; here each level
    is a mean over its own region, so coarse errors, wide but few in pixels, weigh as much as fine ones.
    """
    difference = alpha - truth
    total = difference.new_zeros(())
    for _ in range(levels):
        if min(difference.shape[2:]) < 2:
            break
        coarse = F.avg_pool2d(difference, 2, ceil_mode=True)
        smooth = F.interpolate(coarse, size=difference.shape[2:], mode="bilinear", align_corners=False)
        total = total + masked_mean((difference - smooth).abs(), region)
        difference, region = coarse, F.max_pool2d(region, 2, ceil_mode=True)
    return total


def _smooth(difference: Tensor) -> Tensor:
    return torch.sqrt(difference**2 + EPSILON**2) - EPSILON
