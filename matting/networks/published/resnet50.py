"""The stages of ResNet-50 (He et al., CVPR 2016) under torchvision's names, with whatever convolutions and norms.

ResNet-101 differs only in the number of blocks of its third stage.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

Norm = Callable[[int], nn.Module]
"""Channels → a norm."""


class Bottleneck(nn.Module):
    """Narrow, look around, widen; and a path around all that."""

    def __init__(
        self, inputs: int, width: int, convolution: type[nn.Conv2d], norm: Norm, *, stride: int = 1, dilation: int = 1
    ) -> None:
        super().__init__()
        outputs = 4 * width
        self.conv1 = convolution(inputs, width, 1, bias=False)
        self.bn1 = norm(width)
        self.conv2 = convolution(width, width, 3, stride, padding=dilation, dilation=dilation, bias=False)
        self.bn2 = norm(width)
        self.conv3 = convolution(width, outputs, 1, bias=False)
        self.bn3 = norm(outputs)
        self.downsample: nn.Module = nn.Identity()
        if inputs != outputs:
            self.downsample = nn.Sequential(convolution(inputs, outputs, 1, stride, bias=False), norm(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, 4·width, H, W), or half that size."""
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)))
        return torch.relu(self.bn3(self.conv3(y)) + self.downsample(x))


def stages(
    convolution: type[nn.Conv2d], norm: Norm, dilations: tuple[int, int], *, third_blocks: int = 6
) -> tuple[nn.Sequential, ...]:
    """The four stages, for 64 channels at 1/4 of the size. The last two dilate by `dilations`, or halve the size at 1.

    The third stage has `third_blocks`: 6 in ResNet-50, 23 in ResNet-101. The first block of a dilated stage stands
    where a stride was, and so dilates half as much.
    """

    def stage(inputs: int, width: int, blocks: int, stride: int, dilation: int = 1) -> nn.Sequential:
        first = Bottleneck(
            inputs, width, convolution, norm, stride=1 if dilation > 1 else stride, dilation=max(1, dilation // 2)
        )
        more = (Bottleneck(4 * width, width, convolution, norm, dilation=dilation) for _ in range(blocks - 1))
        return nn.Sequential(first, *more)

    third, fourth = dilations
    return (
        stage(64, 64, 3, 1),
        stage(256, 128, 4, 2),
        stage(512, 256, third_blocks, 2, third),
        stage(1024, 512, 3, 2, fourth),
    )
