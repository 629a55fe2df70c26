"""NanoDet-g: a photo → boxes around the things in it, each with its kind (github.com/RangiLyu/nanodet, Apache-2.0).

Three depths of a convolutional network answer, at 1/8, 1/16 and 1/32 of the photo's size. At each place of them: how
likely a thing of each kind has its middle there, and how far its four sides are, each as a distribution over eleven
distances (Li et al., "Generalized Focal Loss", NeurIPS 2020, arXiv 2006.04388). Parameter names and shapes are the
published ones.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

KINDS = 80
DISTANCES = 11
"""The distances of a side: 0 to 10 strides."""
STRIDES = (8, 16, 32)
CHANNELS = 128
SLOPE = 0.1


class NanoDetG(nn.Module):
    """The photo in; for each place of the three depths, the scores of all kinds and a box."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.fpn = Pyramid((128, 256, 512))
        self.head = Head()

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (P, 80) in [0, 1], and boxes (P, 4), left, top, right and bottom in pixels of `image`.

        `image` (1, 3, H, W) is blue, green and red with ImageNet's mean and deviation taken out; H and W are multiples
        of 32.
        """
        answers = self.head(self.fpn(self.backbone(image)))
        found = [self._boxes(answer, stride) for answer, stride in zip(answers, STRIDES, strict=True)]
        scores, boxes = zip(*found, strict=True)
        return torch.cat(scores), torch.cat(boxes)

    @staticmethod
    def _boxes(answer: Tensor, stride: int) -> tuple[Tensor, Tensor]:
        """The answer (1, 80 + 4 · 11, h, w) of one depth as scores (h · w, 80) and boxes (h · w, 4)."""
        scores, sides = torch.split(answer[0].flatten(1).T, [KINDS, 4 * DISTANCES], dim=1)
        steps = torch.arange(DISTANCES, dtype=sides.dtype, device=sides.device)
        reach = sides.reshape(-1, 4, DISTANCES).softmax(dim=2) @ steps * stride
        rows, columns = (
            (torch.arange(side, dtype=sides.dtype, device=sides.device) + 0.5) * stride for side in answer.shape[2:]
        )
        y, x = (grid.flatten() for grid in torch.meshgrid(rows, columns, indexing="ij"))
        left, top, right, bottom = reach.unbind(1)
        return scores.sigmoid(), torch.stack((x - left, y - top, x + right, y + bottom), dim=1)


class ConvModule(nn.Module):
    """A convolution without bias, its norm, and an activation where wanted."""

    def __init__(self, inputs: int, outputs: int, side: int, stride: int = 1, *, is_active: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, side, stride, padding=side // 2, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        self.is_active = is_active

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) → (N, outputs, h / stride, w / stride)."""
        x = self.bn(self.conv(x))
        return F.leaky_relu(x, SLOPE) if self.is_active else x


class TinyResBlock(nn.Module):
    """Half of the channels, and what a further convolution makes of them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.in_conv = ConvModule(channels, channels // 2, 3)
        self.mid_conv = ConvModule(channels // 2, channels // 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, h, w) → the same shape."""
        x = self.in_conv(x)
        return torch.cat((self.mid_conv(x), x), dim=1)


class CspBlock(nn.Module):
    """What goes through the blocks, beside what goes past them."""

    def __init__(self, channels: int, blocks: int, stride: int) -> None:
        super().__init__()
        self.in_conv = ConvModule(channels, channels, 3, stride)
        self.res_blocks = nn.Sequential(*(TinyResBlock(channels) for _ in range(blocks)))
        self.res_out_conv = ConvModule(channels, channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, h, w) → (N, 2 · channels, h / stride, w / stride)."""
        x = self.in_conv(x)
        return torch.cat((self.res_out_conv(self.res_blocks(x)), x), dim=1)


class Backbone(nn.Module):
    """The features of a photo at 1/8, 1/16 and 1/32 of its size."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList(
            [
                ConvModule(3, 32, 3, 2),
                nn.MaxPool2d(3, 2, padding=1),
                CspBlock(32, 1, 1),
                CspBlock(64, 2, 2),
                CspBlock(128, 2, 2),
                CspBlock(256, 3, 2),
            ]
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """(N, 3, H, W) → (N, 128, H/8, W/8), (N, 256, H/16, W/16), (N, 512, H/32, W/32)."""
        features = []
        for stage in self.stages:
            x = stage(x)
            features.append(x)
        return features[3:]


class Pyramid(nn.Module):
    """The three depths, each told what the coarser ones found, then what the finer ones did."""

    def __init__(self, inputs: tuple[int, ...]) -> None:
        super().__init__()
        self.lateral_convs = nn.ModuleList(ConvModule(each, CHANNELS, 1, is_active=False) for each in inputs)

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        """The features of the three depths → (N, 128, h, w) of each."""
        depths = [conv(each) for conv, each in zip(self.lateral_convs, features, strict=True)]
        for index in range(len(depths) - 1, 0, -1):
            depths[index - 1] = depths[index - 1] + _resized(depths[index], 2)
        for index in range(len(depths) - 1):
            depths[index + 1] = depths[index + 1] + _resized(depths[index], 0.5)
        return depths


class Head(nn.Module):
    """Scores of the kinds and distances of the sides, from each depth's own layers."""

    def __init__(self) -> None:
        super().__init__()
        self.cls_convs = nn.ModuleList(nn.Sequential(ConvModule(CHANNELS, CHANNELS, 3)) for _ in STRIDES)
        self.gfl_cls = nn.ModuleList(nn.Conv2d(CHANNELS, KINDS + 4 * DISTANCES, 1) for _ in STRIDES)

    def forward(self, depths: list[Tensor]) -> list[Tensor]:
        """(N, 128, h, w) of each depth → (N, 80 + 4 · 11, h, w)."""
        layers = zip(depths, self.cls_convs, self.gfl_cls, strict=True)
        return [last(first(each)) for each, first, last in layers]


def _resized(x: Tensor, factor: float) -> Tensor:
    return F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)
