"""Small parts that several of the others are made of."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH = 256
"""Channels of whatever is known at 1/16 of the picture's size."""
HEIGHT_SCALE, TEMPERATURE = 32.0, 128.0
"""Of the encoding of positions: the position of the last pixel, and the ratio of the longest to the shortest wave."""


class AttentiveBlock(nn.Module):
    """Two convolutions whose answer is weighted by channel, beside a path around them."""

    def __init__(self, channels: int = WIDTH) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv = nn.Conv1d(1, 1, 5, padding=2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, h, w) → the same shape."""
        y = self.conv2(torch.relu(self.conv1(torch.relu(x))))
        weight = torch.sigmoid(self.conv(y.mean(dim=(2, 3))[:, None]))
        return x + y * weight[:, 0, :, None, None]  # type: ignore[no-any-return]


class Fusion(nn.Module):
    """What is known of the picture and what is known of the subject become one."""

    def __init__(self, of_subject: int) -> None:
        super().__init__()
        self.distributor = nn.ModuleDict(
            {"x_transform": nn.Conv2d(WIDTH, WIDTH, 1), "g_transform": nn.Conv2d(of_subject, WIDTH, 1)}
        )
        self.block1 = AttentiveBlock()
        self.block2 = AttentiveBlock()

    def forward(self, picture: Tensor, subject: Tensor) -> Tensor:
        """(N, 256, h, w) and (N, of_subject, h, w) → (N, 256, h, w)."""
        together = self.distributor["x_transform"](picture) + self.distributor["g_transform"](subject)
        return self.block2(self.block1(together))  # type: ignore[no-any-return]


class GatedUpdate(nn.Module):
    """A gated recurrent unit, for what is remembered at each place."""

    def __init__(self) -> None:
        super().__init__()
        self.transform = nn.Conv2d(2 * WIDTH, 3 * WIDTH, 3, padding=1)

    def forward(self, seen: Tensor, remembered: Tensor) -> Tensor:
        """Both (N, 256, h, w) → what is remembered from now on, the same shape."""
        keep, take, new = self.transform(torch.cat((seen, remembered), dim=1)).chunk(3, dim=1)
        taken = torch.sigmoid(take)
        return torch.sigmoid(keep) * remembered * (1 - taken) + taken * torch.tanh(new)


def shrunk(x: Tensor, size: tuple[int, ...]) -> Tensor:
    """(N, C, H, W) → (N, C, h, w) of that `size`: means over areas."""
    return F.interpolate(x, size=size[-2:], mode="area")


def positions(like: Tensor) -> Tensor:
    """(h · w, 256): where each place of `like` (N, C, h, w) is, first along its row and then down, as waves."""
    down, along = (_waves(side, like) for side in like.shape[-2:])
    rows, columns = len(down), len(along)
    places = torch.cat((along[None].expand(rows, -1, -1), down[:, None].expand(-1, columns, -1)), dim=2)
    return places.flatten(0, 1)


def _waves(side: int, like: Tensor) -> Tensor:
    """(side, 128): sines and cosines, in turn, of places from 0 to the last one's 32."""
    half = WIDTH // 2
    steps = torch.arange(side, dtype=like.dtype, device=like.device)
    frequencies = TEMPERATURE ** -(torch.arange(0, half, 2, dtype=like.dtype, device=like.device) / half)
    turns = torch.outer(steps / (steps[-1] + 1e-6) * HEIGHT_SCALE, frequencies)
    return torch.stack((turns.sin(), turns.cos()), dim=2).flatten(1)
