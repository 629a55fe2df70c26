"""Our own matting network: a picture and its trimap in, alpha out; fully convolutional, without a solver's guess.

MobileNetV2 (Sandler et al., CVPR 2018) reads the picture and its colour hints; the guided contextual attention of GCA
(Li & Lu, AAAI 2020) shares information between similar patches at 1/8 of the size; a decoder with shortcuts returns to
full size.
"""

from contextlib import nullcontext

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from matting.networks.colour_hints import HINTS, colour_hints
from matting.networks.guided_attention import GuidedAttention
from matting.networks.mobilenet import MobileNetV2

INPUTS = 3 + 3 + HINTS
"""Picture, one-hot trimap, hints."""
WINDOW_SIDE = 9
"""The side, at 1/32 of the size, of the windows for wide means: 288 pixels."""


class StudioMatting(nn.Module):
    """Image and trimap in, alpha out."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = MobileNetV2(INPUTS)
        self.detail = nn.Sequential(Layer(4 * INPUTS, 48), Layer(48, 32))
        self.detail4 = Layer(32, 48, stride=2)
        self.guidance = nn.Sequential(Layer(48, 48), Layer(48, 112, stride=2))
        self.surroundings = Surroundings(320, 224)
        self.up16 = Fusion(224 + 96, 176)
        self.up8 = Fusion(176 + 32, 112)
        self.attention = GuidedAttention(112)
        self.up4 = Fusion(112 + 24 + 48, 80)
        self.up2 = Fusion(80 + 16 + 32, 48)
        self.unfold = nn.Conv2d(48, 4 * 9, 3, padding=1)
        self.last = nn.Sequential(Layer(9 + 3 + 3 + 1, 16), nn.Conv2d(16, 1, 3, padding=1))

    def forward(self, image: Tensor, trimap: Tensor) -> Tensor:
        """Alpha (N, 1, H, W) in [0, 1], known pixels not imposed.

        `image` (N, 3, H, W) RGB with ImageNet's mean and deviation taken out; `trimap` (N, 3, H, W) one-hot:
        background, unknown, foreground. H and W are multiples of 32.
        """
        alpha, _, _ = self.unclipped(image, trimap)
        return alpha.clamp(0, 1)

    def unclipped(self, image: Tensor, trimap: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """For training: alpha before clipping, and the decoder's features at 1/4 (80 channels) and 1/8 (112)."""
        exactly = torch.autocast(image.device.type, enabled=False)
        with exactly:
            hints = colour_hints(image, trimap)
        picture = torch.cat((image, trimap, hints), dim=1)
        fine = self.detail(F.pixel_unshuffle(picture, 2))
        # In half precision the encoder alone causes most of the error, and it is the smaller part of the work.
        with nullcontext() if self.training else exactly:
            taps = self.encoder(picture)
        half, quarter, eighth, sixteenth, deep = (tap.to(fine.dtype) for tap in taps)
        x16 = self.up16(torch.cat((doubled(self.surroundings(deep)), sixteenth), dim=1))
        x8 = self.up8(torch.cat((doubled(x16), eighth), dim=1))
        x8 = self.attention(self.guidance(F.pixel_unshuffle(image, 4)), x8, trimap[:, 1:2, ::8, ::8])
        x4 = self.up4(torch.cat((doubled(x8), quarter, self.detail4(fine)), dim=1))
        x2 = self.up2(torch.cat((doubled(x4), half, fine), dim=1))
        full = (F.pixel_shuffle(self.unfold(x2), 2), picture[:, :6].to(x2.dtype), hints[:, 6:7].to(x2.dtype))
        return self.last(torch.cat(full, dim=1)).float() + 0.5, x4, x8


class Layer(nn.Sequential):
    """A 3 × 3 convolution, batch norm and a leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1) -> None:
        convolution = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        super().__init__(convolution, nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1, inplace=True))
        nn.init.kaiming_normal_(convolution.weight, 0.1)


class Fusion(nn.Module):
    """Two layers, with a shortcut around the second."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.first, self.second = Layer(inputs, outputs), Layer(outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, H, W)."""
        x = self.first(x)
        fused: Tensor = x + self.second(x)
        return fused


class Surroundings(nn.Module):
    """The deepest features plus means over windows as wide as a training crop, so that picture size does not matter."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.narrow = nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1, inplace=True)
        )
        self.whole = nn.Conv2d(outputs, outputs, 1)
        self.wide = nn.Conv2d(outputs, outputs, 3, padding=2, dilation=2, groups=outputs // 8)
        self.mix = Layer(outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, H, W)."""
        x = self.narrow(x)
        x = x + self.whole(F.avg_pool2d(x, WINDOW_SIDE, 1, WINDOW_SIDE // 2, count_include_pad=False)) + self.wide(x)
        mixed: Tensor = self.mix(x)
        return mixed


def doubled(x: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, 2H, 2W), bilinear."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
