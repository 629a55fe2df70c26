"""IndexNet Matting (Lu et al., "Indices Matter", ICCV 2019, arXiv 1908.00672).

A MobileNetV2 whose halvings are weighted means, and whose doublings weigh by the same places: small networks, the index
blocks, give the weights from the features. Parameter names and shapes are the published ones, of its best version:
depthwise indices, many to one, with nonlinearity and context.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LAYERS = (
    (1, 32, 16, 1),
    (6, 16, 24, 2),
    (6, 24, 32, 3),
    (6, 32, 64, 4),
    (6, 64, 96, 3),
    (6, 96, 160, 3),
    (6, 160, 320, 1),
)
"""The stages of the encoder: expansion, channels in and out, blocks."""
INDEXED = {0: 32, 2: 24, 3: 32, 4: 64, 6: 160}
"""The layers after which the size is halved, and their channels."""
DECODER = ((6, 160, 96), (5, 96, 64), (4, 64, 32), (3, 32, 24), (2, 24, 16), (1, 16, 32), (0, 32, 32))
"""The layers that the decoder goes back through: number, their channels, channels out."""


class IndexNet(nn.Module):
    """Image and trimap in, alpha out."""

    def __init__(self) -> None:
        super().__init__()
        self.layer0 = _normed(4, 32, 3)
        for number, (expansion, inputs, outputs, blocks) in enumerate(LAYERS, 1):
            more = (InvertedResidual(outputs, outputs, expansion) for _ in range(blocks - 1))
            self.add_module(f"layer{number}", nn.Sequential(InvertedResidual(inputs, outputs, expansion), *more))
        for number, channels in INDEXED.items():
            self.add_module(f"index{number}", IndexBlock(channels))
        self.dconv_pp = SeparablePyramid(320, 160)
        for number, channels, outputs in DECODER:
            self.add_module(f"decoder_layer{number}", UpLayer(channels, outputs))
        self.pred = nn.Sequential(_normed(32, 1, 5), nn.Conv2d(1, 1, 5, padding=2, bias=False))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")

    def forward(self, image: Tensor, trimap: Tensor) -> Tensor:
        """Alpha (N, 1, H, W), not clipped.

        `image` (N, 3, H, W) RGB with ImageNet's mean and deviation taken out; `trimap` (N, 1, H, W) in [0, 1]. H and W
        are multiples of 32.
        """
        x = torch.cat((image, trimap), dim=1)
        seen, places = {}, {}
        for number in range(len(LAYERS) + 1):
            x = self.get_submodule(f"layer{number}")(x)
            seen[number] = x
            if number in INDEXED:
                downward, places[number] = self.get_submodule(f"index{number}")(x)
                seen[number] = x * downward
                x = 4 * F.avg_pool2d(seen[number], 2)
        x = self.dconv_pp(x)
        for number, *_ in DECODER:
            if number in INDEXED:
                x = F.interpolate(x, scale_factor=2.0, mode="nearest") * places.pop(number)
            x = self.get_submodule(f"decoder_layer{number}")(x, seen.pop(number))
        return self.pred(x)  # type: ignore[no-any-return]


class IndexBlock(nn.Module):
    """Features → for each channel the weights of every 2 × 2 pixels, downward (their sum is 1) and upward."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        for corner in range(1, 5):
            self.add_module(
                f"indexnet{corner}",
                nn.Sequential(
                    nn.Conv2d(channels, channels, 4, stride=2, padding=1, bias=False),
                    nn.BatchNorm2d(channels),
                    nn.ReLU6(inplace=True),
                    nn.Conv2d(channels, channels, 1, bias=False),
                ),
            )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(N, C, H, W) → two of the same shape."""
        upward = torch.stack([corner(x) for corner in self.children()], dim=2).sigmoid()
        downward = upward.softmax(dim=2)
        return F.pixel_shuffle(downward.flatten(1, 2), 2), F.pixel_shuffle(upward.flatten(1, 2), 2)


class InvertedResidual(nn.Module):
    """MobileNetV2's block at full size. As published, zeros are put around the input before it is widened."""

    def __init__(self, inputs: int, outputs: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        widen = _normed(inputs, wide, 1) if expansion > 1 else ()
        look = (nn.Conv2d(wide, wide, 3, groups=wide, bias=False), nn.BatchNorm2d(wide), nn.ReLU6(inplace=True))
        self.conv = nn.Sequential(*widen, *look, nn.Conv2d(wide, outputs, 1, bias=False), nn.BatchNorm2d(outputs))
        self.adds = inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, H, W)."""
        y: Tensor = self.conv(F.pad(x, (1, 1, 1, 1)))
        return x + y if self.adds else y


class SeparablePyramid(nn.Module):
    """Atrous spatial pyramid pooling, with depthwise convolutions; without the published dropout in training."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.aspp1 = Seen(_normed(inputs, 256, 1))
        for number, dilation in enumerate((2, 4, 8), 2):
            look = nn.Conv2d(inputs, inputs, 3, padding=dilation, dilation=dilation, groups=inputs, bias=False)
            norm = (nn.BatchNorm2d(inputs), nn.ReLU6(inplace=True))
            self.add_module(f"aspp{number}", Seen(nn.Sequential(look, *norm, *_normed(inputs, 256, 1))))
        self.global_avg_pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), *_normed(inputs, 256, 1))
        self.bottleneck_conv = _normed(5 * 256, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) → (N, outputs, h, w)."""
        *seen, whole = [part(x) for part in list(self.children())[:5]]
        return self.bottleneck_conv(torch.cat((*seen, whole.expand_as(seen[0])), dim=1))  # type: ignore[no-any-return]


class Seen(nn.Module):
    """One width of the pyramid, under its published name."""

    def __init__(self, layers: nn.Sequential) -> None:
        super().__init__()
        self.atrous_conv = layers

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, h, w) → (N, outputs, h, w)."""
        return self.atrous_conv(x)  # type: ignore[no-any-return]


class UpLayer(nn.Module):
    """One layer of the decoder: what comes from below, and what the encoder saw."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.dconv = _normed(2 * channels, outputs, 5)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        """Two (N, channels, H, W) → (N, outputs, H, W)."""
        return self.dconv(torch.cat((x, seen), dim=1))  # type: ignore[no-any-return]


def _normed(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    convolution = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(outputs), nn.ReLU6(inplace=True))
