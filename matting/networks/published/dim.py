"""Deep Image Matting (Xu et al., CVPR 2017, arXiv 1703.03872), as published in PyTorch by huochaitiantang.

VGG-16 and a decoder that puts back what pooling took from where it was, with shortcuts added at each size; a second,
small stage refines the first one's alpha. Parameter names and shapes are the published ones.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Channels and convolutions of the encoder between one halving and the next."""
UPWARD = (64, 64, 128, 256, 512)
"""Channels that the decoder leaves at each size, largest size first."""
SECOND_STAGE = "refine_"
"""The prefix of the parameters of the second stage."""


class DIM(nn.Module):
    """Image and trimap in, alpha out."""

    def __init__(self, *, refines: bool = True) -> None:
        """`refines`: with the second stage."""
        super().__init__()
        inputs = 4
        for stage, (channels, count) in enumerate(STAGES, 1):
            for place in range(1, count + 1):
                self.add_module(f"conv{stage}_{place}", nn.Conv2d(inputs, channels, 3, padding=1))
                inputs = channels
        self.conv6_1 = nn.Conv2d(512, 512, 3, padding=1)
        self.deconv6_1 = nn.Conv2d(512, 512, 1)
        for stage, ((inputs, _), outputs) in enumerate(zip(STAGES, UPWARD, strict=True), 1):
            self.add_module(f"deconv{stage}_1", nn.Conv2d(inputs, outputs, 5, padding=2))
        self.deconv1 = nn.Conv2d(64, 1, 5, padding=2)
        for module in list(self.children()):
            nn.init.xavier_normal_(module.get_parameter("weight"))
        self.refines = refines
        if refines:
            self._add_second_stage()

    def _add_second_stage(self) -> None:
        """At first it changes nothing."""
        self.refine_conv1 = nn.Conv2d(4, 64, 3, padding=1)
        self.refine_conv2 = nn.Conv2d(64, 64, 3, padding=1)
        self.refine_conv3 = nn.Conv2d(64, 64, 3, padding=1)
        self.refine_pred = nn.Conv2d(64, 1, 3, padding=1)
        nn.init.zeros_(self.refine_pred.weight)

    def forward(self, image: Tensor, trimap: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Alpha (N, 1, H, W) in [0, 1]; in training also that of the first stage, if there are two.

        `image` (N, 3, H, W) RGB with ImageNet's mean and deviation taken out; `trimap` (N, 1, H, W) in [0, 1]. H and W
        are multiples of 32.
        """
        first = self._first_stage(torch.cat((image, trimap), dim=1))
        if not self.refines:
            return first.sigmoid()
        x = torch.cat((image, first.sigmoid()), dim=1)
        for convolution in (self.refine_conv1, self.refine_conv2, self.refine_conv3):
            x = torch.relu(convolution(x))
        alpha = (first + self.refine_pred(x)).sigmoid()
        return (alpha, first.sigmoid()) if self.training else alpha

    def _first_stage(self, x: Tensor) -> Tensor:
        """(N, 4, H, W) → the first stage's alpha, before its squashing."""
        before = []
        for stage, (_, count) in enumerate(STAGES, 1):
            for place in range(1, count + 1):
                x = torch.relu_(self.get_submodule(f"conv{stage}_{place}")(x))
            pooled, places = F.max_pool2d(x, 2, return_indices=True)
            before.append((x, places))
            x = pooled
        x = torch.relu_(self.deconv6_1(torch.relu_(self.conv6_1(x))))
        for stage in range(len(STAGES), 0, -1):
            shortcut, places = before.pop()
            x = F.max_unpool2d(x, places, (2, 2)) + shortcut
            x = torch.relu_(self.get_submodule(f"deconv{stage}_1")(x))
        return self.deconv1(x)  # type: ignore[no-any-return]
