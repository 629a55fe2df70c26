"""TinyViT-5M as MobileSAM's image encoder, with parameter names as published.

Wu et al., "TinyViT: Fast Pretraining Distillation for Small Vision Transformers", ECCV 2022, arXiv 2207.10666; its last
stage keeps the resolution, and a neck brings it to SAM's 256 channels (Zhang et al. 2023, arXiv 2306.14289).
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CHANNELS = (64, 128, 160, 320)
BLOCKS = (2, 2, 6, 2)
HEADS = (0, 4, 5, 10)
"""Attention heads per stage; the first stage only convolves."""
WINDOWS = (0, 7, 14, 7)
"""The side of the squares within which the tokens of a stage attend to each other."""
STRIDES = (2, 2, 1)
"""The stride from each stage to the next."""
EMBEDDING = 256
CLASSES = 1000


class TinyViT(nn.Module):
    """A picture in, 256 features at a sixteenth of its size out."""

    def __init__(self) -> None:
        super().__init__()
        self.patch_embed = PatchEmbedding()
        self.layers = nn.ModuleList(Stage(index) for index in range(len(CHANNELS)))
        self.norm_head = nn.LayerNorm(CHANNELS[-1])  # for the ImageNet classifier; unused, but in the published file
        self.head = nn.Linear(CHANNELS[-1], CLASSES)
        self.neck = nn.Sequential(
            nn.Conv2d(CHANNELS[-1], EMBEDDING, 1, bias=False),
            ChannelNorm(EMBEDDING),
            nn.Conv2d(EMBEDDING, EMBEDDING, 3, padding=1, bias=False),
            ChannelNorm(EMBEDDING),
        )

    def forward(self, image: Tensor) -> Tensor:
        """(N, 3, H, W) RGB with ImageNet's mean and deviation taken out → (N, 256, H / 16, W / 16).

        H and W are multiples of 16; the published weights were trained at 1024 × 1024.
        """
        x = self.patch_embed(image)
        for layer in self.layers:
            x = layer(x)
        features: Tensor = self.neck(x)
        return features


class PatchEmbedding(nn.Module):
    """Two strided convolutions: a quarter of the size."""

    def __init__(self) -> None:
        super().__init__()
        half = CHANNELS[0] // 2
        self.seq = nn.Sequential(
            NormedConv(3, half, 3, stride=2), nn.GELU(), NormedConv(half, CHANNELS[0], 3, stride=2)
        )

    def forward(self, image: Tensor) -> Tensor:
        """(N, 3, H, W) → (N, 64, H / 4, W / 4)."""
        embedded: Tensor = self.seq(image)
        return embedded


class Stage(nn.Module):
    """The blocks at one resolution, and the transition to the next."""

    def __init__(self, index: int) -> None:
        super().__init__()
        channels, heads, window = CHANNELS[index], HEADS[index], WINDOWS[index]
        self.blocks = nn.ModuleList(
            WindowBlock(channels, heads, window) if heads else InvertedBottleneck(channels)
            for _ in range(BLOCKS[index])
        )
        is_last = index == len(CHANNELS) - 1
        self.downsample = nn.Identity() if is_last else Merging(channels, CHANNELS[index + 1], STRIDES[index])

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) → the next stage's input; the last stage's output."""
        for block in self.blocks:
            x = block(x)
        merged: Tensor = self.downsample(x)
        return merged


class NormedConv(nn.Module):
    """A convolution without bias, and batch norm."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.c = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, H / stride, W / stride)."""
        y: Tensor = self.bn(self.c(x))
        return y


class InvertedBottleneck(nn.Module):
    """MobileNetV2's block: widen fourfold, filter each channel, narrow; added to its input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        wide = 4 * channels
        self.conv1 = NormedConv(channels, wide, 1)
        self.conv2 = NormedConv(wide, wide, 3, groups=wide)
        self.conv3 = NormedConv(wide, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) → the same shape."""
        y = self.conv2(F.gelu(self.conv1(x)))
        return F.gelu(x + self.conv3(F.gelu(y)))


class Merging(nn.Module):
    """The transition to the next stage's channels and resolution."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = NormedConv(inputs, outputs, 1)
        self.conv2 = NormedConv(outputs, outputs, 3, stride=stride, groups=outputs)
        self.conv3 = NormedConv(outputs, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs, H, W) → (N, outputs, H / stride, W / stride)."""
        y: Tensor = self.conv3(F.gelu(self.conv2(F.gelu(self.conv1(x)))))
        return y


class WindowBlock(nn.Module):
    """Attention within windows, a local filter between them, and a perceptron."""

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.window = window
        self.attn = Attention(channels, heads, window)
        self.local_conv = NormedConv(channels, channels, 3, groups=channels)
        self.mlp = Perceptron(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) → the same shape."""
        tokens = x.permute(0, 2, 3, 1)
        x = self.local_conv((tokens + self.attend(tokens)).permute(0, 3, 1, 2))
        tokens = x.permute(0, 2, 3, 1)
        mixed: Tensor = tokens + self.mlp(tokens)
        return mixed.permute(0, 3, 1, 2)

    def attend(self, tokens: Tensor) -> Tensor:
        """(N, H, W, C) → the same shape: what each token takes from its window; the last are padded with zeros."""
        count, height, width, channels = tokens.shape
        side = self.window
        padded = F.pad(tokens, (0, 0, 0, -width % side, 0, -height % side))
        rows, columns = padded.shape[1] // side, padded.shape[2] // side
        windows = padded.view(count, rows, side, columns, side, channels).transpose(2, 3)
        attended: Tensor = self.attn(windows.reshape(-1, side * side, channels))
        whole = attended.view(count, rows, columns, side, side, channels).transpose(2, 3).reshape(padded.shape)
        return whole[:, :height, :width]


class Attention(nn.Module):
    """Attention among the tokens of a window, with a learnt bias for each distance in rows and columns."""

    def __init__(self, channels: int, heads: int, window: int) -> None:
        super().__init__()
        self.heads, self.window = heads, window
        self.norm = nn.LayerNorm(channels)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)
        self.attention_biases = nn.Parameter(torch.zeros(heads, window * window))

    def forward(self, tokens: Tensor) -> Tensor:
        """(N, window², channels) → the same shape."""
        count, length, channels = tokens.shape
        mixed = self.qkv(self.norm(tokens)).view(count, length, self.heads, -1).transpose(1, 2)
        query, key, value = mixed.chunk(3, dim=-1)
        bias = self.attention_biases[:, distances(self.window, tokens.device)]
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        projected: Tensor = self.proj(attended.transpose(1, 2).reshape(count, length, channels))
        return projected


class Perceptron(nn.Module):
    """Two layers, four times as wide between them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.fc1 = nn.Linear(channels, 4 * channels)
        self.fc2 = nn.Linear(4 * channels, channels)

    def forward(self, tokens: Tensor) -> Tensor:
        """(…, channels) → the same shape."""
        y: Tensor = self.fc2(F.gelu(self.fc1(self.norm(tokens))))
        return y


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of a picture."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=1e-6)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 — torch's own name for it
        """(N, channels, H, W) → the same shape."""
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)


def distances(window: int, device: torch.device) -> Tensor:
    """(window², window²) int64: for each two tokens of a window, rows apart × `window` + columns apart."""
    place = torch.arange(window * window, device=device)
    row, column = place // window, place % window
    return (row[:, None] - row).abs() * window + (column[:, None] - column).abs()
