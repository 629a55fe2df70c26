"""IBNorm: batch norm for half of the channels, instance norm for the others (Pan et al., "IBN-Net", ECCV 2018)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_weights


class IBNorm(nn.Module):
    """Batch norm for the first half of the channels, instance norm without weights for the second, as in MODNet."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bnorm: nn.Module = nn.BatchNorm2d(channels // 2)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) → the same shape."""
        first, second = x.chunk(2, dim=1)
        return torch.cat((self.bnorm(first), F.instance_norm(second)), dim=1)

    def fold_into(self, convolution: nn.Conv2d) -> None:
        """Fold the batch norm, in evaluation mode, into the `convolution` before it, which must have a bias."""
        norm, half = self.bnorm, convolution.out_channels // 2
        if not isinstance(norm, nn.BatchNorm2d):
            return  # folded before
        assert norm.running_mean is not None and norm.running_var is not None and convolution.bias is not None
        weight, bias = fuse_conv_bn_weights(
            convolution.weight[:half], convolution.bias[:half], norm.running_mean, norm.running_var, norm.eps,
            norm.weight, norm.bias,
        )  # fmt: skip
        convolution.weight = nn.Parameter(torch.cat((weight, convolution.weight[half:])).detach())
        convolution.bias = nn.Parameter(torch.cat((bias, convolution.bias[half:])).detach())
        self.bnorm = nn.Identity()
