"""From what is known at 1/16 to an alpha at the full size."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from matting.networks.published.matanyone.blocks import WIDTH, GatedUpdate, shrunk

PICTURE_WIDTHS = (512, 256, 64, 3)
"""Channels of the image encoder at 1/8, 1/4 and 1/2, and of the picture."""
WIDTHS = (WIDTH, 128, 128, 64, 16)
"""Channels of the decoder at 1/16, 1/8, 1/4, 1/2 and the full size."""


class Decoder(nn.Module):
    """Doubles the size four times, each time with what the image encoder saw at that size."""

    def __init__(self) -> None:
        super().__init__()
        self.sensory_update = SensoryUpdate()
        inputs = WIDTHS[:-1]
        self.decoder_feat_proc = PictureFeatures(inputs)
        self.up_16_8, self.up_8_4, self.up_4_2, self.up_2_1 = map(Doubling, inputs, WIDTHS[1:])
        self.pred_mat = nn.Conv2d(WIDTHS[-1], 1, 3, padding=1)

    def forward(self, pictures: tuple[Tensor, ...], known: Tensor, sensory: Tensor) -> tuple[Tensor, Tensor]:
        """The answer (N, 1, H, W), not clipped, and what is remembered of each place from now on (N, 256, h, w).

        `pictures` are what the image encoder saw at 1/8, 1/4 and 1/2, and the picture.
        """
        sizes = [known]
        doublings = (self.up_16_8, self.up_8_4, self.up_4_2, self.up_2_1)
        for doubling, picture in zip(doublings, self.decoder_feat_proc(pictures), strict=True):
            sizes.append(doubling(sizes[-1], picture))
        answer = self.pred_mat(torch.relu(sizes[-1]))
        sizes[-1] = torch.cat((sizes[-1], answer), dim=1)
        return answer, self.sensory_update.from_sizes(sizes, sensory)


class PictureFeatures(nn.Module):
    """What the image encoder saw, in the decoder's numbers of channels."""

    def __init__(self, outputs: tuple[int, ...]) -> None:
        super().__init__()
        sides = zip(PICTURE_WIDTHS, outputs, strict=True)
        self.transforms = nn.ModuleList(nn.Conv2d(seen, wanted, 1) for seen, wanted in sides)

    def forward(self, pictures: tuple[Tensor, ...]) -> list[Tensor]:
        """Each (N, seen, H, W) → (N, wanted, H, W)."""
        return [transform(picture) for transform, picture in zip(self.transforms, pictures, strict=True)]


class Doubling(nn.Module):
    """Twice the size, the picture's features added, and two convolutions beside a path around them."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        around = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)
        self.out_conv = nn.ModuleDict(
            {
                "downsample": around,
                "conv1": nn.Conv2d(inputs, outputs, 3, padding=1),
                "conv2": nn.Conv2d(outputs, outputs, 3, padding=1),
            }
        )

    def forward(self, x: Tensor, picture: Tensor) -> Tensor:
        """(N, inputs, h, w) and (N, inputs, 2h, 2w) → (N, outputs, 2h, 2w)."""
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False) + picture
        y = torch.relu(self.out_conv["conv1"](torch.relu(x)))
        return self.out_conv["conv2"](y) + self.out_conv["downsample"](x)  # type: ignore[no-any-return]


class SensoryUpdate(GatedUpdate):
    """The gated update, from what the decoder knows at each size."""

    def __init__(self) -> None:
        super().__init__()
        for shrinks, channels in zip((16, 8, 4, 2, 1), (*WIDTHS[:-1], WIDTHS[-1] + 1), strict=True):
            self.add_module(f"g{shrinks}_conv", nn.Conv2d(channels, WIDTH, 1))

    def from_sizes(self, sizes: list[Tensor], sensory: Tensor) -> Tensor:
        """`sizes`, smallest first; `sensory` (N, 256, h, w) → the same shape."""
        seen = sum(
            self.get_submodule(f"g{shrinks}_conv")(shrunk(size, sensory.shape))
            for shrinks, size in zip((16, 8, 4, 2, 1), sizes, strict=True)
        )
        return self(seen, sensory)  # type: ignore[no-any-return]
