"""Semantic Human Matting (Chen et al., ACM Multimedia 2018, arXiv 1809.01354), in Li Zhengwei's light version of 2019.

One network makes a soft trimap of the photo, another one works out what that leaves unsure; both learn together. The
first is a MobileNetV2 with a decoder, the second a shallow encoder and decoder. Parameter names and shapes are those of
that version; the authors of the paper published none.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BLOCKS = {2: (16, 24, 2), 3: (24, 32, 3), 4: (32, 64, 4), 5: (64, 96, 3), 6: (96, 160, 3)}
"""The encoder's blocks with more than one layer: channels in and out, layers."""
HALVING = (2, 3, 4, 6)
DOWN = ((6, 16), (16, 32), (32, 64), (64, 128))
UP = ((128, 128), (128, 64), (64, 32), (32, 16))


class SHM(nn.Module):
    """Image in, alpha out."""

    def __init__(self) -> None:
        super().__init__()
        self.t_net = TrimapNet()
        self.m_net = MattingNet()

    def forward(self, image: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """Alpha (N, 1, H, W), not clipped; in training also the soft trimap's logits (N, 3, H, W).

        `image` (N, 3, H, W) BGR, as `matting.models.published.shm` encodes it; H and W are multiples of 16. The
        planes of the trimap are background, foreground and unsure.
        """
        logits = self.t_net(image)
        trimap = logits.softmax(dim=1)
        alpha = trimap[:, 1:2] + trimap[:, 2:3] * self.m_net(torch.cat((image, trimap), dim=1))
        return (alpha, logits) if self.training else alpha


class TrimapNet(nn.Module):
    """The encoder, and a decoder that adds what was seen at each size."""

    def __init__(self) -> None:
        super().__init__()
        self.feature = Encoder()
        for stage, inputs, outputs in ((5, 320, 96), (4, 96, 32), (3, 32, 24), (2, 24, 16)):
            self.add_module(f"s{stage}_up_conv", _enlarging(inputs, outputs))
            fusion = nn.Sequential(nn.Conv2d(outputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs))
            self.add_module(f"s{stage - 1}_fusion", fusion)
        self.last_conv = nn.Conv2d(16, 3, 3, padding=1)

    def forward(self, image: Tensor) -> Tensor:
        """(N, 3, H, W) → logits of the trimap (N, 3, H, W)."""
        *seen, x = self.feature(image)
        for stage in range(5, 1, -1):
            x = self.get_submodule(f"s{stage}_up_conv")(x) + seen.pop()
            x = self.get_submodule(f"s{stage - 1}_fusion")(x)
        return self.last_conv(x)  # type: ignore[no-any-return]


class Encoder(nn.Module):
    """MobileNetV2 that begins at full size."""

    def __init__(self) -> None:
        super().__init__()
        self.head_conv = nn.Sequential(nn.Conv2d(3, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU())
        self.block_1 = InvertedResidual(32, 16, expansion=1)
        for number, (inputs, outputs, layers) in BLOCKS.items():
            first = InvertedResidual(inputs, outputs, stride=2 if number in HALVING else 1)
            more = (InvertedResidual(outputs, outputs) for _ in range(layers - 1))
            self.add_module(f"block_{number}", nn.Sequential(first, *more))
        self.block_7 = InvertedResidual(160, 320)

    def forward(self, image: Tensor) -> list[Tensor]:
        """The features at full size, 1/2, 1/4, 1/8 and 1/16."""
        x, seen = self.head_conv(image), []
        for number in range(1, 8):
            if number in HALVING:
                seen.append(x)
            x = self.get_submodule(f"block_{number}")(x)
        return [*seen, x]


class InvertedResidual(nn.Module):
    """MobileNetV2's block, widened by a convolution even where the expansion is 1."""

    def __init__(self, inputs: int, outputs: int, *, stride: int = 1, expansion: int = 6) -> None:
        super().__init__()
        wide = inputs * expansion
        self.conv = nn.Sequential(
            nn.Conv2d(inputs, wide, 1, bias=False),
            nn.BatchNorm2d(wide),
            nn.ReLU6(inplace=True),
            nn.Conv2d(wide, wide, 3, stride, padding=1, groups=wide, bias=False),
            nn.BatchNorm2d(wide),
            nn.ReLU6(inplace=True),
            nn.Conv2d(wide, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, H, W), or half that size."""
        y: Tensor = self.conv(x)
        return x + y if self.adds else y


class MattingNet(nn.Module):
    """Four halvings and four doublings. Published with a fifth layer of the encoder that nothing goes through."""

    def __init__(self) -> None:
        super().__init__()
        for number, (inputs, outputs) in enumerate((*DOWN, (128, 128)), 1):
            self.add_module(f"en_conv_bn_relu_{number}", _normed(inputs, outputs))
        for number, (inputs, outputs) in enumerate(UP, 1):
            self.add_module(f"de_conv_bn_relu_{number}", _normed(inputs, outputs))
            doubling = nn.ConvTranspose2d(outputs, outputs, 5, 2, padding=2, output_padding=1, bias=False)
            self.add_module(f"deconv_{number}", doubling)
        self.conv = nn.Conv2d(16, 1, 5, padding=2, bias=False)
        self.get_submodule(f"en_conv_bn_relu_{len(DOWN) + 1}").requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, 6, H, W) → (N, 1, H, W)."""
        for number in range(1, len(DOWN) + 1):
            x = F.max_pool2d(self.get_submodule(f"en_conv_bn_relu_{number}")(x), 3, stride=2, padding=1)
        for number in range(1, len(UP) + 1):
            x = self.get_submodule(f"deconv_{number}")(self.get_submodule(f"de_conv_bn_relu_{number}")(x))
        return self.conv(x)  # type: ignore[no-any-return]


def _normed(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


def _enlarging(inputs: int, outputs: int) -> nn.Sequential:
    """Twice the size, then a convolution."""
    twice = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
    return nn.Sequential(twice, nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU())
