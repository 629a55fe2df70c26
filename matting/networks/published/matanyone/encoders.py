"""What a picture shows, and where in it the subject is."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from matting.networks.published.matanyone.blocks import WIDTH, Fusion, GatedUpdate, shrunk
from matting.networks.published.resnet50 import stages

KEY_WIDTH = 64
SUMMARIES = 16
"""Half of them are of the subject, half of what is around it."""


class Keys(NamedTuple):
    """By what places are recognised in another frame: each (N, C, h, w)."""

    key: Tensor
    """C = 64."""
    sharpness: Tensor
    """C = 1, at least 1: how fast the likeness falls off around a remembered place."""
    attention: Tensor
    """C = 64, in [0, 1]: which parts of the key matter to the place that asks."""


class ImageEncoder(nn.Module):
    """ResNet-50 down to 1/16."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.res2, self.layer2, self.layer3, _ = stages(nn.Conv2d, nn.BatchNorm2d, (1, 1))

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """(N, 3, H, W) → 64, 256, 512 and 1024 channels at 1/2, 1/4, 1/8 and 1/16."""
        half = torch.relu(self.bn1(self.conv1(image)))
        quarter = self.res2(F.max_pool2d(half, 3, 2, padding=1))
        eighth = self.layer2(quarter)
        return half, quarter, eighth, self.layer3(eighth)


class KeyProjection(nn.Module):
    """What the image encoder gives at 1/16 → `Keys`."""

    def __init__(self) -> None:
        super().__init__()
        self.pix_feat_proj = nn.Conv2d(1024, WIDTH, 1)
        self.key_proj = nn.Conv2d(WIDTH, KEY_WIDTH, 3, padding=1)
        self.d_proj = nn.Conv2d(WIDTH, 1, 3, padding=1)
        self.e_proj = nn.Conv2d(WIDTH, KEY_WIDTH, 3, padding=1)

    def forward(self, x: Tensor) -> Keys:
        """(N, 1024, h, w) → keys."""
        x = self.pix_feat_proj(x)
        return Keys(self.key_proj(x), self.d_proj(x) ** 2 + 1, torch.sigmoid(self.e_proj(x)))


class MaskEncoder(nn.Module):
    """ResNet-18 down to 1/16, of a picture with its alpha; put together with what the image encoder saw."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 64, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(PlainBlock(64, 64), PlainBlock(64, 64))
        self.layer2 = nn.Sequential(PlainBlock(64, 128), PlainBlock(128, 128))
        self.layer3 = nn.Sequential(PlainBlock(128, 256), PlainBlock(256, 256))
        self.fuser = Fusion(256)
        self.sensory_update = GatedUpdate()

    def forward(self, image: Tensor, features: Tensor, alpha: Tensor) -> Tensor:
        """(N, 3, H, W), (N, 256, h, w) and (N, 1, H, W) → what is to be remembered of each place, (N, 256, h, w)."""
        x = torch.relu(self.bn1(self.conv1(torch.cat((image, alpha), dim=1))))
        x = self.layer3(self.layer2(self.layer1(F.max_pool2d(x, 3, 2, padding=1))))
        return self.fuser(features, x)  # type: ignore[no-any-return]


class PlainBlock(nn.Module):
    """The block of ResNet-18; a different number of channels halves the size."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        stride = 1 if inputs == outputs else 2
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample: nn.Module = nn.Identity()
        if stride > 1:
            shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False)
            self.downsample = nn.Sequential(shortcut, nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, H, W), or half that size."""
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class ObjectSummarizer(nn.Module):
    """The subject, and what is around it, in 16 vectors."""

    def __init__(self) -> None:
        super().__init__()
        self.input_proj = nn.Linear(WIDTH, WIDTH)
        self.feature_pred = _perceptron(WIDTH)
        self.weights_pred = _perceptron(SUMMARIES)

    def forward(self, alpha: Tensor, value: Tensor, places: Tensor) -> Tensor:
        """(N, 1, H, W), (N, 256, h, w) and (h · w, 256) → sums and, last, their weight: (N, 16, 257)."""
        inside = shrunk(alpha, value.shape).flatten(2).transpose(1, 2)
        x = self.input_proj(value.flatten(2).transpose(1, 2)) + places
        shares = torch.cat([side.expand(-1, -1, SUMMARIES // 2) for side in (inside, 1 - inside)], dim=2)
        weights = (torch.sigmoid(self.weights_pred(x)) * shares).transpose(1, 2)
        return torch.cat((weights @ self.feature_pred(x), weights.sum(dim=2, keepdim=True)), dim=2)


def _perceptron(outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, outputs))
