"""MODNet's losses (Ke et al., AAAI 2022, arXiv 2011.11961): three objectives, and their consistency without labels.

Tensors are (N, C, H, W). Every loss is a mean over the pictures, so the loss of a batch is the mean of the losses of
its parts. The weights are those of the published training code.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from matting.training.losses import masked_mean

COARSE = 16
"""The factor by which semantics are smaller than the picture."""
SEMANTIC, DETAIL = 10.0, 10.0
"""Weights of these losses; that of the alpha loss is 1."""
ON_BOUNDARY = 4.0
"""The extra weight of the boundary in the alpha loss."""
CONSISTENT_SEMANTICS = 100.0
"""Weight in the adaptation; that of the detail is 1."""
TOUCHED, FAINT, BAND = 0.1, 0.01, 0.05
"""Alpha above which a pixel counts as subject, alpha up to which it counts as none, and the width of the boundary as a
share of the side.
"""


def modnet_loss(
    answers: tuple[Tensor, Tensor, Tensor], batch: Mapping[str, Tensor], _weights: Mapping[str, float]
) -> Tensor:
    """Semantics, detail and alpha together; the boundary is the trimap's unknown region."""
    semantics, detail, alpha = (answer.float() for answer in answers)
    truth, boundary = batch["alpha"], batch["unknown"]
    colours = {name: batch[name] for name in ("foreground", "background")}
    return (
        SEMANTIC * semantic_loss(semantics, truth)
        + DETAIL * detail_loss(detail, truth, boundary)
        + alpha_loss(alpha, truth, boundary, **colours)
    )


def coarse(alpha: Tensor) -> Tensor:
    """The target of semantics: `alpha` at 1/16 of its size, bilinear, then blurred (3 × 3, σ = 0.8, mirrored)."""
    small = F.interpolate(alpha, scale_factor=1 / COARSE, mode="bilinear", align_corners=False)
    weights = small.new_tensor([0.25, 0.5, 0.25])  # a Gaussian of 0.8 on three pixels, to 3e-4
    return F.conv2d(F.pad(small, (1, 1, 1, 1), mode="reflect"), (weights[:, None] * weights)[None, None])


def semantic_loss(semantics: Tensor, truth: Tensor) -> Tensor:
    """Mean squared error of `semantics` (N, 1, H/16, W/16) (equation 2, times 2)."""
    return F.mse_loss(semantics, coarse(truth))


def detail_loss(detail: Tensor, truth: Tensor, boundary: Tensor) -> Tensor:
    """Mean over all pixels of the error on the `boundary`, which is 1 there and 0 elsewhere (equation 3)."""
    return (boundary * (detail - truth).abs()).mean()


def alpha_loss(alpha: Tensor, truth: Tensor, boundary: Tensor, *, foreground: Tensor, background: Tensor) -> Tensor:
    """Mean error of alpha and of the composite with the true colours, with more weight on the boundary (equation 4)."""
    error = (alpha - truth).abs()
    composite = error * (foreground - background).abs()
    return ((1 + ON_BOUNDARY * boundary) * (error + composite.mean(dim=1, keepdim=True))).mean()


def consistency_loss(semantics: Tensor, alpha: Tensor) -> Tensor:
    """The distance between semantics and coarse alpha; each is a fixed target for the other (section 3.3, L_cons)."""
    small = coarse(alpha)
    return F.mse_loss(semantics, _clear(small)) + F.mse_loss(small, _clear(semantics))


def steadiness_loss(
    detail: Tensor, alpha: Tensor, detail_before: Tensor, alpha_before: Tensor, boundary: Tensor
) -> Tensor:
    """How far detail and alpha on the boundary have drifted since before the adaptation (section 3.3, L_dd)."""
    drift = (detail - detail_before).abs() + (alpha - alpha_before).abs()
    return masked_mean(drift, boundary)


@torch.no_grad()
def boundary_of(alpha: Tensor, semantics: Tensor) -> Tensor:
    """(N, 1, H, W), 1 within a fortieth of the side from the edge of the subject, by alpha and semantics; else 0."""
    height, width = alpha.shape[2:]
    near = F.interpolate((semantics > TOUCHED).to(alpha.dtype), size=(height, width), mode="bilinear")
    subject = ((alpha > TOUCHED) & (near > 0)).to(alpha.dtype)
    reach = max(1, int((height + width) / 2 * BAND) // 2)
    widest, narrowest = (F.max_pool2d(side, 2 * reach + 1, 1, reach) for side in (subject, -subject))
    return (widest + narrowest != 0).to(alpha.dtype)


def _clear(target: Tensor) -> Tensor:
    """`target`, detached, with faint values set to 0."""
    target = target.detach()
    return target * (target > FAINT)
