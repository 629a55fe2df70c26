"""Training losses: differences between a predicted and the true alpha, each zero where they are equal.

Every loss takes tensors (N, C, H, W). But for `pixel_l1_loss` each is the mean over the N pictures of a mean over each
picture's own region, so that the loss of a batch is the mean of the losses of its parts, however many processes share
it.
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

EPSILON = 1e-6
"""Of Deep Image Matting: smooths |d| at zero."""


def weighted_loss(
    answers: Tensor | Sequence[Tensor], batch: Mapping[str, Tensor], weights: Mapping[str, float]
) -> Tensor:
    """The sum of the losses that have a weight, by the names below, on unknown pixels.

    `answers` is alpha (N, 1, H, W), clipped or not, or that and others at fractions of the size.
    """
    alpha, *coarse = (answer.float() for answer in ([answers] if isinstance(answers, Tensor) else answers))
    truth, unknown = batch["alpha"], batch["unknown"]
    colours = {name: batch[name] for name in ("foreground", "background")}
    alpha = within(alpha, truth)
    terms: dict[str, Callable[[], Tensor]] = {
        "l1": lambda: l1_loss(alpha, truth, unknown),
        "pixel_l1": lambda: pixel_l1_loss(alpha, truth, unknown),
        "square": lambda: square_loss(alpha, truth, unknown),
        "laplacian": lambda: laplacian_loss(alpha, truth, unknown),
        "gradient": lambda: gradient_loss(alpha, truth, unknown),
        "composition": lambda: composition_loss(alpha, truth, unknown, **colours),
        "coarse": lambda: coarse_loss(coarse, truth, unknown),
    }
    return torch.stack([weight * terms[name]() for name, weight in weights.items() if weight]).sum()


def masked_mean(values: Tensor, region: Tensor) -> Tensor:
    """The mean over pictures of the mean of `values` (N, C, H, W) where `region` (N, 1, H, W) is 1; empty counts 0."""
    weights = region.expand_as(values)
    sums = (values * weights).flatten(1).sum(dim=1)
    return (sums / weights.flatten(1).sum(dim=1).clamp_min(1)).mean()


def l1_loss(alpha: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """|α − α*|: with `region` the unknown pixels, the SAD of the benchmarks up to scale. GCA's only loss."""
    return masked_mean((alpha - truth).abs(), region)


def pixel_l1_loss(alpha: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """|α − α*| over all of the batch's pixels of `region` alike, so that pictures with much unknown weigh more."""
    return ((alpha - truth).abs() * region).sum() / region.sum().clamp_min(1)


def square_loss(alpha: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """(α − α*)²: with `region` the unknown pixels, the MSE of the benchmarks."""
    return masked_mean((alpha - truth).square(), region)


def coarse_loss(answers: Sequence[Tensor], truth: Tensor, region: Tensor) -> Tensor:
    """The sum of |α − α*| of answers at a fraction of the size, against the means of `truth` over their pixels."""
    total = truth.new_zeros(())
    for answer in answers:
        side = truth.shape[2] // answer.shape[2]
        coarse = F.avg_pool2d(truth, side)
        total = total + l1_loss(within(answer, coarse), coarse, F.max_pool2d(region, side))
    return total


def within(alpha: Tensor, truth: Tensor) -> Tensor:
    """`alpha`, not clipped yet, but the truth itself where clipping will make it right: beyond a truth of 0 or 1."""
    beyond = ((truth <= 0) & (alpha < 0)) | ((truth >= 1) & (alpha > 1))
    return torch.where(beyond, truth, alpha)


def alpha_loss(alpha: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """√((α − α*)² + ε²) − ε (Xu et al., Deep Image Matting, CVPR 2017, equation 1; less ε, to be zero at equality)."""
    return masked_mean(_smooth(alpha - truth), region)


def composition_loss(alpha: Tensor, truth: Tensor, region: Tensor, *, foreground: Tensor, background: Tensor) -> Tensor:
    """The same of the two composites with the true colours (Deep Image Matting, section 3.2), mean over channels."""
    return masked_mean(_smooth((alpha - truth) * (foreground - background)), region)


def deep_image_matting_loss(
    alpha: Tensor, truth: Tensor, region: Tensor, *, foreground: Tensor, background: Tensor
) -> Tensor:
    """Alpha and composition loss in equal parts, weight 0.5 each, as Deep Image Matting trains."""
    composition = composition_loss(alpha, truth, region, foreground=foreground, background=background)
    return 0.5 * alpha_loss(alpha, truth, region) + 0.5 * composition


def gradient_loss(alpha: Tensor, truth: Tensor, region: Tensor) -> Tensor:
    """The L1 distance of the forward differences in x and in y: wrong edges cost more than a wrong level."""
    difference = alpha - truth
    right = F.pad(difference, (0, 1, 0, 0), mode="replicate").diff(dim=3)
    down = F.pad(difference, (0, 0, 0, 1), mode="replicate").diff(dim=2)
    return masked_mean(right.abs() + down.abs(), region)


def laplacian_loss(alpha: Tensor, truth: Tensor, region: Tensor, *, levels: int = 4) -> Tensor:
    """Σ |Lₗ(α) − Lₗ(α*)| over the `levels` of a Laplacian pyramid; a level too small to be halved ends it.

    After Hou & Liu (Context-Aware Image Matting, ICCV 2019). Their sum doubles a level's weight for every halving;
    here each level is a mean over its own region, so that coarse errors, wide but few in pixels, weigh as fine ones do.
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
