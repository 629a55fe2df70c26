"""MODNet: a portrait's alpha from the photo alone (Ke et al., AAAI 2022, arXiv 2011.11961).

Three branches for three objectives: semantics at 1/16 of the size, detail along the boundary at full size, and their
fusion, which is the alpha. Parameter names are the published ones.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from matting.networks.ib_norm import IBNorm
from matting.networks.mobilenet import InvertedResidual, MobileNetV2, filtered

HALF, QUARTER, EIGHTH, SIXTEENTH, DEEP = 16, 24, 32, 96, 1280
"""Channels of the backbone's features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size."""
FINE = 32
"""Channels of the detail branch."""


class MODNet(nn.Module):
    """A photo in; semantics, detail and alpha out."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone()
        self.lr_branch = SemanticBranch()
        self.hr_branch = DetailBranch()
        self.f_branch = FusionBranch()

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Semantics (N, 1, H/16, W/16), detail (N, 1, H, W) and alpha (N, 1, H, W), each in [0, 1].

        `image` (N, 3, H, W) RGB in [-1, 1]; H and W are multiples of 32.
        """
        eighth, fine, alpha = self.features(image)
        return self.lr_branch.semantics(eighth), self.hr_branch.detail(image, fine), alpha

    def alpha(self, image: Tensor) -> Tensor:
        """The alpha (N, 1, H, W) alone."""
        return self.features(image)[2]

    def features(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The results of the branches: features at 1/8 and 1/2 of the size, for the heads, and the alpha."""
        half, quarter, deep = self.backbone(image)
        eighth = self.lr_branch(deep)
        fine = self.hr_branch(image, half, quarter, eighth)
        return eighth, fine, self.f_branch(image, eighth, fine)


class AlphaOnly(nn.Module):
    """MODNet for use: the alpha without the heads, and the input named as in the ONNX file."""

    def __init__(self, network: MODNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002
        """See MODNet.alpha."""
        return self.network.alpha(input)


class Backbone(nn.Module):
    """MobileNetV2 down to its last 1 × 1 layer, with the layers of a block in one row, as published."""

    def __init__(self) -> None:
        super().__init__()
        self.model = MobileNetV2()
        for block in self.model.features.children():
            if isinstance(block, InvertedResidual):
                block.conv = in_a_row(block.conv)
        self.model.features.append(filtered(320, DEEP, kernel=1, has_norm=True))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Features at 1/2, 1/4 and 1/32 of the size."""
        features = self.model.features
        half = features[:2](image)
        quarter = features[2:4](half)
        return half, quarter, features[4:](quarter)


class SemanticBranch(nn.Module):
    """The coarse subject."""

    def __init__(self) -> None:
        super().__init__()
        self.se_block = ChannelAttention(DEEP)
        self.conv_lr16x = Layer(DEEP, SIXTEENTH, 5)
        self.conv_lr8x = Layer(SIXTEENTH, EIGHTH, 5)
        self.conv_lr = Layer(EIGHTH, 1, 3, stride=2, is_last=True)

    def forward(self, deep: Tensor) -> Tensor:
        """The backbone's deepest features → features at 1/8 of the size."""
        sixteenth = self.conv_lr16x(doubled(self.se_block(deep)))
        eighth: Tensor = self.conv_lr8x(doubled(sixteenth))
        return eighth

    def semantics(self, eighth: Tensor) -> Tensor:
        """Features at 1/8 of the size → a coarse alpha at 1/16."""
        return torch.sigmoid(self.conv_lr(eighth))


class DetailBranch(nn.Module):
    """The fine boundary."""

    def __init__(self) -> None:
        super().__init__()
        self.tohr_enc2x = Layer(HALF, FINE, 1)
        self.conv_enc2x = Layer(FINE + 3, FINE, 3, stride=2)
        self.tohr_enc4x = Layer(QUARTER, FINE, 1)
        self.conv_enc4x = Layer(2 * FINE, 2 * FINE, 3)
        self.conv_hr4x = nn.Sequential(
            Layer(3 * FINE + 3, 2 * FINE, 3), Layer(2 * FINE, 2 * FINE, 3), Layer(2 * FINE, FINE, 3)
        )
        self.conv_hr2x = nn.Sequential(
            Layer(2 * FINE, 2 * FINE, 3), Layer(2 * FINE, FINE, 3), Layer(FINE, FINE, 3), Layer(FINE, FINE, 3)
        )
        self.conv_hr = nn.Sequential(Layer(FINE + 3, FINE, 3), Layer(FINE, 1, 1, is_last=True))

    def forward(self, image: Tensor, half: Tensor, quarter: Tensor, eighth: Tensor) -> Tensor:
        """Features at 1/2 of the size from the photo, the backbone's at 1/2 and 1/4, and the semantics' at 1/8."""
        half = self.tohr_enc2x(half)
        x = self.conv_enc2x(torch.cat((shrunk(image, 2), half), dim=1))
        x = self.conv_enc4x(torch.cat((x, self.tohr_enc4x(quarter)), dim=1))
        x = self.conv_hr4x(torch.cat((x, doubled(eighth), shrunk(image, 4)), dim=1))
        fine: Tensor = self.conv_hr2x(torch.cat((doubled(x), half), dim=1))
        return fine

    def detail(self, image: Tensor, fine: Tensor) -> Tensor:
        """Features at 1/2 of the size → an alpha that must be right along the boundary."""
        return torch.sigmoid(self.conv_hr(torch.cat((doubled(fine), image), dim=1)))


class FusionBranch(nn.Module):
    """The alpha from semantics and detail."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_lr4x = Layer(EIGHTH, FINE, 5)
        self.conv_f2x = Layer(2 * FINE, FINE, 3)
        self.conv_f = nn.Sequential(Layer(FINE + 3, FINE // 2, 3), Layer(FINE // 2, 1, 1, is_last=True))

    def forward(self, image: Tensor, eighth: Tensor, fine: Tensor) -> Tensor:
        """The photo, features at 1/8 and at 1/2 of the size → alpha."""
        half = doubled(self.conv_lr4x(doubled(eighth)))
        x = self.conv_f2x(torch.cat((half, fine), dim=1))
        return torch.sigmoid(self.conv_f(torch.cat((doubled(x), image), dim=1)))


class Layer(nn.Module):
    """A convolution, IBNorm and ReLU; the last layer of a branch is only a convolution."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, is_last: bool = False) -> None:
        super().__init__()
        convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)
        self.layers = nn.Sequential(convolution)
        if not is_last:
            self.layers.extend((IBNorm(outputs), nn.ReLU(inplace=True)))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, H / stride, W / stride)."""
        y: Tensor = self.layers(x)
        return y


class ChannelAttention(nn.Module):
    """Weights for each channel from the whole picture (Hu et al., "Squeeze-and-Excitation", CVPR 2018)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(channels, channels // 4, bias=False), nn.ReLU(inplace=True),
            nn.Linear(channels // 4, channels, bias=False), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) → the same shape."""
        weights: Tensor = self.fc(x.mean(dim=(2, 3)))
        return x * weights[:, :, None, None]


def in_a_row(layers: nn.Sequential) -> nn.Sequential:
    """`layers`, with nested groups flattened."""
    groups = [group if isinstance(group, nn.Sequential) else [group] for group in layers]
    return nn.Sequential(*(layer for group in groups for layer in group))


def doubled(x: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, 2H, 2W), bilinear."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def shrunk(image: Tensor, times: int) -> Tensor:
    """(N, C, H, W) → (N, C, H / times, W / times), bilinear without averaging, as published."""
    return F.interpolate(image, scale_factor=1 / times, mode="bilinear", align_corners=False)
