"""GCA-Matting (Li & Lu, "Natural Image Matting via Guided Contextual Attention", AAAI 2020, arXiv 2001.04069).

A ResNet-34 encoder and its mirror image as decoder, joined by shortcuts, with guided attention at 1/8 of the picture's
size in both. Parameter names and shapes are the published ones, so official checkpoints load unchanged.
"""

import torch
from torch import Tensor, nn

from matting.networks.guided_attention import GuidedAttention
from matting.networks.published.shortcut_resnet import ShortcutDecoder, ShortcutEncoder, in_strips
from matting.networks.spectral import SpectralConv


class GCA(nn.Module):
    """Image and trimap in, alpha out."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.decoder = Decoder()

    def forward(self, image: Tensor, trimap: Tensor) -> Tensor:
        """Alpha (N, 1, H, W) in [0, 1], known pixels not imposed.

        `image` (N, 3, H, W) RGB with ImageNet's mean and deviation taken out; `trimap` (N, 3, H, W) one-hot:
        background, unknown, foreground. H and W are multiples of 32.
        """
        unknown = trimap[:, 1:2, ::8, ::8]
        guidance = self.encoder.guidance_head(image)
        # the stem's features get no name here, because a name would keep them in memory to the end
        features = self.encoder(self.encoder.stem(torch.cat((image, trimap), dim=1)), guidance, unknown)
        half = self.decoder(*features, guidance, unknown)
        if self.training or torch.compiler.is_exporting():
            return self._finish(half, image, trimap)
        return in_strips(self._finish, half, image, trimap)

    def _finish(self, half: Tensor, image: Tensor, trimap: Tensor) -> Tensor:
        """The decoder's (N, 32, H/2, W/2) features and the two inputs → alpha (N, 1, H, W)."""
        x = self.decoder.last_doubling(half)
        x = x + self.encoder.shortcut[0](torch.cat((image, trimap), dim=1))
        return (torch.tanh(self.decoder.conv2(x)) + 1) / 2


class Encoder(ShortcutEncoder):
    """With guided attention at 1/8 of the picture's size."""

    def __init__(self) -> None:
        super().__init__(6)
        self.guidance_head = nn.Sequential(*_guidance(3, 16), *_guidance(16, 32), *_guidance(32, 128))
        self.gca = GuidedAttention()

    def forward(self, half: Tensor, guidance: Tensor, unknown: Tensor) -> tuple[Tensor, list[Tensor]]:
        """See ShortcutEncoder.descend."""
        first, second, third, fourth = self.stages()
        return self.descend(half, (first, lambda x: self.gca(guidance, second(x), unknown), third, fourth))


class Decoder(ShortcutDecoder):
    """With the same attention at the same size."""

    def __init__(self) -> None:
        super().__init__()
        self.gca = GuidedAttention()
        self.conv2 = nn.Conv2d(32, 1, 3, padding=1)
        nn.init.xavier_uniform_(self.conv2.weight)

    def forward(self, deep: Tensor, shortcuts: list[Tensor], guidance: Tensor, unknown: Tensor) -> Tensor:
        """(N, 512, H/32, W/32) → (N, 32, H/2, W/2)."""
        half, quarter, eighth, sixteenth = shortcuts
        x = self.layer2(self.layer1(deep) + sixteenth) + eighth
        x = self.gca(guidance, x, unknown)
        x = self.layer4(self.layer3(x) + quarter) + half
        return x  # type: ignore[no-any-return]


def _guidance(inputs: int, outputs: int) -> list[nn.Module]:
    """One halving of the guidance head."""
    convolution = SpectralConv(inputs, outputs, stride=2, padding=0)
    return [nn.ReflectionPad2d(1), convolution, nn.ReLU(inplace=True), nn.BatchNorm2d(outputs)]
