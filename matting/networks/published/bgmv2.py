"""BackgroundMattingV2 (Lin et al., "Real-Time High-Resolution Background Matting", CVPR 2021, arXiv 2012.07810).

A large network looks at a small copy of the photo and of its empty background, and answers with alpha, foreground and
where it expects to be wrong. Small networks then do the worst 4 × 4 pixels again at full size. The large one begins as
ResNet-50, ResNet-101 or MobileNetV2. Parameter names and shapes are the published ones; torchvision's, where the
published code builds on it.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from matting.networks.mobilenet import MobileNetV2
from matting.networks.published.resnet50 import stages

COARSE_SIDE = 480
"""The long side, in pixels, that the small copy comes near to: the published setting for HD and 4K."""
PATCH = 4
"""Side, in pixels, of what is done again."""
REFINED = 1 / 26
"""The largest share of a picture that is done again: the published setting for HD and 4K."""
HIDDEN = 32
"""Channels that the coarse answer hands on to the refinement."""
Places = tuple[Tensor, ...]
"""Picture, row and column of each patch."""


class BGMv2(nn.Module):
    """Image and clean plate in, alpha and foreground out."""

    def __init__(self, backbone: "ResNet | MobileNet | None" = None) -> None:
        """With ResNet-50, or another `backbone`."""
        super().__init__()
        self.backbone = backbone or ResNet()
        eighth, quarter, half, deep = self.backbone.channels
        self.aspp = Pyramid(deep)
        self.decoder = Decoder(1 + 3 + 1 + HIDDEN, (eighth, quarter, half))
        self.refiner = Refiner()

    def forward(self, image: Tensor, plate: Tensor) -> Tensor | tuple[Tensor, ...]:
        """(N, 4, H, W) in [0, 1]: alpha, then the foreground's RGB.

        In training that, and the coarse alpha with foreground and the coarse expected error, (N, 4, h, w) and
        (N, 1, h, w). `image` and `plate` (N, 3, H, W) are RGB in [0, 1]. H and W are multiples of 4.
        """
        answers = self.answers(image, plate, times=max(2, round(max(image.shape[2:]) / COARSE_SIDE)))
        return answers if self.training else answers[0]

    def answers(self, image: Tensor, plate: Tensor, *, times: int) -> tuple[Tensor, Tensor, Tensor]:
        """The three answers of training, from a copy that is `times` smaller."""
        both = torch.cat((image, plate), dim=1)
        small = _resized(both, (both.shape[2] // times, both.shape[3] // times))
        *before, deep = self.backbone(small)
        answer = self.decoder(self.aspp(deep), before)
        alpha, colours, error = answer[:, :1].clamp(0, 1), answer[:, 1:4], answer[:, 4:5].clamp(0, 1)
        coarse = torch.cat((alpha, colours), dim=1)
        fine = self.refiner(both, coarse, error, torch.relu(answer[:, 5:]))
        return _absolute(fine, image), _absolute(coarse, small[:, :3]), error


class ResNet(nn.Module):
    """ResNet-50 or ResNet-101 to 1/16 of the size."""

    channels = (512, 256, 64, 2048)
    """Channels at 1/8, 1/4, 1/2 and 1/16 of the size."""

    def __init__(self, third_blocks: int = 6) -> None:
        """With this many blocks in the third stage: 6, or 23 for ResNet-101."""
        super().__init__()
        self.conv1 = nn.Conv2d(6, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        made = stages(nn.Conv2d, nn.BatchNorm2d, dilations=(1, 2), third_blocks=third_blocks)
        self.layer1, self.layer2, self.layer3, self.layer4 = made

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """`x`, and the features at 1/2, 1/4, 1/8 and 1/16 of its size."""
        half = torch.relu(self.bn1(self.conv1(x)))
        quarter = self.layer1(F.max_pool2d(half, 3, stride=2, padding=1))
        eighth = self.layer2(quarter)
        return x, half, quarter, eighth, self.layer4(self.layer3(eighth))


class MobileNet(MobileNetV2):
    """MobileNetV2 to 1/16 of the size: its last three layers dilate where a stride was."""

    channels = (32, 24, 16, 320)
    """See ResNet."""

    def __init__(self) -> None:
        super().__init__(6)
        last = self.features[14:].modules()
        filters = [each for each in last if isinstance(each, nn.Conv2d) and each.groups > 1]
        filters[0].stride = (1, 1)
        for convolution in filters[1:]:
            convolution.dilation = convolution.padding = (2, 2)

    def forward(self, picture: Tensor) -> list[Tensor]:
        """See ResNet."""
        half, quarter, eighth, _, deep = super().forward(picture)
        return [picture, half, quarter, eighth, deep]


class Pyramid(nn.Module):
    """Atrous spatial pyramid pooling, as torchvision names it; without its dropout in training."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        dilated = (_normed(inputs, 256, 3, dilation) for dilation in (3, 6, 9))
        whole = nn.Sequential(nn.AdaptiveAvgPool2d(1), *_normed(inputs, 256, 1))
        self.convs = nn.ModuleList((_normed(inputs, 256, 1), *dilated, whole))
        self.project = _normed(5 * 256, 256, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) → (N, 256, h, w)."""
        seen = [convolution(x).expand(-1, -1, *x.shape[2:]) for convolution in self.convs]
        return self.project(torch.cat(seen, dim=1))  # type: ignore[no-any-return]


class Decoder(nn.Module):
    """From 1/16 of the size to the whole, with what the backbone saw at each size."""

    def __init__(self, outputs: int, channels: tuple[int, int, int]) -> None:
        super().__init__()
        eighth, quarter, half = channels
        self.conv1 = nn.Conv2d(eighth + 256, 128, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(128)
        self.conv2 = nn.Conv2d(quarter + 128, 64, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(64)
        self.conv3 = nn.Conv2d(half + 64, 48, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(48)
        self.conv4 = nn.Conv2d(6 + 48, outputs, 3, padding=1)

    def forward(self, x: Tensor, before: list[Tensor]) -> Tensor:
        """(N, 256, h/16, w/16) and what came `before`, largest first → (N, outputs, h, w)."""
        *_, half, quarter, eighth = before
        for convolution, norm, seen in (
            (self.conv1, self.bn1, eighth), (self.conv2, self.bn2, quarter), (self.conv3, self.bn3, half),
        ):  # fmt: skip
            x = torch.relu(norm(convolution(_joined(x, seen))))
        return self.conv4(_joined(x, before[0]))  # type: ignore[no-any-return]


class Refiner(nn.Module):
    """Does the patches again that are expected to be the worst: first at half size, then at full size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(HIDDEN + 4 + 6, 24, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(24)
        self.conv2 = nn.Conv2d(24, 16, 3, bias=False)
        self.bn2 = nn.BatchNorm2d(16)
        self.conv3 = nn.Conv2d(16 + 6, 12, 3, bias=False)
        self.bn3 = nn.BatchNorm2d(12)
        self.conv4 = nn.Conv2d(12, 4, 3)

    def forward(self, both: Tensor, coarse: Tensor, error: Tensor, hidden: Tensor) -> Tensor:
        """(N, 4, H, W): the `coarse` answer (N, 4, h, w), enlarged, its worst patches done again."""
        height, width = both.shape[2:]
        fine = _resized(coarse, (height, width))
        places = worst(_resized(error, (height // PATCH, width // PATCH)))
        if not len(places[0]):
            return fine
        size = (height // 2, width // 2)
        x = patches(_resized(torch.cat((hidden, coarse), dim=1), size), places, PATCH // 2, border=3)
        y = patches(_resized(both, size), places, PATCH // 2, border=3)
        x = torch.relu(self.bn1(self.conv1(torch.cat((x, y), dim=1))))
        x = F.interpolate(torch.relu(self.bn2(self.conv2(x))), scale_factor=2.0, mode="nearest")
        x = torch.cat((x, patches(both, places, PATCH, border=2)), dim=1)
        x = self.conv4(torch.relu(self.bn3(self.conv3(x))))
        grid = fine.reshape(len(fine), -1, height // PATCH, PATCH, width // PATCH, PATCH).permute(0, 2, 4, 1, 3, 5)
        done = grid.index_put(places, x.to(grid.dtype)).permute(0, 3, 1, 4, 2, 5)
        return done.reshape(fine.shape)


def worst(error: Tensor) -> Places:
    """The patches with the largest expected error, each a pixel of `error` (N, 1, h, w); none if no error is
    expected."""
    flat = error.flatten(1)
    chosen = flat.topk(max(1, int(flat.shape[1] * REFINED)), dim=1).indices
    picked = torch.zeros_like(flat).scatter_(1, chosen, 1.0) * (flat > 0)
    return picked.view_as(error)[:, 0].nonzero(as_tuple=True)


def patches(x: Tensor, places: Places, size: int, *, border: int) -> Tensor:
    """The patches of `x` (N, C, H, W) at `places`, with what is around them: (P, C, size + 2·border, the same)."""
    side = size + 2 * border
    windows: Tensor = F.pad(x, (border,) * 4).permute(0, 2, 3, 1).unfold(1, side, size).unfold(2, side, size)
    return windows[places]


def _absolute(answer: Tensor, image: Tensor) -> Tensor:
    """Alpha and foreground, which `answer` gives as a difference from the image, in [0, 1]."""
    return torch.cat((answer[:, :1], answer[:, 1:] + image), dim=1).clamp(0, 1)


def _joined(x: Tensor, seen: Tensor) -> Tensor:
    return torch.cat((_resized(x, (seen.shape[2], seen.shape[3])), seen), dim=1)


def _resized(x: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


def _normed(inputs: int, outputs: int, kernel: int, dilation: int = 1) -> nn.Sequential:
    padding = dilation * (kernel // 2)
    convolution = nn.Conv2d(inputs, outputs, kernel, padding=padding, dilation=dilation, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))
