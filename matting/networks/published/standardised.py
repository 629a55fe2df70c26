"""Convolutions with weight standardisation (Qiao et al., arXiv 1903.10520), for training with few pictures at once."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

EPSILON = 1e-5
"""Added to the variance of each output channel's weights, as FBA-Matting was published."""


class StandardisedConv(nn.Conv2d):
    """A convolution whose weights have mean 0 and variance 1 in each output channel."""

    def forward(self, x: Tensor) -> Tensor:
        """See nn.Conv2d."""
        variance, mean = torch.var_mean(self.weight, dim=(1, 2, 3), keepdim=True, correction=0)
        weight = (self.weight - mean) * torch.rsqrt(variance + EPSILON)
        return F.conv2d(x, weight, self.bias, self.stride, self.padding, self.dilation)
