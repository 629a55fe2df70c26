"""Preparing networks for use: norms that only training needs are folded into convolutions; the values stay the same.

Some files hold convolutions whose norms are folded already; `idle_norm` puts a norm back that changes nothing.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from matting.networks.ib_norm import IBNorm
from matting.networks.spectral import SpectralConv

CONVOLUTIONS = nn.Conv2d | nn.ConvTranspose2d


def fold_spectral_norm(module: nn.Module) -> None:
    """Replace every SpectralConv inside `module` by the equivalent plain convolution."""
    for name, child in module.named_children():
        if isinstance(child, SpectralConv):
            setattr(module, name, child.folded())
        else:
            fold_spectral_norm(child)


def fold_batch_norm(module: nn.Module) -> None:
    """In a network in evaluation mode, fold every batch norm that directly follows a convolution into it.

    Norms after an activation stay: a convolution padded with zeros could not add the same at the border.
    """
    before, last = "", module
    for name, child in module.named_children():
        if isinstance(child, nn.BatchNorm2d) and isinstance(last, CONVOLUTIONS):
            setattr(module, before, fuse_conv_bn_eval(last, child, transpose=isinstance(last, nn.ConvTranspose2d)))
            setattr(module, name, nn.Identity())
        if isinstance(child, IBNorm) and isinstance(last, nn.Conv2d):
            child.fold_into(last)
        fold_batch_norm(child)
        before, last = name, child


def idle_norm(name: str, bias: Tensor) -> dict[str, Tensor]:
    """The tensors of a batch norm called `name` that only adds `bias` (C,)."""
    one = torch.ones_like(bias)
    return {
        f"{name}.weight": one,
        f"{name}.bias": bias,
        f"{name}.running_mean": torch.zeros_like(bias),
        f"{name}.running_var": one - nn.BatchNorm2d(1).eps,
    }
