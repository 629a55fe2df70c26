"""MGMatting (Yu et al., "Mask Guided Matting via Progressive Refinement Network", CVPR 2021, arXiv 2012.06722).

GCA-Matting's ResNet-34 with shortcuts, guided by a rough mask instead of attention. The decoder answers at 1/8, at 1/4
and at the full size of the picture; a finer answer replaces a coarser one only where that one is undecided, and close
around. Parameter names and shapes are the published ones.
"""

from collections.abc import Sequence

import cv2
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from matting.networks.published.shortcut_resnet import SLOPE, ShortcutDecoder, ShortcutEncoder, in_strips

DECIDED = 1 / 255
"""The distance from 0 or 1 within which an answer counts as decided."""
WIDTHS = (15, 7)
"""Widths of the ellipses, in pixels, by which the undecided pixels of the answers at 1/8 and then 1/4 are widened."""


class MGMatting(nn.Module):
    """Image and rough mask in, alpha out."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = ShortcutEncoder(4)
        self.aspp = SpatialPyramid(512)
        self.decoder = Decoder()

    def forward(self, image: Tensor, guidance: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Alpha (N, 1, H, W) in [0, 1]; in training the three answers, finest first, each of that size.

        `image` (N, 3, H, W) RGB with ImageNet's mean and deviation taken out; `guidance` (N, 1, H, W), 1 where the
        subject roughly is and else 0. H and W are multiples of 32.
        """
        answers = self.answers(image, guidance)
        return answers if self.training else refined(answers)

    def answers(self, image: Tensor, guidance: Tensor) -> tuple[Tensor, ...]:
        """The answers from the full size, 1/4 and 1/8, each (N, 1, H, W) in [0, 1]."""
        encoder = self.encoder
        deep, shortcuts = encoder.descend(encoder.stem(torch.cat((image, guidance), dim=1)), encoder.stages())
        half, quarter, eighth = self.decoder(self.aspp(deep), shortcuts)
        finish = self._finish if self.training else lambda *planes: in_strips(self._finish, *planes)
        return tuple((torch.tanh(answer) + 1) / 2 for answer in (finish(half, image, guidance), quarter, eighth))

    def _finish(self, half: Tensor, image: Tensor, guidance: Tensor) -> Tensor:
        """The decoder's (N, 32, H/2, W/2) features and the inputs → the finest answer, before its squashing."""
        x = self.decoder.last_doubling(half) + self.encoder.shortcut[0](torch.cat((image, guidance), dim=1))
        return self.decoder.refine_OS1(x)  # type: ignore[no-any-return]


class Decoder(ShortcutDecoder):
    """With a head for each of the three sizes that give an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.refine_OS1 = _head(32)
        self.refine_OS4 = _head(64)
        self.refine_OS8 = _head(128)

    def forward(self, deep: Tensor, shortcuts: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """(N, 512, H/32, W/32) → features (N, 32, H/2, W/2); the answers from 1/4 and 1/8, (N, 1, H, W) each."""
        half, quarter, eighth, sixteenth = shortcuts
        x = self.layer2(self.layer1(deep) + sixteenth) + eighth
        coarse = _enlarged(self.refine_OS8(x), 8)
        x = self.layer3(x) + quarter
        fine = _enlarged(self.refine_OS4(x), 4)
        return self.layer4(x) + half, fine, coarse


class SpatialPyramid(nn.Module):
    """Atrous spatial pyramid pooling: the deepest features seen at five widths, the last that of the picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        for number, (kernel, dilation) in enumerate(((1, 1), (3, 2), (3, 4), (3, 8), (1, 1)), 1):
            padding = dilation if kernel > 1 else 0
            seen = nn.Conv2d(channels, 256, kernel, padding=padding, dilation=dilation, bias=False)
            self.add_module(f"aspp{number}", seen)
            self.add_module(f"aspp{number}_bn", nn.BatchNorm2d(256))
        self.conv2 = nn.Conv2d(5 * 256, channels, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, h, w) → the same shape."""
        whole = x.mean(dim=(2, 3), keepdim=True)
        seen = [self._seen(number, whole if number == 5 else x) for number in range(1, 6)]
        seen[4] = seen[4].expand_as(seen[0])
        return torch.relu(self.bn2(self.conv2(torch.cat(seen, dim=1))))

    def _seen(self, number: int, x: Tensor) -> Tensor:
        normed = self.get_submodule(f"aspp{number}_bn")(self.get_submodule(f"aspp{number}")(x))
        return torch.relu(normed)


def refined(answers: Sequence[Tensor]) -> Tensor:
    """The alpha (N, 1, H, W) from the three `answers`, finest first."""
    fine, middle, alpha = answers
    for finer, width in zip((middle, fine), WIDTHS, strict=True):
        alpha = torch.where(undecided(alpha, width), finer, alpha)
    return alpha


def undecided(alpha: Tensor, width: int) -> Tensor:
    """(N, 1, H, W) bool: where `alpha` is neither 0 nor 1, widened by an ellipse of that many pixels."""
    doubtful = ((alpha >= DECIDED) & (alpha <= 1 - DECIDED)).float()
    ellipse = torch.from_numpy(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)))
    return F.conv2d(doubtful, ellipse.to(doubtful)[None, None], padding=width // 2) > 0.5


def _enlarged(answer: Tensor, times: int) -> Tensor:
    return F.interpolate(answer, scale_factor=float(times), mode="bilinear", align_corners=False)


def _head(channels: int) -> nn.Sequential:
    """Features → an answer, before its squashing."""
    first, last = nn.Conv2d(channels, 32, 3, padding=1, bias=False), nn.Conv2d(32, 1, 3, padding=1)
    for convolution in (first, last):
        nn.init.xavier_uniform_(convolution.weight)
    return nn.Sequential(first, nn.BatchNorm2d(32), nn.LeakyReLU(SLOPE, inplace=True), last)
