"""MEMatte (Lin et al., "Memory Efficient Matting with Adaptive Token Routing", AAAI 2025, arXiv 2412.10702).

ViTMatte's plain vision transformer, in which each global attention is preceded by a router: only the tokens that it
picks attend to each other, the others pass a few convolutions instead. Parameter names and shapes are the published
ones. It is run here, not trained.
"""

from collections import OrderedDict
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from matting.networks.tiny_vit import ChannelNorm

PATCH = 16
"""Side, in pixels, of what is one token."""
WINDOW = 14
"""Side, in tokens, of a window of local attention."""
DEPTH, GLOBAL = 12, (2, 5, 8, 11)
"""The number of blocks, and those whose attention is global."""
HEAD = 64
LEARNED_SIDE = 14
"""Side, in tokens, of the pictures that the places of tokens were learned on."""
MOST_TOKENS = 18_500
"""The most tokens that attend to each other, as published."""
EPSILON = 1e-6


class MEMatte(nn.Module):
    """Image and trimap in, alpha out."""

    def __init__(self, width: int = 384) -> None:
        """With this many channels per token: 384 in the small version, 768 in the base one."""
        super().__init__()
        self.backbone = Backbone(width)
        self.decoder = DetailCapture(width)

    def forward(self, planes: Tensor) -> Tensor:
        """Alpha (1, 1, H, W) in [0, 1].

        `planes` (1, 4, H, W): RGB with ImageNet's mean and deviation taken out, then the trimap as 0, 0.5 and 1. H and
        W are multiples of 32.
        """
        alpha: Tensor = self.decoder(self.backbone(planes), planes)
        return alpha


class Backbone(nn.Module):
    """The transformer: a token for each 16 × 16 pixels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(4, width, PATCH, PATCH)})
        self.pos_embed = nn.Parameter(torch.zeros(1, LEARNED_SIDE**2 + 1, width))
        self.blocks = nn.ModuleList(
            GlobalBlock(width) if index in GLOBAL else LocalBlock(width) for index in range(DEPTH)
        )
        self.routers = nn.ModuleList(Router(width) for _ in GLOBAL)

    def forward(self, planes: Tensor) -> Tensor:
        """(1, 4, H, W) → (1, width, H/16, W/16)."""
        x = self.patch_embed["proj"](planes).permute(0, 2, 3, 1)
        x = x + self._places(x.shape[1], x.shape[2])
        routers = iter(self.routers)
        for block in self.blocks:
            x = block(x, next(routers)(x)) if isinstance(block, GlobalBlock) else block(x)
        features: Tensor = x.permute(0, 3, 1, 2)
        return features

    def _places(self, height: int, width: int) -> Tensor:
        """(1, height, width, C): the place of each token, as learned; the first learned place belongs to no token."""
        learned: Tensor = self.pos_embed[:, 1:].reshape(1, LEARNED_SIDE, LEARNED_SIDE, -1)
        if (height, width) == (LEARNED_SIDE, LEARNED_SIDE):
            return learned
        planes = learned.permute(0, 3, 1, 2)
        enlarged: Tensor = F.interpolate(planes, (height, width), mode="bicubic", align_corners=False)
        return enlarged.permute(0, 2, 3, 1)


class Router(nn.Module):
    """Which tokens are worth a global attention: each is judged by itself and by the mean of all."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.in_conv = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.GELU())
        self.out_conv = nn.Sequential(
            nn.Linear(width, width // 2), nn.GELU(), nn.Linear(width // 2, width // 4), nn.GELU(),
            nn.Linear(width // 4, 2), nn.LogSoftmax(dim=-1),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """(1, h, w, C) → (1, h, w) bool."""
        own, all_others = self.in_conv(x).chunk(2, dim=-1)
        mean = all_others.mean(dim=(1, 2), keepdim=True).expand_as(all_others)
        yes, no = self.out_conv(torch.cat((own, mean), dim=-1)).unbind(-1)
        gain: Tensor = yes - no
        kept = gain > 0
        if int(kept.sum()) > MOST_TOKENS:
            kept = torch.zeros_like(kept).flatten().scatter(0, gain.flatten().topk(MOST_TOKENS).indices, True)
        return kept.reshape(gain.shape)


class Attention(nn.Module):
    """Attention between tokens; in a window it also knows how far they are from each other."""

    def __init__(self, width: int, *, has_places: bool) -> None:
        super().__init__()
        self.heads = width // HEAD
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)
        if has_places:
            self.rel_pos_h = nn.Parameter(torch.zeros(2 * WINDOW - 1, HEAD))
            self.rel_pos_w = nn.Parameter(torch.zeros(2 * WINDOW - 1, HEAD))

    def forward(self, x: Tensor) -> Tensor:
        """(N, T, C) → the same shape; T is WINDOW² if it knows places."""
        parts = self.qkv(x).unflatten(-1, (3, self.heads, HEAD)).permute(2, 0, 3, 1, 4)
        queries, keys, values = parts.unbind(0)
        nearness = self._nearness(queries) if hasattr(self, "rel_pos_h") else None
        found = F.scaled_dot_product_attention(queries, keys, values, attn_mask=nearness)
        y: Tensor = self.proj(found.transpose(1, 2).flatten(2))
        return y

    def _nearness(self, queries: Tensor) -> Tensor:
        """(N, heads, T, T): what the distances down and across add for each query."""
        steps = torch.arange(WINDOW, device=queries.device)
        apart = steps[:, None] - steps + WINDOW - 1
        grid = queries.reshape(*queries.shape[:2], WINDOW, WINDOW, HEAD)
        down = torch.einsum("nhyxc,ykc->nhyxk", grid, self.rel_pos_h[apart])
        across = torch.einsum("nhyxc,xkc->nhyxk", grid, self.rel_pos_w[apart])
        return (down[..., :, None] + across[..., None, :]).flatten(4).flatten(2, 3)


class LocalBlock(nn.Module):
    """Attention within windows, then a perceptron."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=EPSILON)
        self.attn = Attention(width, has_places=True)
        self.norm2 = nn.LayerNorm(width, eps=EPSILON)
        self.mlp = Thought(width)

    def forward(self, x: Tensor) -> Tensor:
        """(1, h, w, C) → the same shape."""
        _, height, width, _ = x.shape
        down, across = -height % WINDOW, -width % WINDOW
        padded = F.pad(self.norm1(x), (0, 0, 0, across, 0, down))
        rows, columns = (side // WINDOW for side in padded.shape[1:3])
        tiles = padded.reshape(1, rows, WINDOW, columns, WINDOW, -1).transpose(2, 3)
        found = self.attn(tiles.flatten(0, 2).flatten(1, 2)).reshape(tiles.shape)
        whole = found.transpose(2, 3).flatten(3, 4).flatten(1, 2)
        x = x + whole[:, :height, :width]
        return x + self.mlp(self.norm2(x))  # type: ignore[no-any-return]


class GlobalBlock(nn.Module):
    """Attention between the picked tokens, convolutions for the others; a perceptron; convolutions for all."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=EPSILON)
        self.attn = Attention(width, has_places=False)
        self.norm2 = nn.LayerNorm(width, eps=EPSILON)
        self.mlp = Thought(width)
        self.efficient_block = Refinement(width)
        self.residual = Bottleneck(width)

    def forward(self, x: Tensor, picked: Tensor) -> Tensor:
        """(1, h, w, C) and (1, h, w) bool → (1, h, w, C)."""
        found = self.efficient_block(x)
        if picked.any():
            found = found.index_put((picked,), self.attn(self.norm1(x[picked][None]))[0])
        x = x + found
        x = x + self.mlp(self.norm2(x))
        return self.residual(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)  # type: ignore[no-any-return]


class Thought(nn.Module):
    """The perceptron inside a block."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(…, C) → the same shape."""
        y: Tensor = self.fc2(F.gelu(self.fc1(x)))
        return y


class Refinement(nn.Module):
    """What stands for attention: a look around each token, and a weight for each channel."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, 2 * width)
        self.dwconv = nn.Conv2d(2 * width, 2 * width, 5, padding=2, groups=2 * width)
        self.fc2 = nn.Linear(2 * width, width)
        self.eca = nn.ModuleDict({"conv": nn.Conv1d(1, 1, 5, padding=2, bias=False)})

    def forward(self, x: Tensor) -> Tensor:
        """(1, h, w, C) → the same shape."""
        x = F.gelu(self.fc1(x)).permute(0, 3, 1, 2)
        x = self.fc2(F.gelu(self.dwconv(x)).permute(0, 2, 3, 1))
        weights = self.eca["conv"](x.mean(dim=(1, 2))[:, None]).sigmoid()
        return x + x * weights[:, None]  # type: ignore[no-any-return]


class Bottleneck(nn.Module):
    """Narrow, look around, widen; added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        half = width // 2
        self.conv1, self.norm1 = nn.Conv2d(width, half, 1, bias=False), ChannelNorm(half)
        self.conv2, self.norm2 = nn.Conv2d(half, half, 3, padding=1, bias=False), ChannelNorm(half)
        self.conv3, self.norm3 = nn.Conv2d(half, width, 1, bias=False), ChannelNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        """(1, C, h, w) → the same shape."""
        y = F.gelu(self.norm1(self.conv1(x)))
        y = F.gelu(self.norm2(self.conv2(y)))
        return x + self.norm3(self.conv3(y))  # type: ignore[no-any-return]


class DetailCapture(nn.Module):
    """From the tokens to every pixel, with the picture's own details at each size."""

    def __init__(self, width: int) -> None:
        super().__init__()
        seen, given = (4, 48, 96, 192), (width, 256, 128, 64, 32)
        self.convstream = nn.ModuleDict({"convs": nn.ModuleList(Filter(*pair, stride=2) for pair in pairwise(seen))})
        pairs = zip(given[:-1], seen[::-1], given[1:], strict=True)
        self.fusion_blks = nn.ModuleList(
            nn.Sequential(OrderedDict(conv=Filter(before + detail, after))) for before, detail, after in pairs
        )
        last = (nn.Conv2d(32, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(inplace=True), nn.Conv2d(16, 1, 1))
        self.matting_head = nn.ModuleDict({"matting_convs": nn.Sequential(*last)})

    def forward(self, x: Tensor, planes: Tensor) -> Tensor:
        """(1, width, H/16, W/16) and (1, 4, H, W) → alpha (1, 1, H, W) in [0, 1]."""
        details = [planes]
        for convolution in self.convstream["convs"].children():
            details.append(convolution(details[-1]))
        for block, detail in zip(self.fusion_blks, details[::-1], strict=True):
            larger = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
            x = block(torch.cat((detail, larger), dim=1))
        alpha: Tensor = self.matting_head["matting_convs"](x).sigmoid()
        return alpha


class Filter(nn.Module):
    """A convolution, its norm and a ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(1, inputs, h, w) → (1, outputs, h / stride, w / stride)."""
        return torch.relu(self.bn(self.conv(x)))
