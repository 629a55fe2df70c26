"""FBA-Matting (Forte & Pitié, "F, B, Alpha Matting", 2020, arXiv 2003.07711).

A dilated ResNet-50 with group norm and standardised weights, a pyramid of pooled features, and a decoder that gives
alpha, foreground and background at once, which are then made to agree with the picture. Parameter names and shapes are
the published ones.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from matting.networks.published.resnet50 import stages
from matting.networks.published.standardised import StandardisedConv

DISTANCES = 6
"""Planes that say how far known background and foreground are: three widths of each."""
POOLED = (1, 2, 3, 6)
"""Sides of the grids to which the deepest features are averaged."""
GROUPS = 32
TRUST = 0.1
"""Weight of the network's own alpha against the one that its colours and the picture give."""


class FBA(nn.Module):
    """Image and trimap in; alpha, foreground and background out."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()

    def forward(self, image: Tensor, normalised: Tensor, known: Tensor, distances: Tensor) -> Tensor:
        """(N, 7, H, W) in [0, 1]: alpha, then the RGB of foreground and of background.

        `image` (N, 3, H, W) RGB in [0, 1]; `normalised`: the same with ImageNet's mean and deviation taken out; `known`
        (N, 2, H, W): 1 where the background and where the foreground is known; `distances` (N, 6, H, W): how near the
        next known background and foreground are. H and W are multiples of 8.
        """
        features = self.encoder(torch.cat((normalised, distances, known), dim=1))
        answer = self.decoder(features, torch.cat((normalised, image, known), dim=1))
        return fused(image, answer[:, :1].clamp(0, 1), answer[:, 1:4].sigmoid(), answer[:, 4:].sigmoid())


class Encoder(nn.Module):
    """ResNet-50 whose last two stages keep 1/8 of the size, and dilate their convolutions instead."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = StandardisedConv(3 + DISTANCES + 2, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = _norm(64)
        self.layer1, self.layer2, self.layer3, self.layer4 = stages(StandardisedConv, _norm, dilations=(2, 4))

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Features (N, 64, H/2, W/2), (N, 256, H/4, W/4) and (N, 2048, H/8, W/8)."""
        half = torch.relu(self.bn1(self.conv1(planes)))
        quarter = self.layer1(F.max_pool2d(half, 3, stride=2, padding=1))
        return half, quarter, self.layer4(self.layer3(self.layer2(quarter)))


class Decoder(nn.Module):
    """From 1/8 of the size to the whole, with what the encoder saw at each size."""

    def __init__(self) -> None:
        super().__init__()
        self.ppm = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(side), *_layer(2048, 256, kernel=1)) for side in POOLED
        )
        self.conv_up1 = nn.Sequential(*_layer(2048 + 256 * len(POOLED), 256), *_layer(256, 256))
        self.conv_up2 = nn.Sequential(*_layer(256 + 256, 256))
        self.conv_up3 = nn.Sequential(*_layer(256 + 64, 64))
        self.conv_up4 = nn.Sequential(
            nn.Conv2d(64 + 3 + 3 + 2, 32, 3, padding=1),
            nn.LeakyReLU(),
            nn.Conv2d(32, 16, 3, padding=1),
            nn.LeakyReLU(),
            nn.Conv2d(16, 7, 1),
        )

    def forward(self, features: tuple[Tensor, Tensor, Tensor], planes: Tensor) -> Tensor:
        """The encoder's `features`, and `planes` (N, 8, H, W) of the inputs → (N, 7, H, W), before its squashing."""
        half, quarter, deep = features
        pooled = [_resized(pool(deep), deep) for pool in self.ppm]
        x = self.conv_up1(torch.cat((deep, *pooled), dim=1))
        x = self.conv_up2(torch.cat((_resized(x, quarter), quarter), dim=1))
        x = self.conv_up3(torch.cat((_resized(x, half), half), dim=1))
        return self.conv_up4(torch.cat((_resized(x, planes), planes), dim=1))  # type: ignore[no-any-return]


def fused(image: Tensor, alpha: Tensor, foreground: Tensor, background: Tensor) -> Tensor:
    """(N, 7, H, W): colours, then alpha, moved to where they compose the `image` better (section 3.4 of the paper)."""
    rest = 1 - alpha
    foreground = alpha * image + (1 - alpha**2) * foreground - alpha * rest * background
    background = rest * image + (1 - rest**2) * background - alpha * rest * foreground
    foreground, background = foreground.clamp(0, 1), background.clamp(0, 1)
    contrast = foreground - background
    explained = ((image - background) * contrast).sum(dim=1, keepdim=True)
    alpha = (TRUST * alpha + explained) / (TRUST + contrast.square().sum(dim=1, keepdim=True))
    return torch.cat((alpha.clamp(0, 1), foreground, background), dim=1)


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(GROUPS, channels)


def _layer(inputs: int, outputs: int, *, kernel: int = 3) -> tuple[nn.Module, ...]:
    convolution = StandardisedConv(inputs, outputs, kernel, padding=kernel // 2)
    return convolution, _norm(outputs), nn.LeakyReLU()


def _resized(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)
