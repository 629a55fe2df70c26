"""MobileNetV2's trunk (Sandler et al., CVPR 2018, arXiv 1801.04381) under torchvision's parameter names.

It takes ImageNet weights in torchvision's file format. `MobileNetV2` is the whole trunk. `FoldedMobileNetV2` lacks the
last two stages, and its batch norms, which small batches could only harm, are folded into the convolutions for good: a
training step takes a third less work.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""Expansion, channels, blocks, stride of the first block: the paper's table 2."""
TAPS = (1, 3, 6, 13, 17)
"""Indices into `features` of the last layer at 1/2, 1/4, 1/8, 1/16 and 1/32 of the picture's size …"""
TAP_CHANNELS = (16, 24, 32, 96, 320)
"""… and their channels."""
FOLDED_STAGES = 5
"""The number of stages of a FoldedMobileNetV2, which ends at 1/16."""
EPSILON = 1e-5
"""The number that torchvision's batch norms add to a variance."""


class MobileNetV2(nn.Module):
    """A picture (N, C, H, W) in, features at five sizes out."""

    def __init__(self, inputs: int = 3, *, stages: int = len(STAGES), has_norms: bool = True) -> None:
        super().__init__()
        layers: list[nn.Module] = [filtered(inputs, 32, stride=2, has_norm=has_norms)]
        channels = 32
        for expansion, outputs, blocks, stride in STAGES[:stages]:
            for block in range(blocks):
                step = stride if block == 0 else 1
                layers.append(InvertedResidual(channels, outputs, step, expansion=expansion, has_norms=has_norms))
                channels = outputs
        self.features = nn.Sequential(*layers)

    def forward(self, picture: Tensor) -> list[Tensor]:
        """(N, C, H, W), H and W multiples of 32 (folded: of 16) → features of TAP_CHANNELS at 1/2 … 1/32 (1/16)."""
        taps = []
        for index, layer in enumerate(self.features):
            picture = layer(picture)
            if index in TAPS:
                taps.append(picture)
        return taps

    def load_imagenet(self, weights: Mapping[str, Tensor]) -> None:
        """Load the trunk of torchvision's `mobilenet_v2` state dict. Channels beyond RGB get weights of zero.

        Raises:
            ValueError: a weight is missing or misshapen.
        """
        own = self.state_dict()
        taken = {name: _taken(weights, name) for name in own if not name.endswith("num_batches_tracked")}
        self._take(taken)

    def _take(self, taken: Mapping[str, Tensor]) -> None:
        """Load `taken`, with the first kernel widened to the number of inputs."""
        own, first = self.state_dict(), "features.0.0.weight"
        wide = taken[first].new_zeros(own[first].shape[0], own[first].shape[1] - taken[first].shape[1], 3, 3)
        checked = dict(taken)
        if taken[first].shape[2:] == wide.shape[2:]:
            checked[first] = torch.cat((taken[first], wide), dim=1)
        for name, value in checked.items():
            if value.shape != own[name].shape:
                raise ValueError(f"{name} must be {tuple(own[name].shape)}, but is {tuple(value.shape)}")
        self.load_state_dict(own | checked)


class FoldedMobileNetV2(MobileNetV2):
    """The trunk down to 1/16 of the picture's size, with batch norms folded into the convolutions."""

    def __init__(self, inputs: int = 3) -> None:
        super().__init__(inputs, stages=FOLDED_STAGES, has_norms=False)

    def load_imagenet(self, weights: Mapping[str, Tensor]) -> None:
        """See MobileNetV2."""
        taken = {}
        for name in [name for name in self.state_dict() if name.endswith(".weight")]:
            stem, index = name.removesuffix(".weight").rsplit(".", 1)
            norm = f"{stem}.{int(index) + 1}"
            keys = (name, f"{norm}.weight", f"{norm}.bias", f"{norm}.running_mean", f"{norm}.running_var")
            kernel, scale, shift, mean, variance = (_taken(weights, key) for key in keys)
            scale = scale / (variance + EPSILON).sqrt()
            taken[name] = kernel * scale[:, None, None, None]
            taken[name.replace(".weight", ".bias")] = shift - mean * scale
        self._take(taken)


def _taken(weights: Mapping[str, Tensor], name: str) -> Tensor:
    if name not in weights:
        raise ValueError(f"MobileNetV2 weights must hold {name!r}, but do not")
    return weights[name]


class InvertedResidual(nn.Module):
    """Widen by 1 × 1, filter each channel by 3 × 3, narrow by 1 × 1; added to the input if the sizes agree."""

    def __init__(self, inputs: int, outputs: int, stride: int, *, expansion: int, has_norms: bool) -> None:
        super().__init__()
        wide = inputs * expansion
        layers: list[nn.Module] = [] if expansion == 1 else [filtered(inputs, wide, kernel=1, has_norm=has_norms)]
        layers += [filtered(wide, wide, stride=stride, groups=wide, has_norm=has_norms)]
        layers += [nn.Conv2d(wide, outputs, 1, bias=not has_norms)]
        layers += [nn.BatchNorm2d(outputs)] if has_norms else []
        self.conv = nn.Sequential(*layers)
        self.is_residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, H / stride, W / stride)."""
        y: Tensor = self.conv(x)
        return x + y if self.is_residual else y


def filtered(
    inputs: int, outputs: int, *, has_norm: bool, kernel: int = 3, stride: int = 1, groups: int = 1
) -> nn.Sequential:
    """A convolution, batch norm if wanted, and ReLU6."""
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=not has_norm)
    return nn.Sequential(convolution, *([nn.BatchNorm2d(outputs)] if has_norm else []), nn.ReLU6(inplace=True))
