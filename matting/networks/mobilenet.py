"""MobileNetV2's trunk (Sandler et al., CVPR 2018, arXiv 1801.04381) under torchvision's parameter names.

ImageNet weights in torchvision's file format start it. Its batch norms, which small batches could only harm, are folded
into the convolutions for good: a training step takes a third less work.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1))
"""Expansion, channels, blocks, stride of the first block (the paper's table 2, without its last two stages)."""
TAPS = (1, 3, 6, 13)
"""Indices into `features` of the last layer at 1/2, 1/4, 1/8 and 1/16 of the picture's size."""
TAP_CHANNELS = (16, 24, 32, 96)
EPSILON = 1e-5
"""What torchvision's batch norms add to a variance."""


class MobileNetV2(nn.Module):
    """A picture (N, C, H, W) in, features at four sizes out."""

    def __init__(self, inputs: int = 3) -> None:
        super().__init__()
        layers: list[nn.Module] = [filtered(inputs, 32, stride=2)]
        channels = 32
        for expansion, outputs, blocks, stride in STAGES:
            for block in range(blocks):
                step = stride if block == 0 else 1
                layers.append(InvertedResidual(channels, outputs, stride=step, expansion=expansion))
                channels = outputs
        self.features = nn.Sequential(*layers)

    def forward(self, picture: Tensor) -> list[Tensor]:
        """(N, C, H, W), H and W multiples of 16 → features of TAP_CHANNELS at 1/2 … 1/16."""
        taps = []
        for index, layer in enumerate(self.features):
            picture = layer(picture)
            if index in TAPS:
                taps.append(picture)
        return taps

    def load_imagenet(self, weights: Mapping[str, Tensor]) -> None:
        """Take the trunk of torchvision's `mobilenet_v2` state dict, its batch norms folded into the convolutions.

        Channels beyond RGB start with weights of zero. Raises ValueError where a weight is missing or misshapen.
        """
        own = self.state_dict()
        for name in [name for name in own if name.endswith(".weight")]:
            stem, index = name.removesuffix(".weight").rsplit(".", 1)
            norm = f"{stem}.{int(index) + 1}"
            try:
                kernel, scale, shift, mean, variance = (
                    weights[key]
                    for key in (name, f"{norm}.weight", f"{norm}.bias", f"{norm}.running_mean", f"{norm}.running_var")
                )
            except KeyError as error:
                raise ValueError(f"MobileNetV2 weights must hold {error}, but do not") from error
            scale = scale / (variance + EPSILON).sqrt()
            kernel = kernel * scale[:, None, None, None]
            if name == "features.0.0.weight":
                extra = own[name].shape[1] - kernel.shape[1]
                kernel = torch.cat((kernel, kernel.new_zeros(32, extra, *kernel.shape[2:])), dim=1)
            if kernel.shape != own[name].shape:
                raise ValueError(f"{name} must be {tuple(own[name].shape)}, but is {tuple(kernel.shape)}")
            own[name], own[name.replace(".weight", ".bias")] = kernel, shift - mean * scale
        self.load_state_dict(own)


class InvertedResidual(nn.Module):
    """Widen by 1 × 1, filter each channel alone by 3 × 3, narrow by 1 × 1; added to its input where sizes agree."""

    def __init__(self, inputs: int, outputs: int, *, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        layers: list[nn.Module] = [] if expansion == 1 else [filtered(inputs, wide, kernel=1)]
        layers += [filtered(wide, wide, stride=stride, groups=wide)]
        layers += [nn.Conv2d(wide, outputs, 1)]
        self.conv = nn.Sequential(*layers)
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, H / stride, W / stride)."""
        y: Tensor = self.conv(x)
        return x + y if self.is_residual else y


def filtered(inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1, groups: int = 1) -> nn.Sequential:
    """A convolution and ReLU6."""
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups)
    return nn.Sequential(convolution, nn.ReLU6(inplace=True))
