"""The ResNet-34 with shortcuts, and its mirror image as decoder, that GCA-Matting and MGMatting are built on.

Parameter names and shapes are the published ones.
"""

from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from matting.networks.spectral import SpectralConv

SLOPE = 0.2
"""The slope of the decoder's leaky ReLUs below zero."""
ROWS_AROUND = 4
"""Rows around a strip on which its answer depends, rounded up so that the half-size features can be cut there."""
STRIP_VALUES = 4 * 2**20
"""Values of one full-size layer of a strip: few enough to stay in cache, enough to make ROWS_AROUND a small extra."""


class ShortcutEncoder(nn.Module):
    """ResNet-34 with a stem of three convolutions; the features after each halving leave through a shortcut."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.conv1 = SpectralConv(inputs, 32, stride=2)
        self.bn1 = nn.BatchNorm2d(32)
        self.conv2 = SpectralConv(32, 32)
        self.bn2 = nn.BatchNorm2d(32)
        self.conv3 = SpectralConv(32, 64, stride=2)
        self.bn3 = nn.BatchNorm2d(64)
        self.layer1 = _stage(DownBlock, 64, 64, blocks=3)
        self.layer2 = _stage(DownBlock, 64, 128, blocks=4)
        self.layer3 = _stage(DownBlock, 128, 256, blocks=4)
        self.layer_bottleneck = _stage(DownBlock, 256, 512, blocks=2)
        self.shortcut = nn.ModuleList(
            _shortcut(inputs, outputs) for inputs, outputs in ((inputs, 32), (32, 32), (64, 64), (128, 128), (256, 256))
        )

    def stem(self, picture: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, 32, H/2, W/2)."""
        x = torch.relu_(self.bn1(self.conv1(picture)))
        return torch.relu_(self.bn2(self.conv2(x)))

    def stages(self) -> tuple[Callable[[Tensor], Tensor], ...]:
        """The four that halve the size in turn, beginning at half the picture's size."""
        first = lambda half: self.layer1(torch.relu_(self.bn3(self.conv3(half))))  # noqa: E731
        return first, self.layer2, self.layer3, self.layer_bottleneck

    def descend(self, half: Tensor, stages: tuple[Callable[[Tensor], Tensor], ...]) -> tuple[Tensor, list[Tensor]]:
        """(N, 32, H/2, W/2) → the deepest features (N, 512, H/32, W/32) and four shortcuts, from half size to 1/16."""
        x, shortcuts = half, []
        for shortcut, stage in zip(self.shortcut[1:], stages, strict=True):
            shortcuts.append(shortcut(x))
            x = stage(x)
        return x, shortcuts


class ShortcutDecoder(nn.Module):
    """The encoder's mirror image: each stage doubles the size; the shortcut of that size is then added."""

    def __init__(self) -> None:
        super().__init__()
        self.layer1 = _stage(UpBlock, 512, 256, blocks=2)
        self.layer2 = _stage(UpBlock, 256, 128, blocks=3)
        self.layer3 = _stage(UpBlock, 128, 64, blocks=3)
        self.layer4 = _stage(UpBlock, 64, 32, blocks=2)
        self.conv1 = _doubling(32)
        self.bn1 = nn.BatchNorm2d(32)

    def last_doubling(self, half: Tensor) -> Tensor:
        """(N, 32, H/2, W/2) → (N, 32, H, W), before the shortcut of full size is added."""
        return F.leaky_relu(self.bn1(self.conv1(half)), SLOPE, inplace=True)


def in_strips(finish: Callable[..., Tensor], half: Tensor, *planes: Tensor) -> Tensor:
    """`finish(half, *planes)` from strips of rows: at full size, 32 channels would take more memory than all the rest.

    `half` (N, 32, H/2, W/2) is what the decoder gives; `planes` are (N, …, H, W).
    """
    height, width = planes[0].shape[2:]
    rows = max(16, STRIP_VALUES // (32 * len(half) * width) // 2 * 2)
    strips = []
    for top in range(0, height, rows):
        start, stop = max(0, top - ROWS_AROUND), min(height, top + rows + ROWS_AROUND)
        strip = finish(half[:, :, start // 2 : stop // 2], *(plane[:, :, start:stop] for plane in planes))
        strips.append(strip[:, :, top - start : top - start + rows])
    return torch.cat(strips, dim=2)


class DownBlock(nn.Module):
    """Two convolutions and a path around them; if the number of channels grows, the size is halved."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        is_halving = inputs != outputs
        self.conv1 = SpectralConv(inputs, outputs, stride=2 if is_halving else 1)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = SpectralConv(outputs, outputs)
        self.bn2 = _last_norm(outputs)
        self.downsample = nn.Sequential(nn.AvgPool2d(2), *_project(inputs, outputs)) if is_halving else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, H, W), or half that size."""
        y = torch.relu_(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        y += self.downsample(x)
        return torch.relu_(y)


class UpBlock(nn.Module):
    """DownBlock's mirror image: if the number of channels shrinks, the size is doubled."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        is_doubling = inputs != outputs
        self.conv1 = _doubling(inputs) if is_doubling else SpectralConv(inputs, inputs)
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv2 = SpectralConv(inputs, outputs)
        self.bn2 = _last_norm(outputs)
        self.upsample = _project_up(inputs, outputs) if is_doubling else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, H, W), or twice that size."""
        y = F.leaky_relu(self.bn1(self.conv1(x)), SLOPE, inplace=True)
        y = self.bn2(self.conv2(y))
        y += self.upsample(x)
        return F.leaky_relu(y, SLOPE, inplace=True)


def _stage(block: type[DownBlock] | type[UpBlock], inputs: int, outputs: int, *, blocks: int) -> nn.Sequential:
    return nn.Sequential(block(inputs, outputs), *(block(outputs, outputs) for _ in range(blocks - 1)))


def _doubling(channels: int) -> SpectralConv:
    return SpectralConv(channels, channels, kernel=4, stride=2, upward=True)


def _project(inputs: int, outputs: int) -> tuple[nn.Module, nn.Module]:
    return SpectralConv(inputs, outputs, kernel=1, padding=0), nn.BatchNorm2d(outputs)


def _project_up(inputs: int, outputs: int) -> nn.Sequential:
    """Published as enlargement, then projection. The other way round, the same values take a quarter of the work."""
    convolution, norm = _project(inputs, outputs)
    return nn.Sequential(OrderedDict({"1": convolution, "2": norm, "0": nn.Upsample(scale_factor=2)}))


def _last_norm(channels: int) -> nn.BatchNorm2d:
    """A norm that is zero at first, so that a block begins as the identity (Goyal et al., arXiv 1706.02677)."""
    norm = nn.BatchNorm2d(channels)
    nn.init.zeros_(norm.weight)
    return norm


def _shortcut(inputs: int, outputs: int) -> nn.Sequential:
    """Two convolutions, each followed by ReLU and only then by batch norm, as published."""
    return nn.Sequential(
        SpectralConv(inputs, outputs),
        nn.ReLU(inplace=True),
        nn.BatchNorm2d(outputs),
        SpectralConv(outputs, outputs),
        nn.ReLU(inplace=True),
        nn.BatchNorm2d(outputs),
    )
