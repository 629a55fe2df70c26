"""GCA as published, the slow reference: attention is two convolutions with one filter per patch, all at once.

Time and memory are those of that formulation: (H·W/256)² scores in several copies, and no norm folded away.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from matting.networks import guided_attention
from matting.networks.published.gca import GCA
from matting.networks.published.shortcut_resnet import UpBlock


def attend(guidance: Tensor, features: Tensor, unknown: Tensor, *, memory: int | None = None) -> Tensor:  # noqa: ARG001
    """The same arguments and result as `matting.networks.guided_attention.attend`."""
    return torch.cat([_attend_one(*each) for each in zip(guidance, features, unknown, strict=True)])


def _attend_one(guidance: Tensor, features: Tensor, unknown: Tensor) -> Tensor:
    """(G, h, w), (C, 2h, 2w), (1, h, w) → (1, C, 2h, 2w)."""
    height, width = guidance.shape[1:]
    count = height * width
    keys = _patches(guidance, kernel=3, stride=1)
    values = _patches(features, kernel=4, stride=2)
    is_unknown = (_patches(unknown, kernel=3, stride=1).mean(dim=(1, 2, 3)) > 0).float().view(1, count, 1, 1)
    share = unknown.mean()
    for_unknown = (share / (1 - share)).sqrt().clamp(0.1, 10)
    for_known = ((1 - share) / share).sqrt().clamp(0.1, 10)

    filters = keys / keys.square().sum(dim=(1, 2, 3), keepdim=True).sqrt().clamp_min(1e-4)
    scores = F.conv2d(F.pad(guidance[None], (1, 1, 1, 1), mode="reflect"), filters)
    scores = scores * (for_unknown * is_unknown + for_known * (1 - is_unknown))
    itself = F.one_hot(torch.arange(count, device=scores.device), num_classes=count).float().T
    scores = scores + itself.view(1, count, height, width) * -1e4 * is_unknown
    return F.conv_transpose2d(scores.softmax(dim=1), values, stride=2, padding=1) / 4


def _patches(x: Tensor, *, kernel: int, stride: int) -> Tensor:
    """(C, H, W) → (patches, C, kernel, kernel), with a mirrored border."""
    margin = (kernel - stride + 1) // 2
    x = F.pad(x[None], (margin, kernel - stride - margin) * 2, mode="reflect")[0]
    return x.unfold(1, kernel, stride).unfold(2, kernel, stride).permute(1, 2, 0, 3, 4).flatten(0, 1).contiguous()


def published_gca() -> GCA:
    """The network as published: separate norms, whole layers, the attention above. It changes GCA in this process."""
    guided_attention.attend = attend
    GCA._finish_in_strips = GCA._finish  # type: ignore[method-assign]
    network = GCA().eval()
    for module in network.modules():
        if isinstance(module, UpBlock) and isinstance(module.upsample, nn.Sequential):
            convolution, norm, enlarge = module.upsample
            module.upsample = nn.Sequential(enlarge, convolution, norm)
    return network
