"""GCA with a small encoder that corrects a classical solution: MobileNetV2 with the same guided attention.

The published network learns matting from scratch in about 200,000 steps. Here three classical solvers have already
guessed alpha, and one of them both colours of every unknown pixel. Their median is better than any of them. The network
sees where and how they disagree, and learns a correction to the median. So it begins with a useful answer, and a few
thousand steps improve on it.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from matting.networks.guided_attention import GuidedAttention
from matting.networks.mobilenet import TAP_CHANNELS, FoldedMobileNetV2

SOLVER_COUNT = 3
GUESS = SOLVER_COUNT + 6
"""Channels of a guess: one alpha per solver, then the RGB of foreground and background."""


class GCAMobile(nn.Module):
    """Image, trimap and the guess of classical solvers in, alpha out."""

    def __init__(self) -> None:
        super().__init__()
        inputs = 6 + 1 + GUESS
        self.encoder = FoldedMobileNetV2(inputs)
        self.guidance_head = nn.Sequential(Layer(12, 16), Layer(16, 32, stride=2), Layer(32, 64, stride=2))
        self.detail = nn.Sequential(Layer(4 * inputs, 32), Layer(32, 32))
        self.detail4 = Layer(32, 48, stride=2)
        widths = (48, 64, 96, 128)
        self.shortcuts = nn.ModuleList(
            nn.Conv2d(channels, width, 1) for channels, width in zip(TAP_CHANNELS[: len(widths)], widths, strict=True)
        )
        self.encoder_attention = GuidedAttention(64)
        self.decoder_attention = GuidedAttention(64)
        self.up16 = Layer(128, 96)
        self.up8 = Layer(96, 64)
        self.up4 = Layer(64, 48)
        self.up2 = Layer(48, 32)
        self.last = nn.Sequential(Layer(32, 32), nn.Conv2d(32, 4, 3, padding=1))
        for parameter in self.last[1].parameters():  # at first the answer is the median
            nn.init.zeros_(parameter)

    def forward(self, image: Tensor, trimap: Tensor, guess: Tensor) -> Tensor:
        """Alpha (N, 1, H, W) in [0, 1], known pixels not imposed.

        `image` (N, 3, H, W) RGB with ImageNet's mean and deviation taken out; `trimap` (N, 3, H, W) one-hot:
        background, unknown, foreground; `guess` (N, 9, H, W): the solvers' alphas in [0, 1], then foreground and
        background, encoded like the image. H and W are multiples of 32.
        """
        alphas = guess[:, :SOLVER_COUNT].float()
        first, second, third = alphas[:, 0:1], alphas[:, 1:2], alphas[:, 2:3]
        median = torch.maximum(torch.minimum(first, second), torch.minimum(torch.maximum(first, second), third))
        picture = torch.cat((image, trimap, 4 * median - 2, 4 * (alphas - median), guess[:, SOLVER_COUNT:]), dim=1)
        unknown = trimap[:, 1:2, ::8, ::8]
        guidance = self.guidance_head(F.pixel_unshuffle(image, 2))
        fine = self.detail(F.pixel_unshuffle(picture, 2))
        quarter, eighth, sixteenth, deep = (
            shortcut(feature)
            for shortcut, feature in zip(self.shortcuts, self.encoder(F.avg_pool2d(picture, 2)), strict=True)
        )
        eighth = self.encoder_attention(guidance, eighth, unknown)
        x = doubled(self.up8(doubled(self.up16(deep)) + sixteenth)) + eighth
        x = self.decoder_attention(guidance, x, unknown)
        x = doubled(self.up4(x)) + quarter + self.detail4(fine)
        x = doubled(self.up2(x)) + fine
        alpha = median + F.pixel_shuffle(self.last(x), 2).float()
        # not clipped in training: a clipped pixel would have no gradient to lead it back
        return alpha if self.training else alpha.clamp(0, 1)


class Layer(nn.Sequential):
    """A 3 × 3 convolution, batch norm and a leaky ReLU."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1) -> None:
        convolution = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        super().__init__(convolution, nn.BatchNorm2d(outputs), nn.LeakyReLU(0.1, inplace=True))
        nn.init.kaiming_normal_(convolution.weight, 0.1)


def doubled(x: Tensor) -> Tensor:
    """(N, C, H, W) → (N, C, 2H, 2W), bilinear."""
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
